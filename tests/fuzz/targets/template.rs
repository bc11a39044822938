//! Templates of notices: any text of the site, with all that may occur in a notice.

use crate::input::Input;
use jiff::tz::TimeZone;
use outguide::notice::{Kind, Templates, sample};

const NAMES: [&str; 6] = ["due", "late", "list", "how", "found", "own-step"];

pub(crate) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let name = input.one_of(NAMES);
    let head = input.one_of(["", "Subject: x\n\n", "Subject: {{ count }} charts\n\n"]);
    let text = format!("{head}{}", String::from_utf8_lossy(input.rest()));
    let mut templates = Templates::default();
    let before = templates.text(name).map(str::to_owned);
    match templates.put(name, &text) {
        Ok(()) => {
            assert_eq!(templates.text(name), Some(text.as_str()));
            for kind in Kind::ALL {
                let letter = templates.letter(kind.as_str(), kind, &sample(), &TimeZone::UTC).unwrap();
                assert!(
                    !letter.subject.is_empty() && !letter.subject.contains(char::is_control),
                    "{letter:?}"
                );
                let tells = ["00-12-34", "Sample, Sam", "V4650N"];
                assert!(!tells.iter().any(|told| letter.subject.contains(told)), "{letter:?}");
            }
        }
        Err(error) => {
            assert!(!error.why.is_empty());
            assert_eq!(templates.text(name).map(str::to_owned), before, "the template before stays");
        }
    }
}
