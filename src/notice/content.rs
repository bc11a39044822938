//! What a notice says, as a value. A subject is made from [`Content::outside`] alone, in which no patient occurs.

use super::NoticeId;
use crate::tracking::VolumeId;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// Somebody looked for a chart, and it was not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Searched {
    /// Where, in words.
    pub place: String,
    /// How, in words.
    pub how: &'static str,
    /// Who.
    pub by: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A chart that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Which volume.
    pub volume: VolumeId,
    /// Its row among those of all notices, which the bar codes of its answers have.
    pub row: i64,
    /// The patient's number as the site writes it.
    pub mrn: String,
    /// The patient, where the site allows names in bodies.
    pub name: Option<String>,
    /// 1 for the first volume.
    pub number: u32,
    /// medical, dental, …
    pub record_type: String,
    /// Key of its newest label.
    pub label: String,
    /// Where it belongs.
    pub home: String,
    /// Its place on the shelf of its home.
    pub slot: String,
    /// Who has it by the record.
    pub holder: String,
    /// The last scan of it.
    pub seen_at: Option<Timestamp>,
    /// Where that was.
    pub seen_by: Option<String>,
    /// Who had it before.
    pub before: Option<String>,
    /// When it was due back.
    pub due_at: Option<Timestamp>,
    /// When somebody needs it.
    pub needed_at: Option<Timestamp>,
    /// Who needs it.
    pub needed_by: Option<String>,
    /// Where somebody looked in vain.
    pub searched: Vec<Searched>,
    /// What was answered so far.
    pub answers: Vec<String>,
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Its number.
    pub notice: NoticeId,
    /// Name of the file room.
    pub site: String,
    /// Name of the step.
    pub step: String,
    /// Who gets it.
    pub recipient: String,
    /// Its code.
    pub recipient_code: String,
    /// How many charts it is about.
    pub count: u64,
    /// The first of them.
    pub charts: Vec<Asked>,
    /// Address of the page on which it is answered.
    pub link: Option<String>,
}

impl Content {
    /// What a subject may be made of: nothing about a patient.
    pub fn outside(&self, zone: &TimeZone) -> Value {
        let needed = self.charts.iter().filter_map(|chart| chart.needed_at).min();
        json!({
            "number": self.notice.0,
            "site": self.site,
            "step": self.step,
            "recipient": self.recipient,
            "count": self.count,
            "needed": needed.map(|at| shown(at, zone)),
        })
    }

    /// What a body may be made of.
    pub fn inside(&self, zone: &TimeZone) -> Value {
        let charts: Vec<Value> = self.charts.iter().map(|chart| chart.value(zone)).collect();
        let more = self.count.saturating_sub(u64::try_from(charts.len()).unwrap_or(u64::MAX));
        let mut value = self.outside(zone);
        if let Some(map) = value.as_object_mut() {
            map.insert("charts".to_owned(), charts.into());
            map.insert("more".to_owned(), more.into());
            map.insert("link".to_owned(), self.link.clone().into());
        }
        value
    }
}

impl Searched {
    /// Where, how, by whom and when, with the time as `shown`.
    pub fn words(&self, shown: &str) -> String {
        let by = self.by.as_ref().map(|by| format!(", by {by}")).unwrap_or_default();
        format!("{}, {}{by}, {shown}", self.place, self.how)
    }
}

impl Asked {
    fn value(&self, zone: &TimeZone) -> Value {
        json!({
            "mrn": self.mrn,
            "name": self.name,
            "volume": self.number,
            "record_type": self.record_type,
            "label": self.label,
            "home": self.home,
            "slot": self.slot,
            "holder": self.holder,
            "seen": self.seen_at.map(|at| shown(at, zone)),
            "seen_by": self.seen_by,
            "before": self.before,
            "due": self.due_at.map(|at| shown(at, zone)),
            "needed": self.needed_at.map(|at| shown(at, zone)),
            "needed_by": self.needed_by,
            "searched": self.searched.iter().map(|look| look.words(&shown(look.at, zone))).collect::<Vec<_>>(),
            "answers": self.answers,
        })
    }
}

/// A time as people of the room write it.
fn shown(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %-d %b %Y, %H:%M").to_string()
}

/// A notice to try templates with: everything that may occur, once there and once not.
pub fn sample() -> Content {
    let at = |second| Timestamp::from_second(second).ok();
    let full = Asked {
        volume: VolumeId(1),
        row: 1,
        mrn: "00-12-34".to_owned(),
        name: Some("Sample, Sam".to_owned()),
        number: 2,
        record_type: "medical".to_owned(),
        label: "V4650N".to_owned(),
        home: "File area A".to_owned(),
        slot: "section 34, then 12, then 00".to_owned(),
        holder: "Cardiology".to_owned(),
        seen_at: at(1_767_605_400),
        seen_by: Some("Cardiology in-tray".to_owned()),
        before: Some("File area A".to_owned()),
        due_at: at(1_767_715_200),
        needed_at: at(1_767_778_800),
        needed_by: Some("Dermatology".to_owned()),
        searched: at(1_767_605_400)
            .map(|at| Searched {
                place: "Cardiology: desks, trays and shelves".to_owned(),
                how: "folder by folder",
                by: Some("a.meier".to_owned()),
                at,
            })
            .into_iter()
            .collect(),
        answers: vec!["passed to Dermatology".to_owned()],
    };
    let bare = Asked {
        name: None,
        seen_at: None,
        seen_by: None,
        before: None,
        due_at: None,
        needed_at: None,
        needed_by: None,
        searched: Vec::new(),
        answers: Vec::new(),
        ..full.clone()
    };
    Content {
        notice: NoticeId(1),
        site: "File room".to_owned(),
        step: "late-1".to_owned(),
        recipient: "Cardiology".to_owned(),
        recipient_code: "CARD".to_owned(),
        count: 7,
        charts: vec![full, bare],
        link: Some("https://outguide.example.org/notices/1".to_owned()),
    }
}
