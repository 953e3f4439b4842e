use super::*;
use crate::http::scripted::{Answer, Scripted};

const PATH: &str = "/v1/audio/transcriptions";

fn hear(server: &Scripted, samples: usize) -> Result<Heard, EngineError> {
    let recognizer = RemoteRecognizer::new(server.endpoint(PATH, Some("sk-t")), "whisper-1", Some("en"));
    let mut utterance = recognizer.begin();
    let sound: Vec<i16> = (0..samples).map(|i| if i % 40 < 20 { 8_000 } else { -8_000 }).collect();
    sound.chunks(480).for_each(|samples| utterance.feed(samples));
    utterance.finish()
}

#[test]
fn an_utterance_is_sent_as_a_file_when_it_is_over() {
    let server = Scripted::new(vec![Answer::json("200 OK", r#"{"text":" Buy milk.\n"}"#)]);
    let heard = hear(&server, ENGINE_RATE as usize / 2).unwrap();
    assert_eq!(heard.text, "Buy milk.");
    let asked = server.asked();
    assert!(asked.head.starts_with("POST /v1/audio/transcriptions "), "{}", asked.head);
    assert!(asked.head.to_lowercase().contains("authorization: bearer sk-t"));
    let body = String::from_utf8_lossy(&asked.body);
    for field in ["name=\"model\"\r\n\r\nwhisper-1\r\n", "name=\"language\"\r\n\r\nen\r\n", "filename="] {
        assert!(body.contains(field), "{field}");
    }
    let at = asked.body.windows(4).position(|bytes| bytes == b"RIFF").expect("a WAV file");
    let mut file = hound::WavReader::new(&asked.body[at..]).unwrap();
    assert_eq!((file.spec().sample_rate, file.spec().channels), (16_000, 1));
    let samples: Vec<i16> = file.samples().map(Result::unwrap).collect();
    assert!((7_900..8_200).contains(&samples.len()), "{}", samples.len());
    assert!(crate::pcm::rms(&samples) > 0.1);
}

#[test]
fn a_click_is_not_worth_a_request() {
    let server = Scripted::new(vec![]);
    assert_eq!(hear(&server, 1_000), Ok(Heard::default()));
}

#[test]
fn what_the_server_says_instead_of_words_is_told() {
    for (answer, words) in [
        (Answer::json("401 No", r#"{"error":{"message":"Invalid key"}}"#), "REALTIME_CLI_TRANSCRIPTION_KEY"),
        (Answer::json("200 OK", r#"{"error":"failed to read audio"}"#), "failed to read audio"),
        (Answer::new("404 Not Found", "text/html", "<html>"), "offline.transcription_url"),
        (Answer::raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), "broke off"),
    ] {
        let error = hear(&Scripted::new(vec![answer]), 24_000).unwrap_err();
        assert!(error.0.contains(words), "{error}");
    }
}
