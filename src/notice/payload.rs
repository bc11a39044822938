//! A notice as programs read it. Charts are named by the number that the API knows them by; record numbers and names are
//! there only where the site allows them.

use super::content::{Asked, Content};
use super::template::Kind;
use jiff::Timestamp;
use serde_json::{Value, json};

impl Content {
    /// The notice as JSON: `type`, `timestamp` and `data`, as Standard Webhooks recommends
    /// (<https://www.standardwebhooks.com>, "Payload structure"). `patients`: with record numbers and names.
    pub fn payload(&self, kind: Kind, written: Timestamp, patients: bool) -> Value {
        let charts: Vec<Value> = self.charts.iter().map(|chart| chart.payload(patients)).collect();
        json!({
            "type": format!("notice.{}", kind.as_str()),
            "timestamp": written.to_string(),
            "data": {
                "notice": self.notice.0,
                "site": self.site,
                "step": self.step,
                "recipient": self.recipient,
                "recipient_code": self.recipient_code,
                "count": self.count,
                "charts": charts,
                "link": self.link,
            },
        })
    }
}

impl Asked {
    fn payload(&self, patients: bool) -> Value {
        let mut value = json!({
            "volume": self.volume.0,
            "holder": self.holder,
            "due_at": self.due_at.map(|at| at.to_string()),
            "needed_at": self.needed_at.map(|at| at.to_string()),
            "needed_by": self.needed_by,
        });
        if let Some(map) = value.as_object_mut().filter(|_| patients) {
            map.insert("mrn".to_owned(), self.mrn.clone().into());
            map.insert("name".to_owned(), self.name.clone().into());
            map.insert("number".to_owned(), self.number.into());
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn nothing_about_a_patient_unless_the_site_allows_it() {
        let content = sample();
        let asked = &content.charts[0];
        let secrets =
            [asked.mrn.clone(), asked.label.clone(), asked.slot.clone(), asked.name.clone().unwrap()];
        let plain = content.payload(Kind::Late, Timestamp::UNIX_EPOCH, false);
        let text = plain.to_string();
        assert!(secrets.iter().all(|secret| !text.contains(secret.as_str())), "{text}");
        assert_eq!(plain["type"], "notice.late");
        assert_eq!(plain["timestamp"], "1970-01-01T00:00:00Z");
        assert_eq!(plain["data"]["count"], 7);
        assert_eq!(plain["data"]["charts"][0]["volume"], 1);
        assert_eq!(plain["data"]["link"], "https://outguide.example.org/notices/1");
        let full = content.payload(Kind::Late, Timestamp::UNIX_EPOCH, true);
        assert_eq!(full["data"]["charts"][0]["mrn"], asked.mrn);
        assert_eq!(full["data"]["charts"][0]["name"], secrets[3]);
    }
}
