//! Sentences spoken by programs.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::pcm::{f32_to_i16, i16_to_f32};
use crate::resample::resample_clip;
use crate::server::engine::ENGINE_RATE;

/// Before and after the speech, as a voice detector leaves it.
const BEFORE: usize = ENGINE_RATE as usize * 3 / 10;
const AFTER: usize = ENGINE_RATE as usize / 2;

/// `voice` is `PROGRAM/VOICE`. At the engine's rate, with the silence around it that a voice detector leaves.
pub(super) fn speech(voice: &str, text: &str, folder: &Path) -> Vec<i16> {
    let file = folder.join(format!("{}-{}.wav", voice.replace('/', "-"), text.replace([' ', '\''], "_")));
    if !file.is_file() {
        let unfinished = file.with_extension("part");
        speak(voice, text, &unfinished);
        fs::rename(&unfinished, &file).expect("written");
    }
    let mut reader = hound::WavReader::open(&file).expect("a wav file");
    let samples: Vec<f32> = reader.samples::<i16>().map(|s| i16_to_f32(s.expect("a sample"))).collect();
    let samples = resample_clip(&samples, reader.spec().sample_rate, ENGINE_RATE);
    let mut clip = vec![0_i16; BEFORE];
    clip.extend(samples.iter().map(|&x| f32_to_i16(x)));
    clip.resize(clip.len() + AFTER, 0);
    clip
}

fn speak(voice: &str, text: &str, file: &Path) {
    let (program, voice) = voice.split_once('/').expect("program/voice");
    let mut command = match program {
        "espeak-ng" => Command::new(program),
        "flite" => Command::new(program),
        "festival" => Command::new("text2wave"),
        other => panic!("no such synthesizer: {other}"),
    };
    match program {
        "espeak-ng" => command.args(["-v", voice, "-w"]).arg(file).arg(text),
        "flite" => command.args(["-voice", voice, "-t", text, "-o"]).arg(file),
        _ => command.args(["-eval", &format!("(voice_{voice})"), "-o"]).arg(file),
    };
    let mut child = command
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|e| panic!("needs `{program}`, see `make accuracy`: {e}"));
    writeln!(child.stdin.take().expect("piped"), "{text}").ok();
    assert!(child.wait().expect("ends").success(), "{program} failed");
}
