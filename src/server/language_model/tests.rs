use super::*;

#[test]
#[ignore]
fn out() {
    let t = std::time::Instant::now();
    let f = prepare(Path::new("/tmp/eng/cache"), Path::new("/usr/share/pocketsphinx/model/en-us/cmudict-en-us.dict"));
    println!("{f:?} {:?}", t.elapsed());
}
