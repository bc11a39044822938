//! How a text was read, in sentences for the clerk.

use super::{Question, shown};
use crate::label::{LabelKind, Reading};
use crate::store::Found;
use crate::tracking::search::Unit;

impl Question {
    /// How the text was read; with what came of it, if nothing was found.
    pub(super) fn readings(&self, found: &Found) -> Vec<String> {
        if self.text.is_empty() {
            return vec!["Nothing was typed: scan the chart's label, or type its number, the patient's name or date of birth.".to_owned()];
        }
        let found_nothing = found.hits.is_empty();
        let mut readings = Vec::new();
        readings.extend(self.as_label(found_nothing));
        readings.extend(self.as_number(found_nothing));
        readings.extend(self.as_patient(found_nothing));
        readings
    }

    /// What to type as well, if there are too many.
    pub(super) fn more(&self) -> &'static str {
        if self.asked.born.is_empty() {
            "There are more. Type the date of birth as well, such as 31.12.1956 or 12/31/1956."
        } else {
            "There are more. Type the whole name as well."
        }
    }

    fn as_label(&self, found_nothing: bool) -> Option<String> {
        let is_of_patient = self.asked.is_of_patient();
        match &self.meant.reading {
            Reading::Label(label) if label.kind == LabelKind::Volume => {
                let none = if found_nothing { "; no chart has this label" } else { "" };
                Some(format!("Read as chart label {}{none}.", shown(&label.key)))
            }
            Reading::Label(label) => Some(format!(
                "Read as the label of a {}; this box finds charts by the label on the folder.",
                label.kind.as_str()
            )),
            Reading::Foreign(foreign) => Some(format!("Read as a bar code: {}.", foreign.sentence())),
            Reading::Damaged(damage) => Some(format!("Read as a label: {}.", damage.sentence())),
            // Nobody takes a name for a label.
            Reading::Unknown if is_of_patient || !found_nothing => None,
            Reading::Unknown => {
                Some("Read as a label: it looks like none of this file room's labels.".to_owned())
            }
        }
    }

    fn as_number(&self, found_nothing: bool) -> Option<String> {
        let has_digit = |text: &str| text.chars().any(|letter| letter.is_ascii_digit());
        let numbers: Vec<String> = self.asked.numbers.iter().map(|number| shown(number.written())).collect();
        let numbers = match numbers.as_slice() {
            // With a name, only what has digits, and not all of the text as one.
            [_, rest @ ..] if !self.asked.forms().is_empty() && has_digit(&self.text) => rest,
            all => all,
        };
        let none = if found_nothing { "; no chart has this number" } else { "" };
        match numbers {
            [] if self.asked.is_of_patient() => None,
            [] => Some("Not read as a record number: one has up to 32 letters and digits.".to_owned()),
            _ if !has_digit(&self.text) && self.asked.is_of_patient() => None,
            numbers => Some(format!("Read as record number {}{none}.", numbers.join(" or "))),
        }
    }

    fn as_patient(&self, found_nothing: bool) -> Option<String> {
        let asked = &self.asked;
        let born: Vec<String> = asked.born.iter().map(|day| day.strftime("%-d %B %Y").to_string()).collect();
        let born = match (born.is_empty(), asked.year) {
            (false, _) => Some(format!("born on {}", born.join(" or "))),
            (true, Some(year)) => Some(format!("born in {year}")),
            (true, None) => None,
        };
        let words: Vec<String> =
            asked.name.iter().map(|unit: &Unit| shown(&unit.written.join("-"))).collect();
        let name = (!words.is_empty()).then(|| format!("with the name {}", words.join(" ")));
        let parts: Vec<String> = name.into_iter().chain(born).collect();
        if parts.is_empty() {
            return None;
        }
        let patient = parts.join(", ");
        if !asked.is_of_patient() {
            return Some(format!(
                "Read as a patient {patient}; letters alone are too little, type more of the name."
            ));
        }
        let none = if found_nothing { "; nobody with a chart is called so, nor nearly so" } else { "" };
        Some(format!("Read as a patient {patient}{none}."))
    }
}
