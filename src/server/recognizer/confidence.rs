//! How sure the recognizer is of what it heard.

use pocketsphinx::Hypothesis;

/// 0 to 1: the geometric mean of the words' posterior probabilities. Nothing heard is nothing to be sure of.
pub(super) fn of(hypothesis: &Hypothesis) -> f32 {
    let count = hypothesis.words.len();
    if count == 0 {
        return 0.0;
    }
    let logs: f64 = hypothesis.words.iter().map(|word| word.probability.max(1e-6).ln()).sum();
    (logs / count as f64).exp() as f32
}
