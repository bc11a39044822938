//! What texts are read as, and who is meant by them.

use super::*;
use proptest::prelude::*;

const TODAY: Date = Date::constant(2026, 11, 22);

fn told(text: &str) -> String {
    let asked = Asked::read(text, TODAY);
    let list = |name: &str, values: Vec<String>| {
        if values.is_empty() { String::new() } else { format!("{name} {}; ", values.join(" ")) }
    };
    let numbers = asked.numbers.iter().map(|number| number.key().to_owned()).collect();
    let born = asked.born.iter().map(ToString::to_string).collect();
    let words = asked.name.iter().flat_map(Unit::forms).map(str::to_owned).collect();
    let year = asked.year.iter().map(ToString::to_string).collect();
    let all = list("number", numbers) + &list("born", born) + &list("in", year) + &list("name", words);
    all.trim_end_matches("; ").to_owned()
}

#[test]
fn one_box_takes_everything_in_any_order() {
    for (text, expect) in [
        ("", ""),
        ("12-34-56", "number 123456"),
        ("12 34 56", "number 123456"),
        ("0012345", "number 12345"),
        ("V404", "number V404"),
        ("1956", "number 1956"),
        ("120356", "number 120356; born 1956-03-12 1956-12-03"),
        ("12.3.1956", "number 1231956; born 1956-03-12"),
        ("12 mar 1956", "number 12MAR1956; born 1956-03-12"),
        ("3/4/1956", "number 341956; born 1956-04-03 1956-03-04"),
        ("Núñez", "number NÚÑEZ; name nunez"),
        ("nunez 12.3.56 jose", "number NUNEZ12356JOSE 12356; born 1956-03-12; name nunez jose"),
        ("12.3.56, Núñez, José", "number 12356; born 1956-03-12; name nunez jose"),
        ("jose 12 mar 1956 nunez", "number JOSE12MAR1956NUNEZ 12MAR1956; born 1956-03-12; name jose nunez"),
        ("garcia m", "number GARCIAM; name garcia m"),
        ("M. Garcia", "number MGARCIA; name m garcia"),
        ("garcia 1956", "number GARCIA1956 1956; in 1956; name garcia"),
        ("garcia 12-34-56", "number GARCIA123456 123456; name garcia"),
        ("garcia 12 34 56", "number GARCIA123456 123456; name garcia"),
        ("o'brien mary-ann", "name obrien mary ann maryann"),
        ("de la cruz", "number DELACRUZ; name cruz delacruz"),
        ("smith 3rd john", "number SMITH3RDJOHN; name smith john"),
        ("john smith jr.", "number JOHNSMITHJR; name john smith"),
        ("<b>", "name b"),
    ] {
        assert_eq!(told(text), expect, "{text:?}");
    }
}

/// Patients, best first.
fn ranked(text: &str, patients: &[(&str, &str)]) -> Vec<String> {
    let asked = Asked::read(text, TODAY);
    let mut found: Vec<(Match, String)> = patients
        .iter()
        .filter_map(|(name, born)| Some((rank(&asked, Some(name), born.parse().ok())?, (*name).to_owned())))
        .collect();
    found.sort();
    let told = |(found, name): (Match, String)| {
        let why = found.why();
        if why.is_empty() { name } else { format!("{name} ({why})") }
    };
    found.into_iter().map(told).collect()
}

const PATIENTS: [(&str, &str); 16] = [
    ("Garcia, Maria", "1956-03-12"),
    ("Garcia, Maria Carmen", "1960-01-01"),
    ("Garcia Lopez, Maria", "1970-05-05"),
    ("García, Mario", "1956-03-12"),
    ("Núñez, José", "1956-03-12"),
    ("Nunes, Josefina", "1956-03-21"),
    ("O'Brien, Mary-Ann", "1980-12-31"),
    ("MacDonald, Ewan", "1944-02-29"),
    ("McDonald, Ian", "1944-02-28"),
    ("Müller, Jürgen", "1961-07-09"),
    ("Muller, Hans", ""),
    ("van der Berg, Jan", "1999-09-09"),
    ("Smith-Jones, Anna", "1990-10-10"),
    ("Smith, J. R.", "1955-05-05"),
    ("Wałęsa, Łukasz", "1943-09-29"),
    ("Meier, Stephan", "1950-01-01"),
];

#[test]
fn who_is_meant() {
    for (text, expect) in [
        (
            "garcia maria",
            vec![
                "Garcia, Maria",
                "Garcia Lopez, Maria",
                "Garcia, Maria Carmen",
                "García, Mario (name nearly: 1 letter differs)",
            ],
        ),
        (
            "maria garcia 12.3.1956",
            vec![
                "Garcia, Maria",
                "García, Mario (name nearly: 1 letter differs)",
                "Garcia Lopez, Maria (another date of birth)",
                "Garcia, Maria Carmen (another date of birth)",
            ],
        ),
        (
            "garcia 1960",
            vec![
                "Garcia, Maria Carmen",
                "Garcia, Maria (another date of birth)",
                "García, Mario (another date of birth)",
                "Garcia Lopez, Maria (another date of birth)",
            ],
        ),
        (
            "nunez 12.3.56 jose",
            vec![
                "Núñez, José",
                "Nunes, Josefina (name nearly: 1 letter differs; name begins so; date of birth nearly)",
            ],
        ),
        ("NUÑES J", vec!["Nunes, Josefina", "Núñez, José (name nearly: 1 letter differs)"]),
        ("12.3.56", vec!["Garcia, Maria", "García, Mario", "Núñez, José"]),
        ("12.3.56 j", vec!["Núñez, José"]),
        ("12.4.56 nunez", vec!["Núñez, José (date of birth nearly)"]),
        (
            "smith 12.3.56 maria",
            vec![
                "Garcia, Maria (1 word of the name is not on file)",
                "García, Mario (name nearly: 1 letter differs; 1 word of the name is not on file)",
            ],
        ),
    ] {
        assert_eq!(ranked(text, &PATIENTS), expect, "{text:?}");
    }
}

#[test]
fn who_is_meant_however_it_is_spelt() {
    for (text, expect) in [
        ("obrian mary ann", vec!["O'Brien, Mary-Ann (name nearly: 1 letter differs)"]),
        ("maryann o brien", vec!["O'Brien, Mary-Ann"]),
        ("mac donald", vec!["MacDonald, Ewan", "McDonald, Ian (name nearly: 1 letter differs)"]),
        ("mueller juergen", vec!["Müller, Jürgen"]),
        ("muller", vec!["Muller, Hans", "Müller, Jürgen"]),
        (
            "muller 1.1.1970",
            vec!["Muller, Hans (date of birth not on file)", "Müller, Jürgen (another date of birth)"],
        ),
        ("vanderberg", vec!["van der Berg, Jan"]),
        ("berg jan", vec!["van der Berg, Jan"]),
        ("jones anna", vec!["Smith-Jones, Anna"]),
        ("smithjones", vec!["Smith-Jones, Anna"]),
        ("smith john", vec!["Smith, J. R."]),
        ("walesa lukasz", vec!["Wałęsa, Łukasz"]),
        ("maier stefan", vec!["Meier, Stephan (name nearly: 1 letter differs; name sounds alike)"]),
        (
            "gar mar",
            vec![
                "Garcia, Maria (name begins so)",
                "García, Mario (name begins so)",
                "Garcia Lopez, Maria (name begins so)",
                "Garcia, Maria Carmen (name begins so)",
            ],
        ),
        (
            "agrcia amria",
            vec![
                "Garcia, Maria (name nearly: 2 letters differ)",
                "Garcia Lopez, Maria (name nearly: 2 letters differ)",
                "Garcia, Maria Carmen (name nearly: 2 letters differ)",
            ],
        ),
        ("garcia pedro", vec![]),
        ("xyz", vec![]),
    ] {
        assert_eq!(ranked(text, &PATIENTS), expect, "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC{0,80}", name in "\\PC{0,40}") {
        let asked = Asked::read(&text, TODAY);
        rank(&asked, Some(&name), Some(TODAY));
        rank(&asked, None, None);
        pairs(&name);
    }

    #[test]
    fn who_has_just_what_was_typed_comes_first(
        surname in "[a-z]{2,8}", given in "[a-z]{2,8}",
        others in prop::collection::vec(("[a-z]{2,8}, [a-z]{2,8}", 7000_i32..20000), 0..12),
        days in 7000_i32..20000, swapped: bool, says_born: bool,
    ) {
        let born = |days: i32| Date::constant(1950, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
        let name = format!("{surname}, {given}");
        let typed = if swapped { format!("{given} {surname}") } else { name.clone() };
        let typed = if says_born { format!("{typed} {}", born(days)) } else { typed };
        let asked = Asked::read(&typed, TODAY);
        prop_assume!(asked.name.len() == 2 && asked.is_full());
        let meant = rank(&asked, Some(&name), Some(born(days))).unwrap();
        prop_assert!(meant.is_exact(), "{:?}", meant);
        for (other, days) in others {
            if let Some(found) = rank(&asked, Some(&other), Some(born(days))) {
                prop_assert!(meant <= found, "{} {:?} before {:?}", other, found, meant);
            }
        }
    }
}
