//! Spoken conversations, with WAV files in place of the devices.

use crate::program::{Program, demo, json_lines};

#[test]
fn a_recording_makes_a_task_and_gets_a_spoken_answer() {
    let program = Program::new();
    a_task_and_a_spoken_answer(&program, "pcm");
    assert_eq!(program.status_of("buy groceries"), "pending");
}

#[test]
fn in_telephone_quality_too() {
    a_task_and_a_spoken_answer(&Program::new(), "g711_ulaw");
}

fn a_task_and_a_spoken_answer(program: &Program, format: &str) {
    let format = format!("session.audio_format={format}");
    let log = program.file("log.jsonl").to_string_lossy().into_owned();
    let answer = program.file("answer.wav").to_string_lossy().into_owned();
    let (question, data) = (demo("buy-groceries"), program.data_dir());
    let args = [
        "--offline",
        "--set",
        &format,
        "--log",
        &log,
        "--audio-in",
        &question,
        "--audio-out",
        &answer,
        "--fast",
        "--json",
        "--data-dir",
        &data,
    ];
    let output = program.run(&args, "");
    assert!(output.status.success(), "{output:?}");
    let lines = json_lines(&output.stdout);
    let log = std::fs::read_to_string(&log).expect("a log");
    assert_eq!(log.contains("audio/pcmu"), format.ends_with("ulaw"));
    let find =
        |kind: &str| lines.iter().find(|l| l["type"] == kind).unwrap_or_else(|| panic!("{kind}: {lines:?}"));
    assert!(find("user")["text"].as_str().expect("text").to_lowercase().contains("groceries"), "{lines:?}");
    assert_eq!(find("tool_call")["name"], "create_task");
    assert!(find("assistant")["text"].as_str().expect("text").contains("groceries"), "{lines:?}");

    let sound: Vec<i16> = hound::WavReader::open(&answer)
        .expect("a WAV file")
        .into_samples()
        .map(|s| s.expect("a sample"))
        .collect();
    let loud = sound.iter().filter(|s| s.unsigned_abs() > 1000).count();
    assert!(loud > 4000, "{loud} loud samples of {}", sound.len());
}

#[test]
fn a_recording_that_is_not_there_is_named() {
    let program = Program::new();
    let output = program.run(&["--offline", "--audio-in", "/nowhere/x.wav", "--json"], "");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nowhere/x.wav"), "{output:?}");
}

#[cfg(unix)]
#[test]
fn without_a_voice_the_answer_is_written_and_the_cure_is_told() {
    let program = Program::new();
    let bin = program.file("bin");
    std::fs::create_dir(&bin).expect("made");
    let (question, data) = (demo("buy-groceries"), program.data_dir());
    let output = program
        .command(&["--offline", "--audio-in", &question, "--fast", "--json", "--data-dir", &data])
        .env("PATH", &bin)
        .stdin(std::process::Stdio::null())
        .output()
        .expect("runs");
    assert!(output.status.success(), "{output:?}");
    let lines = json_lines(&output.stdout);
    assert!(
        lines
            .iter()
            .any(|l| l["type"] == "notice" && l["text"].as_str().is_some_and(|t| t.contains("espeak-ng")))
    );
    assert!(
        lines
            .iter()
            .any(|l| l["type"] == "assistant" && l["text"].as_str().is_some_and(|t| t.contains("groceries")))
    );
}
