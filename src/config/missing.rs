//! What a site settles about missing charts.

use jiff::SignedDuration;

use super::fields::{At, Fields};
use super::problems::Problems;
use crate::missing::Rules;
use crate::tracking::DueRule;

pub(super) fn rules(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Rules {
    fields.refuse_unknown(problems);
    let mut rules = Rules::default();
    rules.way = due(fields, "way", rules.way, problems);
    rules.sorting = due(fields, "sorting", rules.sorting, problems);
    if let Some(At { value, .. }) = fields.number("soon_h", 1..=24 * 31, problems) {
        rules.soon = SignedDuration::from_hours(i64::try_from(value).unwrap_or(i64::MAX));
    }
    if let Some(At { value, .. }) = fields.flag("confirm_finds", problems) {
        rules.confirms_finds = value;
    }
    let who = [("clerk", false), ("supervisor", true)];
    if let Some(At { value, .. }) = fields.choice("who_flags", &who, problems) {
        rules.supervisor_flags = value;
    }
    rules
}

fn due(fields: &Fields<'_>, key: &str, default: DueRule, problems: &mut Problems<'_>) -> DueRule {
    let Some(At { place, value }) = fields.text(key, problems) else { return default };
    match DueRule::parse(value) {
        Ok(rule) if rule != DueRule::Never => rule,
        Ok(_) => {
            problems
                .add(place, format!("`{key}` cannot be {value:?}; write how long it takes, such as \"1wd\""));
            default
        }
        Err(error) => {
            problems.add(place, error.to_string());
            default
        }
    }
}
