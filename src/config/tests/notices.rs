//! The ladder and the mail.

use super::{STATION, errors, read};
use crate::mail::{Security, Transport};
use crate::notice::Takes;

fn judged(text: &str) -> String {
    errors(&format!("{STATION}{text}"))
}

#[test]
fn a_ladder_is_read_and_said_in_words() {
    let text = "[notices]\nquiet = [\"12:00-13:00\"]\nlink = \"https://o.example.org/\"\n[[notices.step]]\nname = \"before\"\n\
                when = \"2wd before\"\nto = \"holder\"\n[[notices.step]]\nname = \"late\"\nwhen = \"1wd after\"\n\
                to = \"holder\"\ntimes = 2\nevery = \"3wd\"\n[[notices.step]]\nname = \"top\"\nwhen = \"10d after\"\nto = \"SUP\"\n";
    let config = read(&format!("{STATION}{text}")).unwrap();
    assert_eq!(
        config.notices.rules.ladder.words(),
        [
            "before: 2 working days before it is due, to who has it",
            "late-1: 1 working day after it was due, to who has it",
            "late-2: 4 working days after it was due, to who has it",
            "top: 10 days after it was due, to SUP"
        ]
    );
    assert_eq!(config.notices.link.as_deref(), Some("https://o.example.org"));
    assert!(config.notices.mail.is_none());
}

#[test]
fn bad_ladders_are_told_with_the_next_step() {
    let step = |name: &str, when: &str, more: &str| {
        format!("[[notices.step]]\nname = \"{name}\"\nwhen = \"{when}\"\nto = \"holder\"\n{more}")
    };
    for (text, told) in [
        (step("a", "due", "") + &step("a", "1wd after", ""), "go in a circle"),
        (step("a", "due", "") + &step("b", "1wd before", ""), "order the steps by their time"),
        (step("a", "soon", ""), "write \"2wd before\""),
        (step("a", "1wd after", "times = 3\n"), "needs `every`"),
        (step("a", "1wd after", "times = 3\nevery = \"2h\"\n"), "in the unit of its `when`"),
        (step("a", "1wd after", "times = 0\nevery = \"2wd\"\n"), "write a number from 1 to 20"),
        (step("a", "1wd after", "every = \"2wd\"\n"), "set `times`"),
        (step("found", "due", ""), "cannot name a step"),
        (step("A b", "due", ""), "cannot name a step"),
        ("[notices]\nquiet = [\"13:00-12:00\"]".to_owned(), "write \"12:00-13:00\""),
        ("[notices]\nlink = \"outguide\"".to_owned(), "is no address"),
    ] {
        let found = judged(&text);
        assert!(found.contains(told) && found.lines().count() == 1, "{text}: {found}");
    }
}

#[test]
fn mail_is_safe_by_default() {
    let mail =
        |more: &str| format!("{STATION}[mail]\ntransport = \"smtp\"\nserver = \"m.example.org\"\n{more}");
    let from = "from = \"o@example.org\"\n";
    let config = read(&mail(from)).unwrap();
    let Some((Transport::Smtp(smtp), sender)) = config.notices.mail else { panic!() };
    assert_eq!((smtp.security, smtp.port, sender.from.as_str()), (Security::StartTls, 587, "o@example.org"));
    for (more, told) in [
        ("", "has no `from`"),
        ("from = \"nobody\"\n", "is no mail address"),
        ("from = \"o@example.org\"\nuser = \"u\"\n", "both `user` and `password_file`"),
        (
            "from = \"o@example.org\"\ntls = \"none\"\nuser = \"u\"\npassword_file = \"p\"\n",
            "never sent in the open",
        ),
    ] {
        let found = errors(&mail(more));
        assert!(found.contains(told), "{more}: {found}");
    }
}

#[test]
fn a_webhook_is_https_or_on_this_machine_and_signed() {
    let hook = |more: &str| format!("{STATION}[webhook]\n{more}");
    let secret = "secret_file = \"s\"\n";
    let url = "url = \"https://h.example.org/x\"\n";
    let config = read(&hook(&format!("{url}{secret}"))).unwrap();
    let webhook = config.notices.webhook.unwrap();
    assert_eq!((webhook.address.host(), webhook.address.port()), ("h.example.org", 443));
    assert_eq!((webhook.patience.as_secs(), config.notices.rules.takes), (15, Takes::Steps));
    let step = "[[notices.step]]\nname = \"a\"\nwhen = \"due\"\nto = \"holder\"\nby = \"webhook\"\n";
    let config = read(&format!("{STATION}[webhook]\n{url}{secret}{step}")).unwrap();
    assert_eq!(config.notices.rules.ladder.words(), ["a: when it is due, to who has it, by webhook"]);
    for (text, told) in [
        (hook(url), "has no `secret_file`"),
        (hook(secret), "add url = …"),
        (hook("timeout_s = 5\n"), "add url = …"),
        (hook(&format!("url = \"http://h.example.org/\"\n{secret}")), "would cross the network in clear"),
        (hook(&format!("url = \"h.example.org\"\n{secret}")), "is no address"),
        (hook(&format!("{url}{secret}timeout_s = 61\n")), "1 to 60"),
        (hook(&format!("{url}{secret}takes = \"some\"\n")), "takes"),
        (format!("{STATION}{step}"), "there is none; add [webhook]"),
    ] {
        let found = errors(&text);
        assert!(found.contains(told) && found.lines().count() == 1, "{text}: {found}");
    }
}
