use super::*;
use crate::http::scripted::{Answer, Scripted};

const PATH: &str = "/v1/audio/speech";

fn speak(server: &Scripted, voice: &str) -> Result<usize, EngineError> {
    let remote = RemoteVoice::new(server.endpoint(PATH, None), "kokoro", voice);
    let mut samples = 0;
    remote.speak("Buy *milk*.", &Voice { name: "marin".to_owned(), speed: 1.25 }, &mut |piece| {
        samples += piece.len();
        ControlFlow::Continue(())
    })?;
    Ok(samples)
}

fn loud(samples: usize) -> Vec<u8> {
    9_000_i16.to_le_bytes().repeat(samples)
}

fn wav(rate: u32, samples: usize) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    (0..samples).for_each(|_| writer.write_sample(9_000_i16).unwrap());
    writer.finalize().unwrap();
    bytes.into_inner()
}

#[test]
fn samples_are_handed_out_as_they_arrive() {
    let server = Scripted::new(vec![Answer::new("200 OK", "audio/pcm", loud(24_000))]);
    assert_eq!(speak(&server, ""), Ok(24_000));
    let asked = server.asked().json();
    assert_eq!(asked["input"], "Buy milk .");
    assert_eq!((&asked["voice"], &asked["response_format"]), (&json!("marin"), &json!("pcm")));
    assert_eq!((&asked["model"], &asked["speed"]), (&json!("kokoro"), &json!(1.25)));
}

#[test]
fn a_wav_file_of_any_rate_will_do_whatever_was_asked_for() {
    let server = Scripted::new(vec![Answer::new("200 OK", "audio/wav", wav(16_000, 16_000))]);
    let samples = speak(&server, "af_heart").unwrap();
    assert!((23_800..24_200).contains(&samples), "{samples}");
    assert_eq!(server.asked().json()["voice"], "af_heart");
}

#[test]
fn a_server_that_has_no_raw_samples_is_asked_for_a_file_from_then_on() {
    let server = Scripted::new(vec![
        Answer::json("422 No", r#"{"detail":"response_format must be wav"}"#),
        Answer::new("200 OK", "audio/wav", wav(24_000, 2_400)),
        Answer::new("200 OK", "audio/wav", wav(24_000, 2_400)),
    ]);
    let remote = RemoteVoice::new(server.endpoint(PATH, None), "m", "v");
    for _ in 0..2 {
        remote.speak("Hello", &Voice::default(), &mut |_| ControlFlow::Continue(())).unwrap();
    }
    let formats: Vec<_> = (0..3).map(|_| server.asked().json()["response_format"].clone()).collect();
    assert_eq!(formats, ["pcm", "wav", "wav"]);
}

#[test]
fn a_sample_that_is_cut_in_two_is_put_together() {
    let bytes = loud(100);
    for size in [1, 3, 7] {
        let mut sound = Sound::default();
        let mut samples = 0;
        for part in bytes.chunks(size) {
            samples += sound.push(part).len();
        }
        samples += sound.finish().len();
        assert_eq!(samples, 100, "in pieces of {size}");
    }
}

#[test]
fn what_is_no_sound_is_an_error_with_its_cure() {
    for (answer, words) in [
        (Answer::new("200 OK", "text/html", "<html>"), "gave no sound"),
        (Answer::json("200 OK", r#"{"error":"busy"}"#), "gave no sound"),
        (
            Answer::new("200 OK", "audio/wav", b"RIFF1234WAVEfmt \x10\0\0\0\x03\0\x02\0aaaabbbb\0\0\0\0"),
            "no sound",
        ),
        (Answer::json("404 Not Found", r#"{"detail":"Model kokoro not found"}"#), "has no model `kokoro`"),
        (Answer::json("401 No", "{}"), "REALTIME_CLI_SPEECH_KEY"),
    ] {
        let error = speak(&Scripted::new(vec![answer]), "v").unwrap_err();
        assert!(error.0.contains(words), "{error}");
    }
}

#[test]
fn a_listener_who_has_enough_ends_it_even_while_the_server_is_silent() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: audio/pcm\r\nContent-Length: 99999\r\n\r\n";
    let server = Scripted::new(vec![Answer::raw([head.as_bytes(), &loud(1_000)].concat()).then_hangs()]);
    let remote = RemoteVoice::new(server.endpoint(PATH, None), "m", "v");
    let mut samples = 0;
    let end = remote.speak("Hello", &Voice::default(), &mut |piece| {
        samples += piece.len();
        if piece.is_empty() && samples > 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!((end, samples), (Ok(()), 1_000));
    server.client_has_gone();
}
