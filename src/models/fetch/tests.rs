use super::*;
use crate::http::scripted::{Answer, Scripted};

const BODY: &[u8] = b"a model, all of it";

struct Stage {
    folder: tempfile::TempDir,
    server: Scripted,
}

impl Stage {
    fn new(answers: Vec<Answer>) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), server: Scripted::new(answers) }
    }

    fn fetch(&self) -> Result<PathBuf, FetchError> {
        fetch(
            &self.server.endpoint("/files/ggml-x.bin?download=true", None),
            &sum(),
            self.folder.path(),
            &mut |_| {},
        )
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.folder.path().join(name), bytes).unwrap();
    }

    /// The names of what is there now.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

fn sum() -> Checksum {
    let mut hasher = Checksum::Sha256(String::new()).hasher();
    hasher.update(BODY);
    hasher.finish()
}

fn whole() -> Answer {
    Answer::new("200 OK", "application/octet-stream", BODY)
}

#[test]
fn a_file_comes_whole_with_its_progress() {
    let stage = Stage::new(vec![whole()]);
    let endpoint = stage.server.endpoint("/ggml-x.bin", None);
    let mut last = None;
    let path = fetch(&endpoint, &sum(), stage.folder.path(), &mut |progress| last = Some(progress)).unwrap();
    assert_eq!(fs::read(&path).unwrap(), BODY);
    let length = BODY.len() as u64;
    assert_eq!(last, Some(Progress { done: length, total: Some(length) }));
    assert_eq!(stage.names(), ["ggml-x.bin"]);
    // It is not asked for again.
    assert_eq!(fetch(&endpoint, &sum(), stage.folder.path(), &mut |_| {}).unwrap(), path);
}

#[test]
fn an_interrupted_one_is_gone_on_with() {
    let cut = Answer::raw([b"HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n", &BODY[..7]].concat());
    let rest = Answer::new("206 Partial Content", "application/octet-stream", &BODY[7..]);
    let stage = Stage::new(vec![cut, rest]);
    let error = stage.fetch().unwrap_err();
    assert!(matches!(&error, FetchError::Network(_)) && error.to_string().contains("goes on"), "{error}");
    assert_eq!(stage.names(), ["ggml-x.bin.part"]);
    assert_eq!(fs::read(stage.fetch().unwrap()).unwrap(), BODY);
    stage.server.asked();
    assert!(stage.server.asked().head.to_lowercase().contains("range: bytes=7-"));
}

#[test]
fn a_server_that_cannot_go_on_begins_again() {
    let stage = Stage::new(vec![whole()]);
    stage.write("ggml-x.bin.part", b"something old and longer than it");
    assert_eq!(fs::read(stage.fetch().unwrap()).unwrap(), BODY);
    let stage = Stage::new(vec![Answer::new("416 Range", "text/plain", ""), whole()]);
    stage.write("ggml-x.bin.part", BODY);
    assert_eq!(fs::read(stage.fetch().unwrap()).unwrap(), BODY);
}

#[test]
fn a_wrong_file_is_thrown_away_and_told() {
    let stage = Stage::new(vec![Answer::new("200 OK", "text/html", "<html>sign in</html>")]);
    let error = stage.fetch().unwrap_err().to_string();
    assert!(error.contains("checksum sha256:") && error.contains("thrown away"), "{error}");
    assert_eq!(stage.names(), Vec::<String>::new());
}

#[test]
fn a_file_that_does_not_exist_is_told_and_leaves_nothing() {
    let stage = Stage::new(vec![Answer::new("404 Not Found", "text/html", "<html>")]);
    let error = stage.fetch().unwrap_err().to_string();
    assert!(error.contains("there is no such file at"), "{error}");
    assert_eq!(stage.names(), Vec::<String>::new());
}

#[test]
fn one_that_is_there_but_wrong_is_replaced() {
    let stage = Stage::new(vec![whole()]);
    stage.write("ggml-x.bin", b"half of it");
    assert_eq!(fs::read(stage.fetch().unwrap()).unwrap(), BODY);
}

#[test]
fn two_at_once_do_not_mix() {
    let stage = Stage::new(vec![]);
    let other = File::create(stage.folder.path().join("ggml-x.bin.part")).unwrap();
    other.lock().unwrap();
    assert!(matches!(stage.fetch(), Err(FetchError::Busy(_))));
}

#[test]
fn a_redirect_is_followed_where_no_key_is_shown() {
    let target = Scripted::new(vec![whole()]);
    let place = target.endpoint("/cdn/0123", None).url;
    let redirect =
        format!("HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let stage = Stage::new(vec![Answer::raw(redirect)]);
    assert!(stage.fetch().unwrap().ends_with("ggml-x.bin"));
}

#[test]
fn a_full_disk_and_a_name_that_is_none_are_told() {
    let full = on_disk(Path::new("/x"), &io::Error::from(io::ErrorKind::StorageFull)).to_string();
    assert!(full.contains("the disk is full"), "{full}");
    let server = Scripted::new(vec![]);
    for path in ["/", "/files/", "/.hidden", "/a%2Fb"] {
        let endpoint = server.endpoint(path, None);
        let error = fetch(&endpoint, &sum(), Path::new("/nowhere"), &mut |_| {}).unwrap_err();
        assert!(matches!(error, FetchError::Name), "{path}: {error}");
    }
}
