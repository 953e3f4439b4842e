//! How well what was said fits a title: each rule gives points, or nothing where it does not apply.

use super::super::task::Task;
use super::words;

/// A title with its telling words.
pub(super) type Titled<'a> = (&'a Task, Vec<String>);

/// The tasks with the most points; several where the next best is too close to the best.
pub(super) fn best<'a>(
    titles: &[Titled<'a>],
    points: impl Fn(&Task, &[String]) -> Option<f64>,
) -> Vec<&'a Task> {
    const CLOSE: f64 = 0.05;
    let mut scored = scored(titles, points);
    let best = scored.first().map_or(0.0, |(points, _)| *points);
    scored.retain(|(points, _)| *points > best - CLOSE);
    scored.into_iter().map(|(_, task)| task).collect()
}

/// All tasks with points, those with the most first.
pub(super) fn ranked<'a>(
    titles: &[Titled<'a>],
    points: impl Fn(&Task, &[String]) -> Option<f64>,
) -> Vec<&'a Task> {
    scored(titles, points).into_iter().map(|(_, task)| task).collect()
}

fn scored<'a>(
    titles: &[Titled<'a>],
    points: impl Fn(&Task, &[String]) -> Option<f64>,
) -> Vec<(f64, &'a Task)> {
    let score = |(task, title): &Titled<'a>| Some((points(task, title)?, *task));
    let mut scored: Vec<_> = titles.iter().filter_map(score).collect();
    scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    scored
}

/// Every word that was said is in the title, light ones excepted. Titles without further words are better, so that
/// `buy milk` is not `buy milk for mom`; how many further words there are says nothing.
pub(super) fn says_all(said: &[String], _: &Task, title: &[String]) -> Option<f64> {
    let is_fit = said.iter().all(|word| title.contains(word) || words::is_light(word));
    let is_any = said.iter().any(|word| title.contains(word));
    let is_whole = title.iter().all(|word| said.contains(word));
    (is_fit && is_any).then_some(if is_whole { 1.0 } else { 0.5 })
}

/// Every word of the title was said, with more around it: `buying the groceries` is `groceries`. Longer titles are
/// better. Not by verbs alone: `call` is not `call mom`; nor by a small part of what was said.
pub(super) fn is_contained(said: &[String], _: &Task, title: &[String]) -> Option<f64> {
    let is_fit = !title.is_empty() && title.iter().all(|word| said.contains(word) || words::is_light(word));
    let is_telling = title.iter().any(|word| said.contains(word) && !words::is_verb(word));
    let is_much = 2 * title.len() >= said.len();
    (is_fit && is_telling && is_much).then_some(title.len() as f64)
}

/// Every word that was said is in the project or a tag: `the work task`.
pub(super) fn is_labelled(said: &[String], task: &Task, title: &[String]) -> Option<f64> {
    let labels = task.tags.iter().chain(&task.project);
    let labels: Vec<_> = labels.flat_map(|label| words::stems(label)).collect();
    let is_fit = said.iter().all(|word| labels.contains(word) || title.contains(word));
    is_fit.then_some(1.0)
}

/// Every word that was said is in the title or sounds much like a word there. Speech recognition writes `dentest`,
/// and also `den tist`; the whole is only compared for words run together or apart, as `call tom` is not `call mom`.
pub(super) fn sounds_like(said: &[String], title: &[String]) -> Option<f64> {
    let by_word = said
        .iter()
        .filter(|word| !words::is_light(word) || title.contains(word))
        .map(|word| title.iter().map(|other| similarity(word, other)).fold(0.0, f64::max))
        .fold(None, |least: Option<f64>, points| Some(least.map_or(points, |least| least.min(points))));
    let is_any = |points: &f64| *points > 0.0;
    let is_split = said.len() != title.len();
    let joined = if is_split { similarity(&said.concat(), &title.concat()) } else { 0.0 };
    by_word.filter(is_any).or(Some(joined).filter(is_any))
}

/// What was said shares telling words with the title.
pub(super) fn overlaps(said: &[String], title: &[String]) -> Option<f64> {
    let telling = said.iter().filter(|word| !words::is_verb(word));
    let points: f64 =
        telling.map(|word| title.iter().map(|other| likeness(word, other)).fold(0.0, f64::max)).sum();
    (points > 0.0).then_some(points)
}

/// 1 for the same, nothing for other words; between them, one slip in five letters or two in nine.
fn similarity(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    let length = a.chars().count().min(b.chars().count());
    let allowed = match length {
        0..5 => return 0.0,
        5..9 => 1,
        _ => 2,
    };
    let slips = strsim::osa_distance(a, b);
    if slips > allowed { 0.0 } else { 1.0 - slips as f64 / length as f64 }
}

/// As [`similarity`], for a question: nearly any resemblance is worth to be asked about.
fn likeness(a: &str, b: &str) -> f64 {
    let likeness = strsim::normalized_damerau_levenshtein(a, b);
    if likeness >= 0.65 { likeness } else { 0.0 }
}
