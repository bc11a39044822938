//! Tests of the calendar: the primer's periods, clock changes, holidays, and what holds for every rule.

use super::*;
use proptest::prelude::*;

const WEEK: [bool; 7] = [true, true, true, true, true, false, false];
const DAILY: [bool; 7] = [true; 7];

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

fn calendar(zone: &str, week: [bool; 7], opens: &str, closes: &str, holidays: &[&str]) -> Calendar {
    let holidays = holidays.iter().map(|date| date.parse().unwrap()).collect();
    Calendar::new(TimeZone::get(zone).unwrap(), week, time(opens), time(closes), holidays).unwrap()
}

/// Minneapolis, Monday to Friday from eight to five; Thanksgiving and the day after, Christmas Eve and Day, New Year.
fn clinic() -> Calendar {
    let holidays = ["2026-11-26", "2026-11-27", "2026-12-24", "2026-12-25", "2027-01-01"];
    calendar("America/Chicago", WEEK, "08:00", "17:00", &holidays)
}

/// Times are local ones of the calendar, with their offset where the clocks show them twice.
fn local(calendar: &Calendar, text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|_| {
        calendar.zone.to_ambiguous_timestamp(text.parse().unwrap()).unambiguous().unwrap()
    })
}

fn check_in(calendar: &Calendar, rule: &str, charged: &str, stay: Stay, expect: Option<&str>) {
    let due = calendar.due_at(DueRule::parse(rule).unwrap(), local(calendar, charged), stay);
    let due = due.map(|due| calendar.zone.to_datetime(due).strftime("%a %F %R").to_string());
    assert_eq!(due.as_deref(), expect, "{rule}, charged out {charged}");
}

fn check(rule: &str, charged: &str, expect: &str) {
    check_in(&clinic(), rule, charged, Stay::Outpatient, Some(expect));
}

#[test]
fn a_whole_department_has_charts_back_the_same_day() {
    check("same-day", "2026-11-16T09:30", "Mon 2026-11-16 17:00");
    check("same-day", "2026-11-16T06:00", "Mon 2026-11-16 17:00");
    check("same-day", "2026-11-16T16:59:59.9", "Mon 2026-11-16 17:00");
    check("same-day", "2026-11-16T17:00", "Tue 2026-11-17 17:00");
    check("same-day", "2026-11-20T18:00", "Mon 2026-11-23 17:00");
    check("same-day", "2026-11-21T09:00", "Mon 2026-11-23 17:00");
}

#[test]
fn a_clinic_has_working_days() {
    check("1wd", "2026-11-16T09:30", "Tue 2026-11-17 17:00");
    check("1wd", "2026-11-20T16:00", "Mon 2026-11-23 17:00");
    check("1wd", "2026-11-20T23:00", "Mon 2026-11-23 17:00");
    check("1wd", "2026-11-22T12:00", "Mon 2026-11-23 17:00");
    check("5wd", "2026-11-16T09:30", "Mon 2026-11-23 17:00");
    // Two holidays in a row, then the weekend.
    check("1wd", "2026-11-25T09:30", "Mon 2026-11-30 17:00");
    // Over the end of the year: 24th, 25th and 1st are holidays.
    check("5wd", "2026-12-23T09:30", "Mon 2027-01-04 17:00");
}

#[test]
fn dictation_has_ten_calendar_days() {
    check("10d", "2026-11-02T09:30", "Thu 2026-11-12 17:00");
    check("10d", "2026-11-04T23:59", "Mon 2026-11-16 17:00");
    check("10d", "2026-11-16T09:30", "Mon 2026-11-30 17:00");
    check("1d", "2026-12-31T09:30", "Mon 2027-01-04 17:00");
}

#[test]
fn hours_are_those_that_the_room_is_open() {
    check("4h", "2026-11-16T09:30", "Mon 2026-11-16 13:30");
    check("4h", "2026-11-16T13:00", "Mon 2026-11-16 17:00");
    check("4h", "2026-11-16T16:00", "Tue 2026-11-17 11:00");
    check("4h", "2026-11-16T17:00", "Tue 2026-11-17 12:00");
    check("4h", "2026-11-25T16:30", "Mon 2026-11-30 11:30");
    check("4h", "2026-11-16T02:00", "Mon 2026-11-16 12:00");
    check("27h", "2026-11-16T08:00", "Wed 2026-11-18 17:00");
}

#[test]
fn a_ward_has_until_discharge_and_a_day() {
    let check = |charged, stay, expect| check_in(&clinic(), "until-discharge+1wd", charged, stay, expect);
    check("2026-11-02T09:30", Stay::Inpatient, None);
    let discharged = Stay::Discharged(local(&clinic(), "2026-11-20T14:00"));
    check("2026-11-02T09:30", discharged, Some("Mon 2026-11-23 17:00"));
    // Charged out after the discharge, or to a ward in which the patient never was.
    check("2026-11-23T09:30", discharged, Some("Tue 2026-11-24 17:00"));
    check("2026-11-23T09:30", Stay::Outpatient, Some("Tue 2026-11-24 17:00"));
    // The other rules do not ask.
    check_in(&clinic(), "1wd", "2026-11-02T09:30", Stay::Inpatient, Some("Tue 2026-11-03 17:00"));
}

#[test]
fn what_is_never_due_has_no_time() {
    check_in(&clinic(), "none", "2026-11-16T09:30", Stay::Outpatient, None);
    for rule in ["same-day", "999wd", "999d", "999h"] {
        assert_eq!(clinic().due_at(DueRule::parse(rule).unwrap(), Timestamp::MAX, Stay::Outpatient), None);
    }
}

#[test]
fn rules_come_back_and_nonsense_is_refused() {
    for word in
        ["none", "same-day", "1wd", "999wd", "10d", "4h", "until-discharge+1wd", "until-discharge+12wd"]
    {
        assert_eq!(DueRule::parse(&format!(" {word} ")).unwrap().to_string(), word);
    }
    for nonsense in [
        "",
        "never",
        "0d",
        "0wd",
        "0h",
        "1000d",
        "+1d",
        "-1d",
        "d",
        "wd",
        "1w",
        "1.5h",
        "1 d",
        "until-discharge",
        "until-discharge+1d",
        "until-discharge+same-day",
        "99999999999d",
    ] {
        assert!(DueRule::parse(nonsense).is_err(), "{nonsense}");
    }
    assert_eq!(
        DueRule::parse("soon").unwrap_err().to_string(),
        "`soon` is no due-back rule; write `none`, `same-day`, `3wd` (working days), `10d` (days), `4h` (hours that the \
         room is open) or `until-discharge+1wd`, with numbers from 1 to 999"
    );
}

#[test]
fn a_room_that_never_opens_is_refused() {
    let new = |week, opens, closes, holidays| {
        Calendar::new(TimeZone::UTC, week, time(opens), time(closes), holidays)
            .err()
            .map(|error| error.to_string())
    };
    let hours = |opens, closes| {
        Some(format!(
            "the room opens at {opens} and closes at {closes}; it must be open for an hour or more before midnight"
        ))
    };
    let none = BTreeSet::new;
    let no_day = "no day of the week is a working day; name at least one";
    assert_eq!(new([false; 7], "08:00", "17:00", none()).as_deref(), Some(no_day));
    assert_eq!(new(WEEK, "17:00", "08:00", none()), hours("17:00:00", "08:00:00"));
    assert_eq!(new(WEEK, "08:00", "08:00", none()), hours("08:00:00", "08:00:00"));
    assert_eq!(new(WEEK, "08:00", "08:59", none()), hours("08:00:00", "08:59:00"));
    assert_eq!(new(WEEK, "08:00", "09:00", none()), None);
    assert_eq!(new(WEEK, "00:00", "00:00", none()), None);
    let days = |count| "2026-01-01".parse::<Date>().unwrap().series(1.day()).take(count).collect();
    assert_eq!(new(WEEK, "08:00", "17:00", days(1000)), None);
    let many = "1001 holidays are more than 1000; leave out those long past";
    assert_eq!(new(WEEK, "08:00", "17:00", days(1001)).as_deref(), Some(many));
}

#[test]
fn the_longest_row_of_holidays_ends() {
    // Sundays from two to three in the morning, all holidays: 19 years, of which each spring takes one Sunday more.
    let sundays: Vec<String> = (0..1000)
        .map(|week| ("2026-01-04".parse::<Date>().unwrap() + (7 * week).days()).to_string())
        .collect();
    let sundays: Vec<&str> = sundays.iter().map(String::as_str).collect();
    let week = [false, false, false, false, false, false, true];
    let calendar = calendar("America/Chicago", week, "02:00", "03:00", &sundays);
    let check = |date: &str, expect: &str| {
        assert_eq!(calendar.next_working_day(date.parse().unwrap()), Some(expect.parse().unwrap()));
    };
    check("2025-12-30", "2045-03-05");
    // On the second Sunday of March there is no two o'clock.
    check("2045-03-05", "2045-03-19");
}

#[test]
fn the_room_is_open_from_opening_until_just_before_closing() {
    let check = |calendar: &Calendar, time: &str, expect: bool| {
        assert_eq!(calendar.is_open(local(calendar, time)), expect, "{time}");
    };
    check(&clinic(), "2026-11-16T07:59:59.9", false);
    check(&clinic(), "2026-11-16T08:00", true);
    check(&clinic(), "2026-11-16T16:59:59.9", true);
    check(&clinic(), "2026-11-16T17:00", false);
    check(&clinic(), "2026-11-21T12:00", false);
    check(&clinic(), "2026-11-26T12:00", false);
    // One moment is Monday noon here and Tuesday there.
    check(&clinic(), "2026-11-16T18:00Z", true);
    let east = calendar("Pacific/Kiritimati", WEEK, "08:00", "17:00", &["2026-11-17"]);
    check(&east, "2026-11-16T18:00Z", false);
    check(&east, "2026-11-15T18:00Z", true);
    let always = calendar("UTC", DAILY, "00:00", "00:00", &["2026-11-17"]);
    check(&always, "2026-11-16T23:59:59.9", true);
    check(&always, "2026-11-17T00:00", false);
    check(&always, "2026-11-18T00:00", true);
}

#[test]
fn a_room_that_closes_at_midnight_has_charts_back_by_then() {
    let always = calendar("Europe/Zurich", DAILY, "00:00", "00:00", &[]);
    let check = |rule, charged, expect| check_in(&always, rule, charged, Stay::Outpatient, Some(expect));
    check("same-day", "2026-12-31T23:59", "Fri 2027-01-01 00:00");
    check("same-day", "2027-01-01T00:00", "Sat 2027-01-02 00:00");
    check("1wd", "2026-12-31T10:00", "Sat 2027-01-02 00:00");
    check("4h", "2026-12-31T22:00", "Fri 2027-01-01 02:00");
}

#[test]
fn nights_of_the_clock_change_have_an_hour_less_or_more() {
    let check = |zone, opens, closes, rule, charged, expect| {
        let calendar = calendar(zone, DAILY, opens, closes, &[]);
        check_in(&calendar, rule, charged, Stay::Outpatient, Some(expect));
    };
    let chicago = "America/Chicago";
    check(chicago, "00:00", "00:00", "4h", "2026-03-08T00:00", "Sun 2026-03-08 05:00");
    check(chicago, "00:00", "00:00", "4h", "2026-11-01T00:00", "Sun 2026-11-01 03:00");
    check(chicago, "00:00", "00:00", "24h", "2026-03-08T00:00", "Mon 2026-03-09 01:00");
    // Opening hours in the hour that is left out begin and end at the change.
    check(chicago, "00:30", "02:30", "same-day", "2026-03-08T01:00", "Sun 2026-03-08 03:00");
    check(chicago, "02:30", "04:00", "1h", "2026-03-08T00:00", "Sun 2026-03-08 04:00");
    check(chicago, "02:00", "03:00", "same-day", "2026-03-08T01:00", "Mon 2026-03-09 03:00");
    // In the hour that comes twice, the first one counts.
    check(chicago, "00:00", "01:30", "same-day", "2026-11-01T01:10-05:00", "Sun 2026-11-01 01:30");
    check(chicago, "00:00", "01:30", "same-day", "2026-11-01T01:10-06:00", "Mon 2026-11-02 01:30");
    check("Australia/Lord_Howe", "00:00", "00:00", "4h", "2026-10-04T00:00", "Sun 2026-10-04 04:30");
    // Samoa had no 30 December 2011, and Saint John's the same date twice around midnight.
    check("Pacific/Apia", "08:00", "17:00", "1wd", "2011-12-29T10:00", "Sat 2011-12-31 17:00");
    check("America/St_Johns", "08:00", "00:00", "same-day", "2010-11-06T23:30-03:30", "Mon 2010-11-08 00:00");
}

#[test]
fn working_hours_add_up_over_closing_time() {
    let check = |from: &str, hours, expect: &str| {
        let found = clinic().add_working_hours(local(&clinic(), from), hours);
        assert_eq!(found, Some(local(&clinic(), expect)), "{from} and {hours} h");
    };
    check("2026-11-16T09:30", 0, "2026-11-16T09:30");
    check("2026-11-16T17:00", 0, "2026-11-17T08:00");
    check("2026-11-21T09:30", 0, "2026-11-23T08:00");
    check("2026-11-16T08:00", 9, "2026-11-16T17:00");
    check("2026-11-16T08:00", 48, "2026-11-23T11:00");
}

prop_compose! {
    fn any_calendar()(
        zone in proptest::sample::select(vec![
            "UTC", "America/Chicago", "America/St_Johns", "America/Havana", "Europe/Zurich", "Africa/Cairo",
            "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati", "America/Sao_Paulo",
        ]),
        week in any::<[bool; 7]>().prop_filter("no working day", |week| week.contains(&true)),
        opens in 0..23_i8,
        half in proptest::bool::ANY,
        length in 1..24_i8,
        holidays in proptest::collection::btree_set(0..4000_i64, 0..40),
    ) -> Calendar {
        let closes = if opens + length >= 23 { 0 } else { opens + length };
        let minute = if half { 30 } else { 0 };
        let closing = Time::new(closes, if closes == 0 { 0 } else { minute }, 0, 0).unwrap();
        let first: Date = "2007-01-01".parse().unwrap();
        let holidays = holidays.into_iter().map(|day| first + day.days()).collect();
        Calendar::new(TimeZone::get(zone).unwrap(), week, Time::new(opens, minute, 0, 0).unwrap(), closing, holidays)
            .unwrap()
    }
}

fn any_rule() -> impl Strategy<Value = DueRule> {
    prop_oneof![
        Just(DueRule::SameDay),
        (1..20_u16).prop_map(DueRule::WorkingDays),
        (1..60_u16).prop_map(DueRule::Days),
        (1..60_u16).prop_map(DueRule::Hours),
        (1..20_u16).prop_map(DueRule::UntilDischarge),
    ]
}

/// From 2007 to 2018, half of them near the changes of clocks that are tested above.
fn any_moment() -> impl Strategy<Value = Timestamp> {
    let changes = ["2010-11-07T02:31Z", "2011-12-30T10:00Z", "2017-03-12T08:00Z", "2017-11-05T07:00Z"];
    let near = (proptest::sample::select(changes.to_vec()), -200_000..200_000_i64)
        .prop_map(|(change, seconds)| at(change) + SignedDuration::from_secs(seconds));
    let any = (1_167_600_000..1_514_800_000_i64).prop_map(|second| Timestamp::from_second(second).unwrap());
    prop_oneof![near, any]
}

proptest! {
    #[test]
    fn nothing_is_due_before_it_was_charged_out_or_while_nobody_is_there(
        calendar in any_calendar(),
        rule in any_rule(),
        charged in any_moment(),
    ) {
        let due = calendar.due_at(rule, charged, Stay::Outpatient).unwrap();
        prop_assert!(due >= charged, "{} is before {}", due, charged);
        let just_before = due - SignedDuration::from_nanos(1);
        prop_assert!(calendar.is_open(due) || calendar.is_open(just_before), "{}", due);
    }

    /// Told by the clock on the wall alone, in rooms that are closed whenever clocks change.
    #[test]
    fn what_is_due_is_due_by_the_clock_on_the_wall(
        week in any::<[bool; 7]>().prop_filter("no working day", |week| week.contains(&true)),
        zone in proptest::sample::select(vec!["America/Chicago", "Europe/Zurich", "Asia/Kolkata"]),
        rule in any_rule(),
        charged in any_moment(),
    ) {
        let calendar = calendar(zone, week, "07:15", "18:45", &["2011-12-26", "2017-11-06"]);
        let due = calendar.zone.to_datetime(calendar.due_at(rule, charged, Stay::Outpatient).unwrap());
        prop_assert!((time("07:15")..=time("18:45")).contains(&due.time()), "{}", due);
        let weekday = usize::try_from(due.weekday().to_monday_zero_offset()).unwrap();
        prop_assert!(week[weekday] && !calendar.holidays.contains(&due.date()), "{}", due);
    }

    #[test]
    fn what_is_charged_out_later_is_never_due_earlier(
        calendar in any_calendar(),
        rule in any_rule(),
        charged in any_moment(),
        minutes in 0..6000_i64,
    ) {
        let later = charged + SignedDuration::from_mins(minutes);
        let due = |charged| calendar.due_at(rule, charged, Stay::Outpatient).unwrap();
        prop_assert!(due(charged) <= due(later), "{} {} and {} {}", charged, due(charged), later, due(later));
    }

    #[test]
    fn hours_add_up(calendar in any_calendar(), from in any_moment(), one in 0..40_u16, other in 1..40_u16) {
        let split = calendar.add_working_hours(from, one).and_then(|at| calendar.add_working_hours(at, other));
        prop_assert_eq!(split, calendar.add_working_hours(from, one + other));
    }
}
