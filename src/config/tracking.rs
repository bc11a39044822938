//! What a site settles about how charts are followed.

use super::fields::{At, Fields};
use super::problems::Problems;
use jiff::{SignedDuration, Span};

/// How long the way to a place takes at most, unless the site says otherwise.
pub const ARRIVES_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// Most years that can be asked for.
const YEARS_MAX: u64 = 100;

/// After how many years movements are moved into the archive; `None`: never. At least one is kept: what compares times
/// looks back so far.
pub(super) fn archive_after(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Option<Span> {
    let given = fields.number("archive_after_years", 0..=YEARS_MAX, problems)?;
    let years = i64::try_from(given.value).ok().filter(|years| *years > 0)?;
    Some(Span::new().years(years))
}

/// How long a chart may be on its way before it counts as never arrived.
pub(super) fn arrives_within(fields: &Fields<'_>, problems: &mut Problems<'_>) -> SignedDuration {
    fields.refuse_unknown(problems);
    let given = fields.number("arrival_hours", 1..=720, problems);
    let hours = given.and_then(|At { value, .. }| i64::try_from(value).ok());
    hours.map_or(ARRIVES_WITHIN, SignedDuration::from_hours)
}
