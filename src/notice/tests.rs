//! Tables of cases: when a step is owed, what a ladder may be, what templates may say.

use super::*;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

fn calendar(holidays: &[Date]) -> Calendar {
    let week = [true, true, true, true, true, false, false];
    let time = |hour| Time::constant(hour, 0, 0, 0);
    let holidays: BTreeSet<Date> = holidays.iter().copied().collect();
    Calendar::new(TimeZone::get("Europe/Zurich").unwrap(), week, time(8), time(17), holidays).unwrap()
}

fn step(name: &str, when: &str, to: &str) -> Step {
    let to = match to {
        "holder" => To::Holder,
        "department" => To::Department,
        code => To::Custodian(code.to_owned()),
    };
    Step { name: name.into(), when: When::parse(when).unwrap(), to, by_webhook: false }
}

fn ladder() -> Vec<Step> {
    vec![
        step("before", "1wd before", "holder"),
        step("due", "due", "holder"),
        step("late-1", "1wd after", "holder"),
        step("late-2", "2wd after", "holder"),
        step("supervisor", "3wd after", "SUP"),
        step("head", "4wd after", "department"),
        step("privacy", "10wd after", "PRIV"),
    ]
}

fn rules() -> Rules {
    let calendar = calendar(&[date(2026, 11, 12)]);
    Rules {
        ladder: Ladder::new(ladder(), &calendar).unwrap(),
        calendar,
        quiet: vec![(Time::constant(12, 0, 0, 0), Time::constant(13, 0, 0, 0))],
        answer_hours: 4,
        needed_ahead: SignedDuration::from_hours(24),
        caps: Caps::default(),
        has_mail: true,
        takes: Takes::Nothing,
    }
}

/// Local time of the room.
fn at(text: &str) -> Timestamp {
    let local: jiff::civil::DateTime = text.parse().unwrap();
    local.to_zoned(TimeZone::get("Europe/Zurich").unwrap()).unwrap().timestamp()
}

/// Due on Friday 6 November 2026 at 17:00; Thursday the 12th is a holiday.
fn held(written: &[(&str, &str, Came)]) -> Held {
    let written = written
        .iter()
        .map(|(step, when, came)| Written { step: (*step).into(), at: at(when), came: *came })
        .collect();
    Held { due_at: at("2026-11-06T17:00"), holder_is_out: false, written }
}

fn owed_at(held: &Held, now: &str) -> Option<String> {
    owed(&rules(), held, at(now)).map(|step| step.name.clone())
}

#[test]
fn the_step_that_is_owed() {
    use Came::{Ahead, Back};
    for (written, now, expect) in [
        // Each at its time, in opening hours only.
        (&[][..], "2026-11-04T16:00", None),
        (&[], "2026-11-05T07:59", None),
        (&[], "2026-11-05T08:00", Some("before")),
        (&[("before", "2026-11-05T08:00", Ahead)], "2026-11-06T16:59", None),
        (&[("before", "2026-11-05T08:00", Ahead)], "2026-11-06T17:00", None),
        // Due at closing time on Friday: Monday morning, by then together with the first reminder.
        (&[("before", "2026-11-05T08:00", Ahead)], "2026-11-07T10:00", None),
        (&[("before", "2026-11-05T08:00", Ahead)], "2026-11-09T08:00", Some("late-1")),
        // Quiet at noon.
        (&[("before", "2026-11-05T08:00", Ahead)], "2026-11-09T12:00", None),
        (&[("before", "2026-11-05T08:00", Ahead)], "2026-11-09T13:00", Some("late-1")),
        (&[("late-1", "2026-11-09T08:00", Ahead)], "2026-11-09T16:00", None),
        (&[("late-1", "2026-11-09T08:00", Ahead)], "2026-11-10T08:00", Some("late-2")),
        // The holiday is no working day.
        (&[("late-2", "2026-11-10T08:00", Ahead)], "2026-11-11T08:00", Some("supervisor")),
        (&[("supervisor", "2026-11-11T08:00", Ahead)], "2026-11-12T10:00", None),
        (&[("supervisor", "2026-11-11T08:00", Ahead)], "2026-11-13T08:00", Some("head")),
        (&[("head", "2026-11-13T08:00", Ahead)], "2026-11-20T08:00", None),
        (&[("head", "2026-11-13T08:00", Ahead)], "2026-11-23T08:00", Some("privacy")),
        // It ends.
        (&[("privacy", "2026-11-23T08:00", Ahead)], "2028-11-23T08:00", None),
        // Switched off for weeks: the holder is asked once and first, the others after time to answer.
        (&[], "2026-12-01T09:00", Some("late-2")),
        (&[("late-2", "2026-12-01T09:00", Ahead)], "2026-12-01T12:59", None),
        (&[("late-2", "2026-12-01T09:00", Ahead)], "2026-12-01T13:00", Some("supervisor")),
        // It came back: the next recipient at once, and never the same address.
        (&[("before", "2026-11-05T08:00", Back)], "2026-11-05T08:01", Some("supervisor")),
        (&[("supervisor", "2026-11-11T08:00", Back)], "2026-11-11T08:05", Some("head")),
        (&[("privacy", "2026-11-23T08:00", Back)], "2026-11-24T08:05", None),
        // The clock was set back a month, or was a year ahead when the notice was written: nothing twice.
        (&[("late-2", "2026-11-10T08:00", Ahead)], "2026-10-12T10:00", None),
        (&[("late-2", "2027-11-10T08:00", Ahead)], "2026-11-09T10:00", None),
        (&[("late-2", "2027-11-10T08:00", Ahead)], "2026-11-11T10:00", Some("supervisor")),
        // Steps of another ladder count for nothing.
        (&[("gone", "2026-11-05T08:00", Ahead)], "2026-11-05T08:01", Some("before")),
    ] {
        assert_eq!(owed_at(&held(written), now).as_deref(), expect, "{written:?} at {now}");
    }
}

#[test]
fn a_holder_who_has_it_no_more_is_not_asked_again() {
    let out = Held { holder_is_out: true, ..held(&[("late-1", "2026-11-09T08:00", Came::Ahead)]) };
    assert_eq!(owed_at(&out, "2026-11-10T08:00"), None);
    assert_eq!(owed_at(&out, "2026-11-11T08:00").as_deref(), Some("supervisor"));
}

/// Ten minutes at a time through the two changes of the clocks, with what is written kept: each step once, none left out.
#[test]
fn every_step_once_through_both_changes_of_the_clocks() {
    let rules = rules();
    for (due, from) in [("2026-03-27T17:00", "2026-03-25T00:00"), ("2026-10-23T17:00", "2026-10-21T00:00")] {
        let mut held = Held { due_at: at(due), holder_is_out: false, written: Vec::new() };
        for ten in 0..24 * 24 * 6 {
            let now = at(from) + SignedDuration::from_mins(ten * 10);
            if let Some(step) = owed(&rules, &held, now) {
                assert!(rules.is_time(now));
                let written = Written { step: step.name.clone(), at: now, came: Came::Ahead };
                held.written.push(written);
            }
        }
        let told: Vec<_> = held.written.iter().map(|written| written.step.as_str()).collect();
        // "due" falls on closing time before a weekend, so that the first reminder takes its place.
        assert_eq!(told, ["before", "late-1", "late-2", "supervisor", "head", "privacy"], "{due}");
        let hours: Vec<_> =
            held.written.iter().map(|written| rules.calendar.shown(written.at).to_string()).collect();
        assert!(hours.iter().all(|hour| hour == "08:00:00"), "{hours:?}");
    }
}

#[test]
fn ladders_that_cannot_be() {
    let order = |first: &str, second: &str| {
        Ladder::new(vec![step("a", first, "holder"), step("b", second, "SUP")], &calendar(&[]))
    };
    for (first, second) in [("due", "1wd before"), ("2wd after", "2wd after"), ("9h after", "1wd after")] {
        let error = order(first, second).unwrap_err().to_string();
        assert_eq!(
            error, "step \"b\" would not come after step \"a\"; order the steps by their time",
            "{first} {second}"
        );
    }
    for (first, second) in [("due", "1h after"), ("3d after", "9d after"), ("8h after", "2wd after")] {
        assert!(order(first, second).is_ok(), "{first} {second}");
    }
    let twice = vec![step("a", "due", "holder"), step("a", "1wd after", "holder")];
    let error = Ladder::new(twice, &calendar(&[])).unwrap_err().to_string();
    assert!(error.contains("go in a circle"), "{error}");
    let many = (1..=31).map(|day| step(&format!("s{day}"), &format!("{day}wd after"), "holder")).collect();
    assert_eq!(Ladder::new(many, &calendar(&[])), Err(LadderError::Long(31)));
    for text in ["", "1wd", "soon", "0wd after", "4h before", "1wd  later", "-1wd after", "367d after"] {
        assert!(When::parse(text).is_err(), "{text}");
    }
}

#[test]
fn nobody_gets_a_thousand() {
    let caps = Caps::default();
    let now = at("2026-11-05T10:00");
    let recent = |minutes: Option<i64>, of_day| Recent {
        last_of_step: minutes.map(|minutes| now - SignedDuration::from_mins(minutes)),
        of_day,
    };
    for (recent, expect) in [
        (recent(None, 0), true),
        (recent(Some(59), 1), false),
        (recent(Some(60), 1), true),
        (recent(Some(-60), 1), true),
        (recent(None, 12), false),
    ] {
        assert_eq!(caps.allow(recent, now), expect, "{recent:?}");
    }
    let waits: Vec<_> = [1, 2, 3, 5, 6, 7, 40_000].map(|tries| backoff(tries).as_mins()).into();
    assert_eq!(waits, [1, 2, 4, 16, 30, 30, 30]);
}

#[test]
fn built_in_templates_say_what_is_needed_and_no_subject_knows_a_patient() {
    let templates = Templates::default();
    let content = sample();
    for kind in Kind::ALL {
        let letter = templates.letter("some-step", kind, &content, &TimeZone::UTC).unwrap();
        assert!(letter.subject.contains("notice 1"), "{}", letter.subject);
        for secret in ["00-12-34", "Sample", "V4650N", "section 34"] {
            assert!(!letter.subject.contains(secret), "{}", letter.subject);
        }
        for words in [
            "00-12-34, volume 2 (medical)",
            "File area A, section 34",
            "with Cardiology by the record",
            "5 more",
        ] {
            assert!(letter.body.contains(words), "{words}: {}", letter.body);
        }
        assert_eq!(letter.body.contains("How to answer"), kind != Kind::Found, "{kind:?}");
        assert!(!letter.body.contains("none") && !letter.body.contains("\n\n\n"), "{}", letter.body);
    }
}

#[test]
fn a_template_that_could_fail_is_refused_and_the_one_before_stays() {
    let mut templates = Templates::default();
    let before = templates.letter("late-1", Kind::Late, &sample(), &TimeZone::UTC).unwrap();
    for (name, text, why) in [
        ("late", "Dear holder", "the first line must be `Subject: …`"),
        ("late", "Subject: {{ number }\n\nx", "line 1 of the subject"),
        ("late", "Subject: {{ charts[0].mrn }}\n\nx", "a subject knows number, site"),
        ("late", "Subject: {{ mrn }}\n\nx", "a subject knows number, site"),
        (
            "late",
            "Subject: a\n\n{% for chart in charts %}{{ chart.name.first }}{% endfor %}",
            "undefined value",
        ),
        (
            "late",
            "Subject: a\n\n{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
            "fuel",
        ),
        ("late", "Subject:  \n\nx", "one line of 1 to 120 characters"),
        ("late", "Subject: a\n", "the body must have"),
        ("list", "{{ nothing }}", "a body also charts"),
    ] {
        let error = templates.put(name, text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{name}.txt: ")) && error.contains(why), "{text:?}: {error}");
        let after = templates.letter("late-1", Kind::Late, &sample(), &TimeZone::UTC).unwrap();
        assert_eq!(after, before);
    }
    templates.put("late", "Subject: Bitte {{ count }}\n\nHallo\n{{ list }}").unwrap();
    let after = templates.letter("late-1", Kind::Late, &sample(), &TimeZone::UTC).unwrap();
    assert_eq!(after.subject, "Bitte 7");
    templates.put("late-1", "Subject: Nur dieser\n\nHallo").unwrap();
    assert_eq!(
        templates.letter("late-1", Kind::Late, &sample(), &TimeZone::UTC).unwrap().subject,
        "Nur dieser"
    );
}

#[test]
fn what_somebody_else_needs_is_asked_for_when_that_is_near() {
    for (now, needed, expect) in [
        ("2026-11-03T09:00", "2026-11-04T09:01", false),
        ("2026-11-03T09:00", "2026-11-04T08:59", true),
        ("2026-11-03T09:00", "2026-11-03T08:00", true),
        ("2026-11-03T12:30", "2026-11-04T09:00", false),
        ("2026-11-03T12:30", "2026-11-03T12:50", true),
        ("2026-11-03T22:00", "2026-11-04T08:59", true),
        ("2026-11-03T22:00", "2026-11-04T09:00", false),
        ("2026-11-07T22:00", "2026-11-08T10:00", true),
    ] {
        assert_eq!(is_wanted_now(&rules(), at(needed), at(now)), expect, "{needed} at {now}");
    }
}

#[test]
fn what_a_program_refuses_the_same_holder_may_get_by_mail() {
    let mut by_webhook = step("first", "1wd after", "holder");
    by_webhook.by_webhook = true;
    let steps = vec![by_webhook, step("second", "5wd after", "holder")];
    let rules = Rules { ladder: Ladder::new(steps, &rules().calendar).unwrap(), ..rules() };
    let held = held(&[("first", "2026-11-09T08:00", Came::Back)]);
    let step = owed(&rules, &held, at("2026-11-09T09:00")).map(|step| step.name.as_str());
    assert_eq!(step, Some("second"));
    assert_eq!((rules.channel("first", true), rules.channel("second", true)), (Channel::Mail, Channel::Mail));
    let rules = Rules { takes: Takes::Steps, ..rules };
    assert_eq!(
        (rules.channel("first", true), rules.channel("second", true)),
        (Channel::Webhook, Channel::Mail)
    );
    assert_eq!(rules.channel("needed", false), Channel::Slip);
}
