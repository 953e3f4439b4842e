use std::os::unix::fs::PermissionsExt as _;

use super::*;

fn script(folder: &Path, text: &str) -> PathBuf {
    let (new, program) = (folder.join("new"), folder.join("say"));
    std::fs::write(&new, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o700)).unwrap();
    // By a process of its own: a program that any child of ours still holds open cannot be started.
    assert!(std::process::Command::new("cp").arg("-p").args([&new, &program]).status().unwrap().success());
    program
}

#[test]
fn a_sentence_comes_from_the_file_that_say_wrote_and_is_gone_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 22_050,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(folder.path().join("hello.wav"), spec).unwrap();
    (0..22_050).for_each(|_| wav.write_sample(9_000_i16).unwrap());
    wav.finalize().unwrap();
    // Its last argument is the file.
    let program = script(
        folder.path(),
        "cd \"$(dirname \"$0\")\"; cat > text; echo \"$@\" > arguments; for f; do :; done; cp hello.wav \"$f\"",
    );
    let cache = folder.path().join("cache");
    let mut samples = 0;
    Say::with_program(program, &cache)
        .speak("Hello.", &Voice { speed: 1.2, ..Voice::default() }, &mut |piece| {
            samples += piece.len();
            ControlFlow::Continue(())
        })
        .unwrap();
    assert!((23_800..24_200).contains(&samples), "{samples}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("text"), "Hello.");
    assert!(read("arguments").contains("-r 210 -o "), "{}", read("arguments"));
    assert_eq!(std::fs::read_dir(cache).unwrap().count(), 0);
}

#[test]
fn a_say_that_fails_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let program = script(folder.path(), "exit 3");
    let say = Say::with_program(program, folder.path());
    let error = say.speak("Hello.", &Voice::default(), &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(error.0.contains("try `say hello`"), "{error}");
}
