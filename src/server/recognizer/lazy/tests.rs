use std::sync::mpsc;

use super::*;

/// Answers with the number of samples it was fed.
struct Counting;

struct Count(usize);

impl Recognizer for Counting {
    fn begin(&self) -> Box<dyn Utterance> {
        Box::new(Count(0))
    }
}

impl Utterance for Count {
    fn feed(&mut self, samples: &[i16]) {
        self.0 += samples.len();
    }

    fn finish(self: Box<Self>) -> Result<Heard, EngineError> {
        Ok(Heard { text: self.0.to_string(), confidence: None })
    }
}

#[test]
fn what_is_said_before_it_is_ready_is_not_lost() {
    let (ready, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let lazy = LazyRecognizer::new(Box::new(move || {
        wait.lock().expect("one thread").recv().expect("a sign");
        Ok(Arc::new(Counting))
    }));
    let mut utterance = lazy.begin();
    utterance.feed(&[0; 100]);
    utterance.feed(&[0; 20]);
    ready.send(()).expect("it waits");
    assert_eq!(utterance.finish().expect("heard").text, "120");
    let mut second = lazy.begin();
    second.feed(&[0; 7]);
    assert_eq!(second.finish().expect("heard").text, "7");
}

#[test]
fn what_cannot_be_had_is_told_with_each_utterance() {
    let lazy = LazyRecognizer::new(Box::new(|| Err(EngineError("install it".to_owned()))));
    for _ in 0..2 {
        assert_eq!(lazy.begin().finish(), Err(EngineError("install it".to_owned())));
    }
}
