//! The form of the label pages, as browsers send it.

use crate::paper::Habit;
use crate::symbol::Symbology;
use crate::tracking::{CustodianId, VolumeId};
use serde::{Deserialize, Deserializer};

/// Which labels.
#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub(super) enum What {
    /// Volumes by label or record number, one a line.
    #[default]
    Volumes,
    /// One volume.
    Volume,
    /// A part of a custodian's shelves.
    Shelf,
    /// Custodians.
    Custodians,
    /// Badges of people.
    Badges,
    /// All commands.
    Commands,
}

/// On what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum On {
    /// Sheets, by the browser.
    Sheet(String),
    /// A label printer of the configuration.
    Printer(String),
}

/// A form that was filled in.
#[derive(Deserialize, Debug, Clone)]
pub(in crate::web::pages) struct Wanted {
    pub(super) what: What,
    /// Labels or record numbers, one a line.
    #[serde(default)]
    pub(super) list: String,
    #[serde(default, deserialize_with = "number")]
    pub(super) volume: Option<VolumeId>,
    #[serde(default, deserialize_with = "number")]
    pub(super) custodian: Option<CustodianId>,
    /// First record number in shelf order.
    #[serde(default)]
    pub(super) from: String,
    /// Last record number in shelf order.
    #[serde(default)]
    pub(super) to: String,
    /// Codes of custodians, one a line; none: all.
    #[serde(default)]
    pub(super) codes: String,
    pub(super) on: On,
    /// The first label of the sheet that is still there, from 1.
    #[serde(default)]
    pub(super) start: String,
    pub(super) symbology: Symbology,
}

impl Wanted {
    pub(super) fn new(what: What, custodian: Option<CustodianId>, habit: &Habit) -> Wanted {
        Wanted {
            what,
            list: String::new(),
            volume: None,
            custodian,
            from: String::new(),
            to: String::new(),
            codes: String::new(),
            on: On::Sheet(habit.sheet.key.to_owned()),
            start: "1".to_owned(),
            symbology: habit.symbology,
        }
    }

    /// Where the sheet begins; the first label if nothing sensible was typed.
    pub(super) fn start(&self) -> u32 {
        self.start.trim().parse().unwrap_or(1).max(1)
    }

    /// Whether this choice is made, for templates.
    pub(super) fn is(&self, what: &str) -> bool {
        let name = match self.what {
            What::Volumes => "volumes",
            What::Volume => "volume",
            What::Shelf => "shelf",
            What::Custodians => "custodians",
            What::Badges => "badges",
            What::Commands => "commands",
        };
        name == what
    }

    /// Whether this sheet is chosen, for templates.
    pub(super) fn is_on_sheet(&self, key: &str) -> bool {
        matches!(&self.on, On::Sheet(chosen) if chosen == key)
    }

    /// Whether this printer is chosen, for templates.
    pub(super) fn is_on_printer(&self, name: &str) -> bool {
        matches!(&self.on, On::Printer(chosen) if chosen == name)
    }
}

/// A number that may be left out: browsers send an empty text then.
fn number<'de, D: Deserializer<'de>, T: From<Id>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.trim() {
        "" => Ok(None),
        digits => digits.parse().map(|id| Some(T::from(Id(id)))).map_err(serde::de::Error::custom),
    }
}

/// The number of a row.
struct Id(i64);

impl From<Id> for VolumeId {
    fn from(id: Id) -> VolumeId {
        VolumeId(id.0)
    }
}

impl From<Id> for CustodianId {
    fn from(id: Id) -> CustodianId {
        CustodianId(id.0)
    }
}

impl<'de> Deserialize<'de> for On {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<On, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.split_once(':') {
            Some(("sheet", key)) => Ok(On::Sheet(key.to_owned())),
            Some(("printer", name)) => Ok(On::Printer(name.to_owned())),
            _ => Err(serde::de::Error::custom("neither a sheet nor a printer")),
        }
    }
}
