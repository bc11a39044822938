//! The step that is owed for one chart at one holder, if one is.

use super::Rules;
use super::ladder::{Step, To};
use jiff::Timestamp;

/// What became of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// It waits, is on its way, or arrived.
    Ahead,
    /// It will never arrive: refused, returned, or given up.
    Back,
}

/// A step of this stay that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Name of the step.
    pub step: String,
    /// When, by the wall clock of then.
    pub at: Timestamp,
    /// What became of it.
    pub came: Came,
}

/// A chart at a holder, since one movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// When it should be back.
    pub due_at: Timestamp,
    /// The holder says that it has not got it, or is closed: it is not asked (again).
    pub holder_is_out: bool,
    /// The steps that were written since it is there, in any order.
    pub written: Vec<Written>,
}

/// The step that is owed now. At most one: of several for the same recipient, whose time has passed unused, the last; the
/// next recipient only after the hours to answer. A notice that came back makes the next recipient's step owed at once, or the
/// next that goes out in another way.
pub fn owed<'a>(rules: &'a Rules, held: &Held, now: Timestamp) -> Option<&'a Step> {
    if !rules.is_time(now) {
        return None;
    }
    let steps = rules.ladder.steps();
    let last = held
        .written
        .iter()
        .filter_map(|written| Some((rules.ladder.position(&written.step)?, written)))
        .max_by_key(|(position, _)| *position);
    let after = last.map_or(0, |(position, _)| position + 1);
    let ahead = || steps.iter().skip(after).filter(|step| !(step.to == To::Holder && held.holder_is_out));
    if let Some((position, written)) = last {
        if written.came == Came::Back {
            let refused = steps.get(position).map(|step| (&step.to, step.by_webhook));
            return ahead().find(|step| Some((&step.to, step.by_webhook)) != refused);
        }
        if has_time_to_answer(rules, written.at, now) {
            return None;
        }
    }
    let passed: Vec<&Step> = ahead()
        .filter(|step| step.when.at(held.due_at, &rules.calendar).is_some_and(|at| at <= now))
        .collect();
    let is_last_to =
        |index: usize, step: &Step| !passed.iter().skip(index + 1).any(|later| later.to == step.to);
    passed.iter().enumerate().find(|(index, step)| is_last_to(*index, step)).map(|(_, step)| *step)
}

/// Says whether who has a chart is asked for it now because somebody else needs it at `needed`: when that is near, in the
/// hours of notices; outside them only if an hour of the next would be too late.
pub fn is_wanted_now(rules: &Rules, needed: Timestamp, now: Timestamp) -> bool {
    let is_near = now.checked_add(rules.needed_ahead).is_ok_and(|ahead| needed < ahead);
    let is_last_chance = || rules.calendar.add_working_hours(now, 1).is_none_or(|opened| needed < opened);
    is_near && (rules.is_time(now) || is_last_chance())
}

/// Whoever was asked last still has time to answer. A notice from the future tells that the clock was set back: it is
/// not waited for.
fn has_time_to_answer(rules: &Rules, asked: Timestamp, now: Timestamp) -> bool {
    let until = rules.calendar.add_working_hours(asked, rules.answer_hours);
    asked <= now && rules.answer_hours > 0 && until.is_some_and(|until| now < until)
}
