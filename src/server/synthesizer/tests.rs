use super::stream::{LEAD, QUIET};
use super::*;
use crate::pcm;
use crate::server::engine::ENGINE_RATE;

fn say(synthesizer: &Espeak, text: &str, speed: f32) -> Result<Vec<i16>, EngineError> {
    let mut samples = Vec::new();
    let voice = Voice { name: "marin".to_owned(), speed };
    synthesizer.speak(text, &voice, &mut |piece| {
        samples.extend_from_slice(piece);
        ControlFlow::Continue(())
    })?;
    Ok(samples)
}

#[test]
fn a_sentence_is_spoken_from_its_first_moment() {
    let samples =
        say(&Espeak::new(), "Okay, I added buy groceries.", 1.0).expect("needs the package `espeak-ng`");
    let seconds = samples.len() as f32 / ENGINE_RATE as f32;
    assert!((1.0..4.0).contains(&seconds), "{seconds} s");
    assert!(pcm::rms(&samples) > 0.02, "{}", pcm::rms(&samples));
    assert!(pcm::peak(&samples[..2 * LEAD]) > QUIET, "it begins with silence");
}

#[test]
fn slower_is_longer() {
    let length = |speed| say(&Espeak::new(), "You have two tasks.", speed).expect("espeak-ng").len();
    assert!(length(0.5) > length(1.5) * 2);
}

#[test]
fn a_listener_who_has_enough_ends_it() {
    let mut pieces = 0;
    let long = "one two three four five six seven eight nine ten ".repeat(20);
    Espeak::new()
        .speak(&long, &Voice::default(), &mut |_| {
            pieces += 1;
            ControlFlow::Break(())
        })
        .expect("espeak-ng");
    assert_eq!(pieces, 1);
}

#[test]
fn a_missing_program_is_named_with_its_package() {
    let error = say(&Espeak::with_program("/nowhere/espeak-ng"), "hello", 1.0).expect_err("is missing");
    assert!(error.to_string().contains("install the package `espeak-ng`"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_program_that_speaks_no_wav_is_an_error() {
    let error = say(&Espeak::with_program("/bin/cat"), "hello", 1.0).expect_err("is no voice");
    assert!(error.to_string().contains("no sound"), "{error}");
}

#[test]
fn marks_and_escapes_are_not_read_out() {
    assert_eq!(speakable("**Buy** \u{1b}[31m_milk_\n[[x]]"), "Buy milk x");
    assert_eq!(speakable(" *** "), "");
}
