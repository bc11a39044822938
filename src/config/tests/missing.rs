//! What is settled about missing charts.

use super::{STATION, errors, read};
use crate::missing::Rules;
use crate::tracking::DueRule;
use jiff::SignedDuration;

#[test]
fn what_is_settled_is_read_and_the_rest_holds_without() {
    assert_eq!(read(STATION).unwrap().missing, Rules::default());
    let text =
        "way = \"4h\"\nsorting = \"1wd\"\nsoon_h = 24\nconfirm_finds = true\nwho_flags = \"supervisor\"";
    let rules = read(&format!("{STATION}\n[missing]\n{text}")).unwrap().missing;
    let expect = Rules {
        way: DueRule::parse("4h").unwrap(),
        sorting: DueRule::WorkingDays(1),
        soon: SignedDuration::from_hours(24),
        confirms_finds: true,
        supervisor_flags: true,
    };
    assert_eq!(rules, expect);
    let bad = |line: &str| errors(&format!("{STATION}\n[missing]\n{line}"));
    assert!(bad("way = \"none\"").contains("write how long it takes"));
    assert!(bad("way = \"soon\"").contains("soon"));
    assert!(bad("who_flags = \"anybody\"").contains("clerk"));
}
