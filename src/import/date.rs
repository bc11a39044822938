//! Dates as spreadsheets write them: ISO 8601, day.month.year, days and months between slashes, and day numbers.

use jiff::civil::Date;

/// How dates such as 3/4/1970 are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// Day, month, year.
    DayFirst,
    /// Month, day, year.
    MonthFirst,
}

/// Why a text is no date here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoDate {
    /// It is none, and what to write instead.
    Bad(String),
    /// It is one or another, and nobody said which.
    Ambiguous,
}

/// Day 1 of spreadsheets is 1900-01-01, and their day 60 is a 29 February 1900 that never was: from day 61 on they count
/// from 1899-12-30 (documented for Excel as "the 1900 date system").
const SHEET_DAY_ZERO: (i16, i8, i8) = (1899, 12, 30);
const LEAP_DAY_THAT_NEVER_WAS: i32 = 60;
/// Day numbers that are more likely years: as days they would be in 1905.
const YEARS_ALONE: std::ops::Range<i32> = 1850..2100;
/// The oldest date that a list may name; day numbers and slips of the pen end up before it.
const YEAR_MIN: i16 = 1850;

/// Reads a date of the past, up to `today`. Which of two numbers between slashes is the day must be plain from the
/// numbers, or said by `order`; two digits are no year.
pub(super) fn date(text: &str, order: Option<DateOrder>, today: Date) -> Result<Date, NoDate> {
    let text = without_time(text);
    let date = match text.bytes().find(|byte| !byte.is_ascii_digit()) {
        None => number(text)?,
        Some(separator @ (b'-' | b'.' | b'/')) => parts(text, char::from(separator), order)?,
        Some(_) => return Err(no_date()),
    };
    if date > today {
        return Err(NoDate::Bad("is in the future; correct the date".to_owned()));
    }
    if date.year() < YEAR_MIN {
        return Err(NoDate::Bad(format!("is before {YEAR_MIN}; correct the date")));
    }
    Ok(date)
}

fn no_date() -> NoDate {
    NoDate::Bad("is no date; write it as year-month-day, such as 1970-12-31".to_owned())
}

/// Exports of date columns often bring a time along.
fn without_time(text: &str) -> &str {
    match text.split_once([' ', 'T']) {
        Some((date, time))
            if time.contains(':')
                && time.bytes().all(|byte| byte.is_ascii_digit() || b":.+-ZAPM ".contains(&byte)) =>
        {
            date
        }
        _ => text,
    }
}

/// Digits alone: a spreadsheet's day number, or year, month and day in eight digits.
fn number(text: &str) -> Result<Date, NoDate> {
    let digits = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    if text.len() == 8 {
        return civil(digits(0, 4), digits(4, 6), digits(6, 8));
    }
    let day: i32 = text.parse().ok().filter(|_| text.len() <= 5).ok_or_else(no_date)?;
    if YEARS_ALONE.contains(&day) {
        return Err(NoDate::Bad("is a year alone; write the whole date, such as 1970-12-31".to_owned()));
    }
    let (year, month, of_month) = SHEET_DAY_ZERO;
    let shift = i32::from(day < LEAP_DAY_THAT_NEVER_WAS);
    if day < 1 || day == LEAP_DAY_THAT_NEVER_WAS {
        return Err(no_date());
    }
    Date::new(year, month, of_month)
        .and_then(|zero| zero.checked_add(jiff::Span::new().try_days(day + shift)?))
        .map_err(|_| no_date())
}

fn parts(text: &str, separator: char, order: Option<DateOrder>) -> Result<Date, NoDate> {
    let mut parts = text.split(separator).map(str::trim);
    let (Some(first), Some(second), Some(third), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(no_date());
    };
    if first.len() == 4 {
        return civil(first, second, third);
    }
    if third.len() == 2 {
        return Err(NoDate::Bad("has a year of two digits; write all four".to_owned()));
    }
    if separator == '.' {
        return civil(third, second, first);
    }
    match order {
        Some(DateOrder::DayFirst) => civil(third, second, first),
        Some(DateOrder::MonthFirst) => civil(third, first, second),
        None => match (civil(third, second, first), civil(third, first, second)) {
            (Ok(date), Ok(other)) if date != other => Err(NoDate::Ambiguous),
            (Ok(date), _) | (Err(_), Ok(date)) => Ok(date),
            (Err(error), Err(_)) => Err(error),
        },
    }
}

fn civil(year: &str, month: &str, day: &str) -> Result<Date, NoDate> {
    let is_short = |text: &str| matches!(text.len(), 1 | 2);
    if year.len() != 4 || !is_short(month) || !is_short(day) {
        return Err(no_date());
    }
    let all_digits = [year, month, day].iter().all(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let (Ok(year), Ok(month), Ok(day), true) = (year.parse(), month.parse(), day.parse(), all_digits) else {
        return Err(no_date());
    };
    Date::new(year, month, day).map_err(|_| no_date())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, order: Option<DateOrder>) -> String {
        match date(text, order, Date::constant(2026, 3, 1)) {
            Ok(date) => date.to_string(),
            Err(NoDate::Ambiguous) => "ambiguous".to_owned(),
            Err(NoDate::Bad(why)) => why,
        }
    }

    fn check(order: Option<DateOrder>, cases: &[(&str, &str)]) {
        for (text, expect) in cases {
            let found = read(text, order);
            assert!(found.starts_with(expect), "{text}: {found}, not {expect}");
        }
    }

    #[test]
    fn plain_dates() {
        check(
            None,
            &[
                ("1970-12-31", "1970-12-31"),
                ("1970-2-1", "1970-02-01"),
                ("1970/12/31", "1970-12-31"),
                ("19701231", "1970-12-31"),
                ("1970-12-31 00:00:00.000", "1970-12-31"),
                ("1970-12-31T00:00:00Z", "1970-12-31"),
                ("12/31/1970 12:00:00 AM", "1970-12-31"),
                ("31.12.1970", "1970-12-31"),
                ("1.2.1970", "1970-02-01"),
                ("1. 2. 1970", "1970-02-01"),
                ("12/31/1970", "1970-12-31"),
                ("31/12/1970", "1970-12-31"),
                ("31-12-1970", "1970-12-31"),
                ("5/5/1970", "1970-05-05"),
                ("2000-02-29", "2000-02-29"),
            ],
        );
    }

    #[test]
    fn day_numbers_of_spreadsheets() {
        check(
            None,
            &[
                ("1", "1900-01-01"),
                ("59", "1900-02-28"),
                ("60", "is no date"),
                ("61", "1900-03-01"),
                ("25569", "1970-01-01"),
                ("45000", "2023-03-15"),
                ("0", "is no date"),
                ("99999", "is in the future"),
            ],
        );
    }

    #[test]
    fn what_could_be_two_dates_is_not_guessed() {
        check(None, &[("3/4/1970", "ambiguous"), ("03-04-1970", "ambiguous"), ("3.4.1970", "1970-04-03")]);
        check(Some(DateOrder::DayFirst), &[("3/4/1970", "1970-04-03"), ("12/31/1970", "is no date")]);
        check(Some(DateOrder::MonthFirst), &[("3/4/1970", "1970-03-04"), ("31/12/1970", "is no date")]);
    }

    #[test]
    fn no_dates() {
        check(
            None,
            &[
                ("3/4/70", "has a year of two digits"),
                ("31.12.70", "has a year of two digits"),
                ("1970", "is a year alone"),
                ("1970-02-30", "is no date"),
                ("1970-13-01", "is no date"),
                ("1970-12", "is no date"),
                ("1970-12-31-1", "is no date"),
                ("12.31.1970", "is no date"),
                ("2026-03-02", "is in the future"),
                ("1815-12-10", "is before 1850"),
                ("31 Dec 1970", "is no date"),
                ("+1/+2/1970", "is no date"),
                ("१/२/1970", "is no date"),
                ("", "is no date"),
            ],
        );
    }

    proptest! {
        #[test]
        fn every_date_comes_back(days in 0_i32..64_000, order in prop::sample::select(vec![
            DateOrder::DayFirst, DateOrder::MonthFirst,
        ])) {
            let day = Date::constant(1850, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            let (year, month, of_month) = (day.year(), day.month(), day.day());
            let slashes = match order {
                DateOrder::DayFirst => format!("{of_month}/{month}/{year}"),
                DateOrder::MonthFirst => format!("{month}/{of_month}/{year}"),
            };
            for text in [day.to_string(), format!("{of_month}.{month}.{year}"), slashes] {
                prop_assert_eq!(read(&text, Some(order)), day.to_string());
            }
        }

        #[test]
        fn nothing_panics(text in ".{0,20}") {
            read(&text, None);
        }
    }
}
