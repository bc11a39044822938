//! Dates of birth as people type them: 12.3.1956, 3/12/56, 1956-03-12, 12031956, 12 Mar 1956, March 12, 1956. What can
//! be two dates is read as both.

use jiff::civil::Date;

/// The oldest date of birth.
const YEAR_MIN: i16 = 1850;
/// Months by their names in English and German, without accents.
const MONTHS: [&[&str]; 12] = [
    &["january", "januar", "janner"],
    &["february", "februar"],
    &["march", "marz"],
    &["april"],
    &["may", "mai"],
    &["june", "juni"],
    &["july", "juli"],
    &["august"],
    &["september"],
    &["october", "oktober"],
    &["november"],
    &["december", "dezember"],
];

/// A date found at the front of some words: how many words it takes, and the days that it can mean, likeliest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) words: usize,
    pub(super) days: Vec<Date>,
}

/// Reads a date that the first of `words` begins. Words are folded.
pub(super) fn first(words: &[&str], today: Date) -> Option<Found> {
    let alone = |text: &str| -> Option<Vec<Date>> {
        let parts: Vec<&str> =
            text.trim_end_matches('.').split(['.', '/', '-']).filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            [first, second, third] => of_parts(first, second, third, text.contains('.'), today),
            [digits] => of_digits(digits, today),
            _ => None,
        }
    };
    let [first, rest @ ..] = words else { return None };
    if let Some(days) = alone(first) {
        return Some(Found { words: 1, days });
    }
    let [second, third, ..] = rest else { return None };
    let is_apart = |word: &str| word.trim_end_matches('.').chars().all(char::is_alphanumeric);
    if ![*first, *second, *third].into_iter().all(is_apart) {
        return None;
    }
    let bare = |word: &str| word.trim_end_matches('.').to_owned();
    let days = of_parts(&bare(first), &bare(second), &bare(third), first.ends_with('.'), today)?;
    Some(Found { words: 3, days })
}

/// A year alone.
pub(super) fn year(text: &str, today: Date) -> Option<i16> {
    let year: i16 = text.parse().ok().filter(|_| text.len() == 4)?;
    (YEAR_MIN..=today.year()).contains(&year).then_some(year)
}

fn of_parts(first: &str, second: &str, third: &str, has_dots: bool, today: Date) -> Option<Vec<Date>> {
    if let Some(month) = month(second) {
        return possible(&[(third, month, ordinal(first)?)], today);
    }
    if let Some(month) = month(first) {
        return possible(&[(third, month, ordinal(second)?)], today);
    }
    let numbers = [number(first)?, number(second)?];
    number(third)?;
    if first.len() == 4 {
        return possible(&[(first, numbers.get(1).copied()?, number(third)?)], today);
    }
    let [one, other] = numbers;
    let day_first = (third, other, one);
    let month_first = (third, one, other);
    let year_first = (first, other, number(third)?);
    if has_dots {
        // Nobody but a slip of the pen writes the month first with dots.
        return possible(&[day_first], today).or_else(|| possible(&[month_first], today));
    }
    possible(&[day_first, month_first], today).or_else(|| possible(&[year_first], today))
}

/// Eight or six digits without anything between them.
fn of_digits(text: &str, today: Date) -> Option<Vec<Date>> {
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match text.len() {
        8 => {
            let year_last = part(4, 8);
            let all = [
                (part(0, 4), number(part(4, 6))?, number(part(6, 8))?),
                (year_last, number(part(2, 4))?, number(part(0, 2))?),
                (year_last, number(part(0, 2))?, number(part(2, 4))?),
            ];
            possible(&all, today)
        }
        6 => {
            let all = [
                (part(4, 6), number(part(2, 4))?, number(part(0, 2))?),
                (part(4, 6), number(part(0, 2))?, number(part(2, 4))?),
            ];
            possible(&all, today)
        }
        _ => None,
    }
}

/// The days that exist, are not to come and not too long ago.
fn possible(all: &[(&str, i8, i8)], today: Date) -> Option<Vec<Date>> {
    let mut days = Vec::new();
    for (year, month, day) in all {
        for year in years(year) {
            let date = Date::new(year, *month, *day).ok();
            let date = date.filter(|date| *date <= today && date.year() >= YEAR_MIN && !days.contains(date));
            days.extend(date);
        }
    }
    (!days.is_empty()).then_some(days)
}

/// The years that two or four digits can mean.
fn years(text: &str) -> Vec<i16> {
    let Ok(year) = text.parse::<i16>() else { return Vec::new() };
    match text.len() {
        4 => vec![year],
        2 => vec![1900 + year, 2000 + year],
        _ => Vec::new(),
    }
}

fn number(text: &str) -> Option<i8> {
    let is_number = matches!(text.len(), 1 | 2 | 4) && text.bytes().all(|byte| byte.is_ascii_digit());
    // Years of four digits are read elsewhere.
    is_number.then(|| text.parse().unwrap_or(0))
}

fn ordinal(text: &str) -> Option<i8> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let ending = text.get(digits.len()..).unwrap_or_default();
    matches!(ending, "" | "st" | "nd" | "rd" | "th").then(|| number(digits)).flatten()
}

fn month(text: &str) -> Option<i8> {
    if text.len() < 3 {
        return None;
    }
    let found = MONTHS
        .iter()
        .position(|names| names.iter().any(|name| name.starts_with(text)) || (text == "sept"))?;
    i8::try_from(found + 1).ok()
}

/// Days that a slip makes of this one: a wrong digit, two neighbours swapped, or day and month.
pub fn near(date: Date) -> Vec<Date> {
    let written = format!("{:04}{:02}{:02}", date.year(), date.month(), date.day());
    let read = |text: &str| -> Option<Date> {
        let part = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<i16>().ok());
        let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    };
    let mut days: Vec<Date> = Date::new(date.year(), date.day(), date.month()).ok().into_iter().collect();
    for at in 0..written.len() {
        for digit in "0123456789".chars() {
            let changed: String = written
                .chars()
                .enumerate()
                .map(|(index, old)| if index == at { digit } else { old })
                .collect();
            days.extend(read(&changed).filter(|day| day.year() >= YEAR_MIN));
        }
    }
    for at in 1..written.len() {
        let mut swapped: Vec<char> = written.chars().collect();
        swapped.swap(at - 1, at);
        days.extend(read(&swapped.into_iter().collect::<String>()).filter(|day| day.year() >= YEAR_MIN));
    }
    days.sort_unstable();
    days.dedup();
    days.retain(|day| *day != date);
    days
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TODAY: Date = Date::constant(2026, 11, 22);

    fn told(text: &str) -> String {
        let words: Vec<&str> = text.split_whitespace().collect();
        match first(&words, TODAY) {
            None => "none".to_owned(),
            Some(found) => {
                let days: Vec<String> = found.days.iter().map(ToString::to_string).collect();
                format!("{} of {}: {}", found.words, words.len(), days.join(" "))
            }
        }
    }

    #[test]
    fn dates_as_people_type_them() {
        for (text, expect) in [
            ("1956-03-12", "1 of 1: 1956-03-12"),
            ("1956/3/12", "1 of 1: 1956-03-12"),
            ("12.3.1956", "1 of 1: 1956-03-12"),
            ("12.03.56", "1 of 1: 1956-03-12"),
            ("12. 3. 1956", "3 of 3: 1956-03-12"),
            ("12 3 1956", "3 of 3: 1956-03-12 1956-12-03"),
            ("3/4/1956", "1 of 1: 1956-04-03 1956-03-04"),
            ("3-4-56", "1 of 1: 1956-04-03 1956-03-04"),
            ("5/5/1956", "1 of 1: 1956-05-05"),
            ("12/31/1956", "1 of 1: 1956-12-31"),
            ("31/12/1956", "1 of 1: 1956-12-31"),
            ("12.31.1956", "1 of 1: 1956-12-31"),
            ("56-03-12", "1 of 1: 1956-03-12"),
            ("19560312", "1 of 1: 1956-03-12"),
            ("12031956", "1 of 1: 1956-03-12 1956-12-03"),
            ("120356", "1 of 1: 1956-03-12 1956-12-03"),
            ("1.1.20", "1 of 1: 1920-01-01 2020-01-01"),
            ("1.1.27", "1 of 1: 1927-01-01"),
            ("12 mar 1956", "3 of 3: 1956-03-12"),
            ("12. marz 1956", "3 of 3: 1956-03-12"),
            ("march 12th 1956 nunez", "3 of 4: 1956-03-12"),
            ("12-mar-56", "1 of 1: 1956-03-12"),
            ("29.2.2000", "1 of 1: 2000-02-29"),
        ] {
            assert_eq!(told(text), expect, "{text}");
        }
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "1956",
            "12-34-56",
            "123456",
            "30.2.1956",
            "23.11.2026",
            "1.1.1849",
            "maria garcia lopez",
            "12",
            "1/2",
            "1/2/3/4",
            "12.mar",
            "mar mar mar",
            "1/2/3",
            "v1",
            "१.२.१९५६",
            "may smith 12",
            "12/0/1956",
            "99999999",
        ] {
            assert_eq!(told(text), "none", "{text}");
        }
    }

    #[test]
    fn a_slip_of_a_digit_is_near() {
        let near: Vec<String> = near(Date::constant(1956, 3, 12)).iter().map(ToString::to_string).collect();
        for expect in [
            "1956-12-03",
            "1965-03-12",
            "1957-03-12",
            "1956-03-13",
            "1956-02-12",
            "1956-03-22",
            "1956-08-12",
            "1956-03-21",
        ] {
            assert!(near.contains(&expect.to_owned()), "{expect}");
        }
        assert!(!near.contains(&"1956-03-12".to_owned()), "itself");
        assert!(near.len() < 60, "{}", near.len());
    }

    proptest! {
        #[test]
        fn every_text_is_read_or_not(text in "\\PC{0,30}") {
            told(&text);
        }

        #[test]
        fn every_date_is_among_its_readings(days in 0_i32..64_000, notation in 0_usize..6) {
            let date = Date::constant(1850, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            let (year, month, day) = (date.year(), date.month(), date.day());
            let text = match notation {
                0 => format!("{day}.{month}.{year}"),
                1 => format!("{month}/{day}/{year}"),
                2 => format!("{day}/{month}/{year}"),
                3 => format!("{year}-{month:02}-{day:02}"),
                4 => format!("{day:02}{month:02}{year}"),
                _ => format!("{day:02}.{month:02}.{:02}", year % 100),
            };
            let days = first(&[&text], TODAY).unwrap().days;
            prop_assert!(days.contains(&date) || (notation == 5 && year < 1900), "{text}: {:?}", days);
        }
    }
}
