//! iCalendar (RFC 5545), a VTODO for each task.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use uuid::Uuid;

use super::{Lost, Parsed, Source, Written, note_common_losses};
use crate::tasks::recur::{Rule, Unit};
use crate::tasks::task::{Note, Priority, Status, Task};
use crate::tasks::when;
use crate::text::Clean;

/// In octets, without the line's end; section 3.1.
const MAX_LINE: usize = 75;
const UTC: &str = "%Y%m%dT%H%M%SZ";
const PROJECT: &str = "X-REALTIME-CLI-PROJECT";
const WAIT: &str = "X-REALTIME-CLI-WAIT";

pub(super) fn write(tasks: &[Task], now: &Zoned) -> Written {
    let mut out = Written::default();
    let head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//realtime-cli//tasks//EN"];
    head.iter().for_each(|line| fold(line, &mut out.text));
    for task in tasks {
        if task.status == Status::Recurring {
            out.lost.note("templates", true);
            continue;
        }
        todo(task, now).iter().for_each(|line| fold(line, &mut out.text));
        note_losses(task, &mut out.lost);
    }
    fold("END:VCALENDAR", &mut out.text);
    out
}

fn note_losses(task: &Task, lost: &mut Lost) {
    lost.note("until", task.until.is_some());
    lost.note("times of notes", !task.notes.is_empty());
    lost.note("repetition", task.recur.as_deref().is_some_and(|recur| Rule::parse(recur).is_none()));
    lost.note("signs in titles", clean(&task.title) != task.title);
    note_common_losses(lost, task);
}

fn todo(task: &Task, now: &Zoned) -> Vec<String> {
    let stamp = task.modified.or(task.entry).unwrap_or(now.timestamp());
    let mut lines = vec![
        "BEGIN:VTODO".to_owned(),
        format!("UID:{}", task.uuid),
        format!("DTSTAMP:{}", utc(stamp)),
        format!("SUMMARY:{}", escape(&task.title)),
    ];
    let status = match task.status {
        Status::Completed => "COMPLETED",
        Status::Deleted => "CANCELLED",
        _ if task.is_active() => "IN-PROCESS",
        _ => "NEEDS-ACTION",
    };
    lines.push(format!("STATUS:{status}"));
    let times = [
        ("CREATED", task.entry),
        ("LAST-MODIFIED", task.modified),
        ("COMPLETED", task.end.filter(|_| task.status == Status::Completed)),
        (WAIT, task.wait),
    ];
    lines.extend(times.into_iter().filter_map(|(name, time)| Some(format!("{name}:{}", utc(time?)))));
    let dates = [("DTSTART", task.scheduled), ("DUE", task.due)];
    // Section 3.8.2.3: of these two, either both are days or none is.
    let is_day = |time: Timestamp| when::is_date_only(&time.to_zoned(now.time_zone().clone()));
    let are_days = dates.iter().filter_map(|(_, time)| *time).all(is_day);
    for (name, time) in dates {
        lines.extend(
            time.map(|time| if are_days { day(name, time, now) } else { format!("{name}:{}", utc(time)) }),
        );
    }
    lines.extend(task.priority.map(|priority| match priority {
        Priority::High => "PRIORITY:1".to_owned(),
        Priority::Medium => "PRIORITY:5".to_owned(),
        Priority::Low => "PRIORITY:9".to_owned(),
    }));
    if !task.tags.is_empty() {
        let tags: Vec<_> = task.tags.iter().map(|tag| escape(tag)).collect();
        lines.push(format!("CATEGORIES:{}", tags.join(",")));
    }
    lines.extend(task.project.as_ref().map(|project| format!("{PROJECT}:{}", escape(project))));
    lines.extend(task.depends.iter().map(|uuid| format!("RELATED-TO;RELTYPE=DEPENDS-ON:{uuid}")));
    lines.extend(task.recur.as_deref().and_then(Rule::parse).map(|rule| format!("RRULE:{}", rrule(rule))));
    if !task.notes.is_empty() {
        lines.push(format!("DESCRIPTION:{}", escape(&description(task))));
    }
    if let Some(remind) = task.remind {
        let alarm = ["BEGIN:VALARM".to_owned(), "ACTION:DISPLAY".to_owned()];
        lines.extend(alarm);
        lines.push(format!("TRIGGER;VALUE=DATE-TIME:{}", utc(remind)));
        lines.push(format!("DESCRIPTION:{}", escape(&task.title)));
        lines.push("END:VALARM".to_owned());
    }
    lines.push("END:VTODO".to_owned());
    lines
}

fn description(task: &Task) -> String {
    let texts: Vec<_> = task.notes.iter().map(|note| note.text.as_str()).collect();
    texts.join("\n")
}

fn utc(time: Timestamp) -> String {
    time.strftime(UTC).to_string()
}

fn day(name: &str, time: Timestamp, now: &Zoned) -> String {
    format!("{name};VALUE=DATE:{}", time.to_zoned(now.time_zone().clone()).strftime("%Y%m%d"))
}

fn rrule(rule: Rule) -> String {
    let (every, unit) = rule.parts();
    let frequency = match unit {
        Unit::Hour => "HOURLY",
        Unit::Day => "DAILY",
        Unit::Weekday => return "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR".to_owned(),
        Unit::Week => "WEEKLY",
        Unit::Month if every.is_multiple_of(12) => return with_interval("YEARLY", every / 12),
        Unit::Month => "MONTHLY",
    };
    with_interval(frequency, every)
}

fn with_interval(frequency: &str, every: u32) -> String {
    if every == 1 { format!("FREQ={frequency}") } else { format!("FREQ={frequency};INTERVAL={every}") }
}

fn clean(text: &str) -> String {
    Clean::new(text).into_string()
}

/// Section 3.3.11; control characters are not allowed at all.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            _ => escaped.push(c),
        }
    }
    escaped
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('n' | 'N') => plain.push('\n'),
            Some(other) => plain.push(other),
            None => plain.push('\\'),
        }
    }
    plain
}

/// A line and its end; no character is cut.
fn fold(line: &str, out: &mut String) {
    let mut used = 0;
    for c in line.chars() {
        if used + c.len_utf8() > MAX_LINE {
            out.push_str("\r\n ");
            used = 1;
        }
        out.push(c);
        used += c.len_utf8();
    }
    out.push_str("\r\n");
}

/// `NAME;KEY=VALUE:value`, with the number of the line at which it begins.
struct Line {
    place: usize,
    name: String,
    parameters: Vec<(String, String)>,
    value: String,
}

impl Line {
    fn parameter(&self, key: &str) -> Option<&str> {
        self.parameters.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    fn parse(place: usize, text: &str) -> Option<Self> {
        let mut in_quotes = false;
        let colon = text.char_indices().find(|(_, c)| {
            in_quotes ^= *c == '"';
            *c == ':' && !in_quotes
        });
        let (head, value) = (&text[..colon?.0], &text[colon?.0 + 1..]);
        let mut parts = head.split(';');
        let name = parts.next()?.trim().to_uppercase();
        let parameter = |part: &str| {
            let (key, value) = part.split_once('=')?;
            Some((key.to_uppercase(), value.trim_matches('"').to_owned()))
        };
        Some(Self { place, name, parameters: parts.filter_map(parameter).collect(), value: value.to_owned() })
    }
}

fn unfold(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some((_, last))) => last.push_str(rest),
            _ if line.is_empty() => {}
            _ => lines.push((index + 1, line.to_owned())),
        }
    }
    lines
}

pub(super) fn read(text: &str, source: &mut Source<'_>) -> Parsed {
    let mut parsed = Parsed::default();
    let mut component: Option<Vec<Line>> = None;
    let mut inner: Vec<String> = Vec::new();
    for (place, line) in unfold(text) {
        let Some(line) = Line::parse(place, &line) else {
            parsed.fail(place, "not `NAME:value`");
            continue;
        };
        let value = line.value.trim().to_uppercase();
        match (line.name.as_str(), &mut component) {
            ("BEGIN", None) if value == "VTODO" => component = Some(vec![line]),
            ("BEGIN", None) if matches!(value.as_str(), "VEVENT" | "VJOURNAL") => {
                parsed.lost.note(&format!("{value}, which is no task"), true);
            }
            ("BEGIN", Some(_)) => inner.push(value),
            ("END", Some(lines)) if inner.is_empty() => {
                let place = lines[0].place;
                let task = task(lines, source, &mut parsed.lost);
                parsed.take(place, task);
                component = None;
            }
            ("END", Some(_)) => drop(inner.pop()),
            ("TRIGGER", Some(lines)) if inner.last().is_some_and(|name| name == "VALARM") => lines.push(line),
            (_, Some(lines)) if inner.is_empty() => lines.push(line),
            _ => {}
        }
    }
    if let Some(lines) = component {
        parsed.fail(lines[0].place, "`END:VTODO` is missing");
    }
    parsed
}

fn task(lines: &[Line], source: &mut Source<'_>, lost: &mut Lost) -> Result<Task, String> {
    let find = |name: &str| lines.iter().find(|line| line.name == name);
    let uid = find("UID").map(|line| line.value.trim());
    let uuid = uid.and_then(|uid| uid.parse::<Uuid>().ok());
    let now = source.now.clone();
    let mut task = source.base(uuid);
    task.title = unescape(&find("SUMMARY").ok_or("`SUMMARY` is missing")?.value);
    // What the format holds is taken over, and with it what is missing in the file.
    let time = |name: &str| find(name).map(|line| instant(line, &now)).transpose();
    task.due = time("DUE")?;
    task.scheduled = time("DTSTART")?;
    task.wait = time(WAIT)?;
    task.entry = time("CREATED")?.or(task.entry);
    task.modified = time("LAST-MODIFIED")?.or(task.modified);
    let end = time("COMPLETED")?;
    let status = find("STATUS").map(|line| line.value.trim().to_uppercase());
    task.status = match status.as_deref() {
        Some("COMPLETED") => Status::Completed,
        None if end.is_some() => Status::Completed,
        Some("CANCELLED") => Status::Deleted,
        _ => Status::Pending,
    };
    task.end = match task.status {
        Status::Completed => end.or(task.end).or(Some(source.second())),
        Status::Deleted => task.end.or(Some(source.second())),
        _ => None,
    };
    task.priority = find("PRIORITY").and_then(|line| priority(&line.value));
    task.project = find(PROJECT).map(|line| unescape(&line.value));
    let categories = lines.iter().filter(|line| line.name == "CATEGORIES");
    task.tags =
        categories.flat_map(|line| split(&line.value)).filter_map(|tag| crate::tasks::tag(&tag)).collect();
    task.tags.sort_unstable();
    task.tags.dedup();
    let related = lines.iter().filter(|line| line.name == "RELATED-TO");
    let related = related.filter(|line| line.parameter("RELTYPE") == Some("DEPENDS-ON"));
    task.depends = related.filter_map(|line| line.value.trim().parse().ok()).collect();
    task.depends.sort_unstable();
    set_rule(&mut task, find("RRULE"), lost);
    let text = find("DESCRIPTION").map(|line| unescape(&line.value)).filter(|text| !text.trim().is_empty());
    if text.as_deref().unwrap_or_default() != description(&task) {
        task.notes = text.map(|text| Note { time: source.second(), text }).into_iter().collect();
    }
    task.remind = find("TRIGGER").and_then(|line| trigger(line, &task, &now));
    lost.note("alarms", find("TRIGGER").is_some() && task.remind.is_none());
    Ok(task)
}

fn set_rule(task: &mut Task, line: Option<&Line>, lost: &mut Lost) {
    let before = task.recur.as_deref().and_then(Rule::parse);
    let rule = line.and_then(|line| parse_rrule(&line.value));
    lost.note("repetition", line.is_some() && rule.is_none());
    // The same rule stays as it was, with its template.
    if rule != before {
        task.recur = rule.map(Rule::as_recur);
        task.parent = None;
        ["imask", "mask", "rtype"].iter().for_each(|name| drop(task.others.remove(*name)));
    }
}

/// Only what means the same as a rule of ours: no end, and no days of its own but weekdays.
fn parse_rrule(text: &str) -> Option<Rule> {
    let (mut frequency, mut every, mut days) = (String::new(), 1, None);
    for part in text.trim().split(';') {
        let (key, value) = part.split_once('=')?;
        match key.to_uppercase().as_str() {
            "FREQ" => frequency = value.to_uppercase(),
            "INTERVAL" => every = value.parse().ok()?,
            "BYDAY" => days = Some(value.to_uppercase()),
            "WKST" => {}
            _ => return None,
        }
    }
    match (frequency.as_str(), days.as_deref()) {
        ("WEEKLY" | "DAILY", Some("MO,TU,WE,TH,FR")) if every == 1 => Some(Rule::WEEKDAYS),
        // A weekly rule on one day is a weekly rule from a day on.
        ("WEEKLY", Some(day)) if day.len() == 2 => Rule::new(every, Unit::Week),
        (_, Some(_)) => None,
        ("HOURLY", None) => Rule::new(every, Unit::Hour),
        ("DAILY", None) => Rule::new(every, Unit::Day),
        ("WEEKLY", None) => Rule::new(every, Unit::Week),
        ("MONTHLY", None) => Rule::new(every, Unit::Month),
        ("YEARLY", None) => Rule::new(every.checked_mul(12)?, Unit::Month),
        _ => None,
    }
}

/// At commas that are not escaped.
fn split(text: &str) -> Vec<String> {
    let (mut parts, mut part, mut is_escaped) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        if c == ',' && !is_escaped {
            parts.push(unescape(&std::mem::take(&mut part)));
            continue;
        }
        is_escaped = c == '\\' && !is_escaped;
        part.push(c);
    }
    parts.push(unescape(&part));
    parts
}

/// 1 to 4 is high, 5 medium, 6 to 9 low, 0 none; section 3.8.1.9.
fn priority(value: &str) -> Option<Priority> {
    match value.trim().parse().ok()? {
        1..=4 => Some(Priority::High),
        5 => Some(Priority::Medium),
        6..=9 => Some(Priority::Low),
        _ => None,
    }
}

/// A day, a time in UTC, one in a zone that the line names, or else one where the person is.
fn instant(line: &Line, now: &Zoned) -> Result<Timestamp, String> {
    let text = line.value.trim();
    let bad = || format!("`{}` is no time: `{text}`", line.name);
    let zone = line.parameter("TZID").and_then(|name| TimeZone::get(name).ok());
    let zone = zone.unwrap_or_else(|| now.time_zone().clone());
    let time = if let Ok(date) = Date::strptime("%Y%m%d", text) {
        date.to_zoned(now.time_zone().clone())
    } else if let Ok(time) = DateTime::strptime(UTC, text) {
        time.to_zoned(TimeZone::UTC)
    } else {
        DateTime::strptime("%Y%m%dT%H%M%S", text).map_err(|_| bad())?.to_zoned(zone)
    };
    time.map(|time| time.timestamp()).map_err(|_| bad())
}

/// A moment, or how long before or after the task is due or begins.
fn trigger(line: &Line, task: &Task, now: &Zoned) -> Option<Timestamp> {
    if line.parameter("VALUE") == Some("DATE-TIME") {
        return instant(line, now).ok();
    }
    let span: jiff::Span = line.value.trim().parse().ok()?;
    let is_to_start = line.parameter("RELATED") != Some("END") && task.scheduled.is_some();
    let from = if is_to_start { task.scheduled? } else { task.due? };
    Some(from.to_zoned(now.time_zone().clone()).checked_add(span).ok()?.timestamp())
}
