//! Printers and paper: what they become, and mistakes with the exact words that the operator reads.

use super::{EVERY_KEY, STATION, errors, read};
use crate::paper::{Grid, Habit, LabelSize, Sheet};
use crate::printer::{Printer, Way};
use crate::symbol::Symbology;

#[test]
fn every_key_arrives() {
    let config = read(EVERY_KEY).unwrap();
    let palette = &config.habit.palette;
    let colours: String = palette.colours.iter().map(|colour| colour.to_string()).collect();
    assert!(colours.starts_with("#000000#111111") && colours.ends_with("#999999"), "{colours}");
    assert_eq!(palette.coloured_digits, 4);
    assert_eq!((config.habit.sheet, config.habit.symbology), (Sheet::named("5160").unwrap(), Symbology::Qr));
    let zebra = Printer {
        name: "zebra".to_owned(),
        title: "Zebra at desk 1".to_owned(),
        way: Way::ZplTcp { address: "192.0.2.9:6101".to_owned(), answers: false },
        grid: Grid::of_dpi(300),
        label: LabelSize { width_um: 70_000, height_um: 40_000 },
    };
    let usual = LabelSize { width_um: 57_000, height_um: 32_000 };
    let other = |name: &str, way| Printer {
        name: name.to_owned(),
        title: name.to_owned(),
        way,
        grid: Grid::of_dpi(203),
        label: usual,
    };
    let office = other("office", Way::Lp { program: "/usr/bin/lp".into(), queue: "labels".to_owned() });
    let tray = other("tray", Way::File { directory: "/srv/labels".into() });
    assert_eq!(config.printers, [zebra, office, tray]);
}

#[test]
fn without_any_key_the_usual_holds() {
    let config = read(STATION).unwrap();
    assert_eq!((config.habit, config.printers), (Habit::default(), Vec::new()));
}

#[test]
fn a_station_may_have_a_printer_that_there_is() {
    let station = STATION.replace("[[station.source]]", "printer = \"p\"\n[[station.source]]");
    let printer = "[[printer]]\nname = \"p\"\nkind = \"lp\"\nqueue = \"labels\"\n";
    let config = read(&format!("{printer}{station}")).unwrap();
    assert_eq!(config.stations[0].printer.as_deref(), Some("p"));
    assert_eq!(read(EVERY_KEY).unwrap().stations[0].printer.as_deref(), Some("zebra"));
    assert!(errors(&station).ends_with("there is no printer \"p\"; write the name of a [[printer]]"));
}

#[test]
fn addresses() {
    for (given, expect) in [
        ("192.0.2.9", "192.0.2.9:9100"),
        ("zebra-1.local", "zebra-1.local:9100"),
        ("zebra:6101", "zebra:6101"),
        ("[2001:db8::9]", "[2001:db8::9]:9100"),
        ("[2001:db8::9]:6101", "[2001:db8::9]:6101"),
    ] {
        let printer =
            format!("{STATION}[[printer]]\nname = \"p\"\nkind = \"zpl-tcp\"\naddress = \"{given}\"");
        let address = read(&printer).unwrap().printers.into_iter().next().unwrap().way;
        assert_eq!(address, Way::ZplTcp { address: expect.to_owned(), answers: true }, "{given}");
    }
}

/// Checks the message for a printer with these lines.
fn check(lines: &str, expect: &str) {
    assert_eq!(errors(&format!("[[printer]]\nname = \"p\"\n{lines}\n{STATION}")), expect, "for:\n{lines}");
}

#[test]
fn wrong_printers() {
    check("", "a.toml:1:1: [[printer]] has no `kind`; add kind = …");
    check("kind = \"zebra\"", r#"a.toml:3:8: `kind` cannot be "zebra"; write "zpl-tcp" or "lp" or "file""#);
    check("kind = \"zpl-tcp\"", "a.toml:1:1: [[printer]] has no `address`; add address = …");
    check("kind = \"lp\"", "a.toml:1:1: [[printer]] has no `queue`; add queue = …");
    check("kind = \"file\"", "a.toml:1:1: [[printer]] has no `directory`; add directory = …");
    check(
        "kind = \"lp\"\nqueue = \"a\"\naddress = \"b\"",
        r#"a.toml:5:1: `address` is for printers of kind "zpl-tcp"; remove it, or set kind = "zpl-tcp""#,
    );
    for address in ["", ":9100", "zebra:0", "zebra:port", "2001:db8::9", "a b", "zebra:99999", "[zebra]"] {
        check(
            &format!("kind = \"zpl-tcp\"\naddress = \"{address}\""),
            &format!(
                r#"a.toml:4:11: `address` "{address}" cannot be connected to; write the printer's host and, if it is not 9100, its port, such as "192.0.2.9:9100""#
            ),
        );
    }
    for queue in ["", "-h", "a b", "a/b", "a#1", "ü"] {
        check(
            &format!("kind = \"lp\"\nqueue = \"{queue}\""),
            &format!(
                r#"a.toml:4:9: `queue` "{queue}" is no queue of CUPS; write a name that `lpstat -e` shows"#
            ),
        );
    }
    check(
        "kind = \"file\"\ndirectory = \"labels\"",
        r#"a.toml:4:13: `directory` "labels" is no absolute path; write it from / on, such as "/var/lib/outguide/labels""#,
    );
    check(
        "kind = \"lp\"\nqueue = \"a\"\ndpi = 72\nlabel_width_mm = 10\nlabel_height_mm = 10",
        "a.toml:5:7: `dpi` is out of range; write a number from 100 to 1200\n\
         a.toml:6:18: `label_width_mm` is out of range; write a number from 25 to 220\n\
         a.toml:7:19: `label_height_mm` is out of range; write a number from 15 to 300",
    );
    check(
        "kind = \"lp\"\nqueue = \"a\"\n[[printer]]\nname = \"p\"\nkind = \"lp\"\nqueue = \"b\"",
        r#"a.toml:6:8: printer name "p" is already used at a.toml:2:8; give this one another"#,
    );
    check(
        "kind = \"lp\"\nqueu = \"a\"",
        "a.toml:1:1: [[printer]] has no `queue`; add queue = …\na.toml:4:1: unknown key `queu` in [[printer]]; did you mean `queue`?",
    );
}

#[test]
fn wrong_paper() {
    let check = |lines: &str, expect: &str| {
        assert_eq!(errors(&format!("[paper]\n{lines}\n{STATION}")), expect, "for:\n{lines}");
    };
    check(
        "digit_colours = [\"red\", \"#fff\"]",
        "a.toml:2:18: `digit_colours` \"red\" is no colour; write # and six hexadecimal digits, such as \"#ff8c1a\"\n\
         a.toml:2:25: `digit_colours` \"#fff\" is no colour; write # and six hexadecimal digits, such as \"#ff8c1a\"",
    );
    check(
        "digit_colours = [\"#ffffff\"]",
        "a.toml:2:17: `digit_colours` has 1 colours; write ten, for the digits 0 to 9",
    );
    check(
        "coloured_digits = 10",
        "a.toml:2:19: `coloured_digits` is out of range; write a number from 0 to 9",
    );
    check("sheet = \"l7161\"", r#"a.toml:2:9: `sheet` cannot be "l7161"; did you mean "l7160"?"#);
    check(
        "symbology = \"aztec\"",
        r#"a.toml:2:13: `symbology` cannot be "aztec"; write "code128" or "code39" or "code39-mod43" or "qr" or "data-matrix""#,
    );
}
