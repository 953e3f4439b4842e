//! What repeats: a template, and the instances that are made from it. See [`super::recur`] for why.

use std::collections::HashSet;

use jiff::{Timestamp, Zoned};
use taskchampion::Error;
use taskchampion::storage::TaskMap;
use uuid::Uuid;

use super::record::{self, REMIND, REMIND_BEFORE, REMINDED, TRACKED, set};
use super::recur::Rule;
use super::task::{Changes, Next, Status, Task};
use super::transaction::{Transaction, fresh};
use super::urgency;

/// More dates that are over, one after the other, are no series that anybody keeps.
const MOST_SKIPPED: u32 = 20_000;
/// Of an instance alone: a template begins without.
const OWN: &[&str] = &["imask", "parent", "start", "end", "mask", REMIND, REMIND_BEFORE, REMINDED, TRACKED];

/// The letters of a mask.
const OPEN: char = '-';
const DONE: char = '+';
const DROPPED: char = 'X';

impl Transaction<'_> {
    /// What a change of one task means for what it is an instance of, and what comes next.
    pub(super) async fn follow(
        &mut self,
        before: &Task,
        changes: &Changes,
        now: &Zoned,
    ) -> Result<Option<Next>, Error> {
        if let Some(rule) = changes.repeat {
            self.repeat(before.uuid, rule, now).await?;
        }
        let Some(after) = self.get(before.uuid).await? else { return Ok(None) };
        let Some(template) = after.parent else { return Ok(None) };
        self.pass_on(template, &after, changes, now).await?;
        if before.status == after.status {
            return Ok(None);
        }
        let letter = match after.status {
            Status::Completed => DONE,
            Status::Deleted => DROPPED,
            _ => OPEN,
        };
        self.mark(template, &after, letter, now).await?;
        match after.status {
            Status::Completed if before.status == Status::Pending => {
                self.make_next(template, Some(&after), now).await
            }
            // Who deletes a task that repeats does not expect it back tomorrow.
            Status::Deleted => self.end(template, now).await.map(|()| None),
            _ => Ok(None),
        }
    }

    /// Lets a task repeat from its due date on, or no more. Without a due date there is nothing to count from.
    pub(super) async fn repeat(&mut self, uuid: Uuid, rule: Option<Rule>, now: &Zoned) -> Result<(), Error> {
        let Some(mut map) = self.txn.get_task(uuid).await? else { return Ok(()) };
        let task = record::read(uuid, &map, None);
        if self.repeats_so(&task, rule).await? {
            return Ok(());
        }
        if let Some(template) = task.parent {
            self.end(template, now).await?;
        }
        let names = ["recur", "parent", "imask", "rtype", "mask"];
        let Some((rule, due)) = rule.zip(task.due) else {
            let gone = names.into_iter().filter(|name| map.contains_key(*name));
            let gone = gone.map(|name| (name.to_owned(), None)).collect();
            return self.assign(uuid, &mut map, gone, now.timestamp()).await;
        };
        let template = fresh()?;
        let recur = rule.as_recur();
        let common = || [set("recur", recur.clone()), set("rtype", "periodic".to_owned())];
        let mut whole = template_of(&map, now);
        whole.extend(common().into_iter().filter_map(|(name, value)| Some((name, value?))));
        if let Some(remind) = task.remind {
            let before = civil_seconds(remind, due, now);
            whole.insert(REMIND_BEFORE.to_owned(), before.to_string());
        }
        self.create(template, record::difference(&TaskMap::new(), &whole), now.timestamp()).await?;
        let own = [set("parent", template.to_string()), set("imask", "0".to_owned())];
        let wanted = common().into_iter().chain(own).collect();
        self.assign(uuid, &mut map, wanted, now.timestamp()).await
    }

    /// Whether there is nothing to do: the same rule, counted from the same date.
    async fn repeats_so(&mut self, task: &Task, rule: Option<Rule>) -> Result<bool, Error> {
        let is = task.recur.as_deref().and_then(Rule::parse);
        let (Some(parent), Some(rule)) = (task.parent, rule) else {
            return Ok(rule.is_none() && task.recur.is_none() && task.parent.is_none());
        };
        let Some(map) = self.txn.get_task(parent).await? else { return Ok(false) };
        let is_alive = record::status(&map) == Status::Recurring;
        let first = record::time(&map, "due");
        let is_same_date = match (first, place(&task.others), task.due) {
            (Some(first), 0, due) => due == Some(first),
            _ => true,
        };
        Ok(is_alive && is == Some(rule) && is_same_date)
    }

    /// What is true for all that come: the template gets it, too. A due date is moved for one alone.
    async fn pass_on(
        &mut self,
        template: Uuid,
        instance: &Task,
        changes: &Changes,
        now: &Zoned,
    ) -> Result<(), Error> {
        let Some(mut map) = self.living(template).await? else { return Ok(()) };
        let common = Changes {
            title: changes.title.clone(),
            priority: changes.priority,
            project: changes.project.clone(),
            tags: changes.tags.clone(),
            until: changes.until,
            ..Changes::default()
        };
        let mut wanted = record::update(&map, &common, now.timestamp());
        if let (Some(remind), Some(due)) = (changes.remind, instance.due) {
            let before = remind.map(|remind| civil_seconds(remind, due, now).to_string());
            wanted.extend([(REMIND.to_owned(), None), (REMIND_BEFORE.to_owned(), before)]);
            wanted.retain(|(name, value)| map.get(name) != value.as_ref());
        }
        self.assign(template, &mut map, wanted, now.timestamp()).await
    }

    /// Writes an instance's letter into the template's mask.
    async fn mark(
        &mut self,
        template: Uuid,
        instance: &Task,
        letter: char,
        now: &Zoned,
    ) -> Result<(), Error> {
        let Some(mut map) = self.living(template).await? else { return Ok(()) };
        let mut mask = mask(&map);
        let place = place(&instance.others) as usize;
        if place >= MOST_SKIPPED as usize {
            return Ok(());
        }
        while mask.len() <= place {
            mask.push(DROPPED);
        }
        mask[place] = letter;
        self.assign(template, &mut map, vec![set("mask", mask.into_iter().collect())], now.timestamp()).await
    }

    /// No more will be made.
    async fn end(&mut self, template: Uuid, now: &Zoned) -> Result<(), Error> {
        let Some(mut map) = self.living(template).await? else { return Ok(()) };
        let deleted = Changes { status: Some(Status::Deleted), ..Changes::default() };
        let wanted = record::update(&map, &deleted, now.timestamp());
        self.assign(template, &mut map, wanted, now.timestamp()).await
    }

    /// Makes the next task of a series whose date is not over, unless there is an open one.
    pub(super) async fn make_next(
        &mut self,
        template: Uuid,
        done: Option<&Task>,
        now: &Zoned,
    ) -> Result<Option<Next>, Error> {
        let Some(mut map) = self.living(template).await? else { return Ok(None) };
        let open = self.open_instance(template).await?;
        if let Some(task) = open {
            return Ok(done.map(|_| Next { task, skipped: 0 }));
        }
        let Some((rule, first)) = schedule(&map, now) else { return Ok(None) };
        let mut mask = mask(&map);
        let start = mask.len() as u32;
        let dates = (start..start.saturating_add(MOST_SKIPPED))
            .map_while(|count| Some((count, rule.nth(&first, count)?)));
        let ahead = dates.into_iter().find(|(_, due)| !urgency::is_overdue(due.timestamp(), now));
        let Some((count, due)) = ahead else { return Ok(None) };
        if record::time(&map, "until").is_some_and(|until| due.timestamp() > until) {
            return Ok(None);
        }
        let skipped = count - start;
        mask.extend(std::iter::repeat_n(DROPPED, skipped as usize));
        mask.push(OPEN);
        let uuid = fresh()?;
        let whole = instance_of(template, &map, &due, count, now);
        self.create(uuid, record::difference(&TaskMap::new(), &whole), now.timestamp()).await?;
        self.txn.add_to_working_set(uuid).await?;
        let mask =
            vec![set("mask", mask.into_iter().collect()), set("modified", record::seconds(now.timestamp()))];
        self.assign(template, &mut map, mask, now.timestamp()).await?;
        Ok(self.get(uuid).await?.map(|task| Next { task, skipped }))
    }

    /// Makes what is missing: of a series without an open task, for example where another program completed one.
    pub(super) async fn renew(&mut self, now: &Zoned) -> Result<usize, Error> {
        self.without_undo_point();
        let tasks = self.working_set().await?;
        let mut made = 0;
        for template in tasks.iter().filter(|task| task.status == Status::Recurring) {
            made += usize::from(self.make_next(template.uuid, None, now).await?.is_some());
        }
        Ok(made)
    }

    async fn living(&mut self, template: Uuid) -> Result<Option<TaskMap>, Error> {
        let map = self.txn.get_task(template).await?;
        Ok(map.filter(|map| record::status(map) == Status::Recurring))
    }

    async fn open_instance(&mut self, template: Uuid) -> Result<Option<Task>, Error> {
        let mut tasks = self.working_set().await?;
        tasks.retain(|task| task.parent == Some(template) && task.status == Status::Pending);
        Ok(tasks.into_iter().min_by_key(|task| task.due))
    }
}

/// Whether [`Transaction::renew`] may have something to do, by all tasks that have a number.
pub(super) fn is_any_without_open_task(numbered: &[Task]) -> bool {
    let open: HashSet<_> = numbered
        .iter()
        .filter(|task| task.status == Status::Pending)
        .filter_map(|task| task.parent)
        .collect();
    numbered.iter().any(|task| task.status == Status::Recurring && !open.contains(&task.uuid))
}

/// What a task begins its series with.
fn template_of(map: &TaskMap, now: &Zoned) -> TaskMap {
    let common = map.iter().filter(|(name, _)| !OWN.contains(&name.as_str()) && !name.starts_with("dep_"));
    let mut template: TaskMap = common.map(|(name, value)| (name.clone(), value.clone())).collect();
    let own = [
        ("status", Status::Recurring.as_str().to_owned()),
        ("mask", OPEN.to_string()),
        ("modified", record::seconds(now.timestamp())),
    ];
    template.remove("depends");
    template.extend(own.map(|(name, value)| (name.to_owned(), value)));
    template
}

fn instance_of(template: Uuid, map: &TaskMap, due: &Zoned, count: u32, now: &Zoned) -> TaskMap {
    let now_seconds = record::seconds(now.timestamp());
    let mut instance = map.clone();
    instance.remove("mask");
    instance.remove(REMIND_BEFORE);
    let own = [
        ("status", Status::Pending.as_str().to_owned()),
        ("parent", template.to_string()),
        ("imask", count.to_string()),
        ("due", record::seconds(due.timestamp())),
        ("entry", now_seconds.clone()),
        ("modified", now_seconds),
    ];
    let read = record::read(template, map, None);
    let others = [("wait", read.wait), ("scheduled", read.scheduled), (REMIND, read.remind)];
    for (name, time) in others {
        if let (Some(time), Some(first)) = (time, read.due)
            && let Some(moved) = earlier(due, civil_seconds(time, first, now))
        {
            instance.insert(name.to_owned(), record::seconds(moved));
        }
    }
    instance.extend(own.map(|(name, value)| (name.to_owned(), value)));
    instance
}

fn schedule(map: &TaskMap, now: &Zoned) -> Option<(Rule, Zoned)> {
    let rule = Rule::parse(map.get("recur")?)?;
    Some((rule, record::time(map, "due")?.to_zoned(now.time_zone().clone())))
}

fn mask(map: &TaskMap) -> Vec<char> {
    map.get("mask").map(|mask| mask.chars().collect()).unwrap_or_default()
}

/// Taskwarrior also writes `2.000000`.
fn place(others: &std::collections::BTreeMap<String, String>) -> u32 {
    let place: Option<f64> = others.get("imask").and_then(|place| place.parse().ok());
    place.map_or(0, |place| place as u32)
}

/// Seconds from `time` to `due` on the clock of the person's zone, whatever daylight saving does between them.
fn civil_seconds(time: Timestamp, due: Timestamp, now: &Zoned) -> i64 {
    let civil = |time: Timestamp| time.to_zoned(now.time_zone().clone()).datetime();
    civil(due).duration_since(civil(time)).as_secs()
}

fn earlier(due: &Zoned, seconds: i64) -> Option<Timestamp> {
    let civil = due.datetime().checked_sub(jiff::SignedDuration::from_secs(seconds)).ok()?;
    civil.to_zoned(due.time_zone().clone()).ok().map(|time| time.timestamp())
}

#[cfg(test)]
mod tests;
