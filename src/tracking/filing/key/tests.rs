//! Tests of the keys: the orders of the textbooks, and keys that databases hold.

use super::*;
use crate::tracking::Mrn;
use proptest::prelude::*;

fn scheme(word: &str) -> FilingScheme {
    FilingScheme::parse(word).unwrap()
}

fn check_order(keys: &[String], what: &dyn std::fmt::Debug) {
    assert!(keys.is_sorted_by(|one, next| one < next), "{what:?} is not the order of {keys:#?}");
}

fn check(word: &str, shelf: &[&str]) {
    let mrns: Vec<_> = shelf.iter().map(|mrn| Mrn::parse(mrn).unwrap()).collect();
    let key = |mrn: &Mrn| scheme(word).sort_key(&Filed::by_number(mrn.key(), 1));
    check_order(&mrns.iter().map(key).collect::<Vec<_>>(), &(word, shelf));
}

fn check_names(shelf: &[&str]) {
    let key =
        |name: &&str| scheme("alphabetic").sort_key(&Filed { name: Some(name), ..Filed::by_number("1", 1) });
    check_order(&shelf.iter().map(key).collect::<Vec<_>>(), &shelf);
}

#[test]
fn shelves_of_the_textbooks() {
    check("td-2-2", &["45-49-99", "60-49-99", "44-50-99", "45-50-99", "44-51-99"]);
    check("td-2-2", &["07-22-48", "1-23-45-67", "99-00-68"]);
    check("numeric", &["99", "100", "65424", "1000000"]);
    check("td-3-3", &["999-001-000", "000-002-000", "000-000-001"]);
    check("middle-2-2-2", &["42-21-17", "43-22-15", "43-22-16"]);
    check("military", &["20/555-12-3456", "30/555-12-3456", "20/555-13-3456", "01/555-12-3457"]);
    check("military", &["01/123-45-6789", "02/123-45-6789", "20/123-45-6789", "20/123-46-6789"]);
    check("alphanumeric", &["A-2", "A-10", "AB-1", "B-1", "SMI-99", "SMI-204", "SMI-1000"]);
}

#[test]
fn numbers_that_do_not_fit_stand_after_all_others_in_straight_order() {
    check("middle-2-2-2", &["99-99-99", "1000000", "1234567", "10000000", "A12345"]);
    check("middle-2-2-2", &["1", "00-01-00"]);
    check("military", &["99/999-99-9999", "100000000000", "A1"]);
    check("alphanumeric", &["ZZZ-1", "7", "10", "ABC"]);
}

#[test]
fn names_of_the_primer() {
    check_names(&["Smith", "Smith G.", "Smith G. John"]);
    check_names(&["Smith", "Smith, G.", "Smith, G. John", "Smith, Gail", "Smithe, A"]);
    check_names(&["Smith, John", "Smith, John II", "Smith, John III", "Smith, John Jr.", "Smith, John Sr."]);
    check_names(&["Mac Adam, A", "MacAdam, B", "Mac-Adam, C", "MACADAM, D", "Macbeth, A", "Mc Adam, A"]);
    check_names(&["O'Brian, Z", "OBrien, A", "O’Brien, B", "Øbrien, C", "Öbrien, D"]);
    check_names(&["St. John, A", "Stjohn, B", "van Aken, A", "Vanaken, B", "von Aken, A"]);
    check_names(&["Zürn, A", "Żurn, B", "Zurn, C", "Бай, А", "Яров, А", "李, 明"]);
}

#[test]
fn patients_of_one_name_stand_by_birth_then_number_then_volume() {
    let key = |born: Option<&str>, mrn, volume| {
        let born = born.map(|born| born.parse().unwrap());
        scheme("alphabetic").sort_key(&Filed {
            mrn_key: mrn,
            name: Some("Lee, An"),
            born,
            slot: None,
            volume,
        })
    };
    let keys = [
        key(Some("1931-12-31"), "9", 1),
        key(Some("1960-01-02"), "9", 1),
        key(Some("1960-01-02"), "9", 2),
        key(Some("1960-01-02"), "9", 10),
        key(Some("1960-01-02"), "10", 1),
        key(Some("1960-01-02"), "A1", 1),
        key(None, "1", 1),
    ];
    check_order(&keys, &"births");
}

#[test]
fn a_name_that_goes_on_comes_after_all_births_and_volumes_of_the_shorter_one() {
    let key = |name, born: Option<Date>| {
        scheme("alphabetic").sort_key(&Filed { name: Some(name), born, ..Filed::by_number("999999", 99) })
    };
    check_order(&[key("Smith", None), key("Smith, A", Some(Date::MIN))], &"nothing before something");
}

#[test]
fn free_slots_are_in_natural_order() {
    let key =
        |slot: &str, mrn| scheme("free").sort_key(&Filed { slot: Some(slot), ..Filed::by_number(mrn, 1) });
    check_order(
        &[
            key("A-2", "9"),
            key("a-2", "10"),
            key("A-2-1", "1"),
            key("A-10", "1"),
            key("B", "1"),
            key("B 1", "1"),
        ],
        &"slots",
    );
}

#[test]
fn what_is_missing_stands_last_and_is_recognised() {
    let named = |name| Filed { name, slot: name, ..Filed::by_number("5", 1) };
    for word in ["alphabetic", "free"] {
        let key = |name| scheme(word).sort_key(&named(name));
        let keys = [key(Some("zzz")), key(Some("Ωmega")), key(Some("李")), key(None)];
        check_order(&keys, &word);
        let unplaced: Vec<_> = keys.iter().map(|key| FilingScheme::is_unplaced(key)).collect();
        assert_eq!(unplaced, [false, false, false, true]);
        assert_eq!(key(Some(" . ")), key(None));
    }
    let key = |mrn| scheme("alphabetic").sort_key(&Filed::by_number(mrn, 1));
    check_order(&[key("99"), key("100"), key("A1")], &"by number");
}

// Keys as databases hold them: `NUMBERS` under each scheme. They may never change.
const NUMBERS: [&str; 10] = [
    "45-49-99",
    "0",
    "72248",
    "1-23-45-67",
    "12345678901",
    "A0012",
    "smi-204",
    "éa12",
    "٣٤",
    "12345678901234567890123456789012",
];

const STORED: [(&str, [&str; 10]); 8] = [
    (
        "numeric",
        [
            "0000454999",
            "0000000000",
            "0000072248",
            "0001234567",
            "12345678901",
            "00000A0012",
            "0000SMI204",
            "000000ÉA12",
            "00000000٣٤",
            "12345678901234567890123456789012",
        ],
    ),
    (
        "td-2-2",
        [
            "99-49-0000000045",
            "00-00-0000000000",
            "48-22-0000000007",
            "67-45-0000000123",
            "01-89-0001234567",
            "12-00-000000000A",
            "04-I2-00000000SM",
            "12-ÉA-0000000000",
            "٣٤-00-0000000000",
            "12-90-1234567890123456789012345678",
        ],
    ),
    (
        "td-3-3",
        [
            "999-454-0000000000",
            "000-000-0000000000",
            "248-072-0000000000",
            "567-234-0000000001",
            "901-678-0000012345",
            "012-0A0-0000000000",
            "204-SMI-0000000000",
            "A12-00É-0000000000",
            "0٣٤-000-0000000000",
            "012-789-12345678901234567890123456",
        ],
    ),
    (
        "td-2",
        [
            "99-0000004549",
            "00-0000000000",
            "48-0000000722",
            "67-0000012345",
            "01-0123456789",
            "12-0000000A00",
            "04-000000SMI2",
            "12-00000000ÉA",
            "٣٤-0000000000",
            "12-123456789012345678901234567890",
        ],
    ),
    (
        "td-4",
        [
            "4999-0000000045",
            "0000-0000000000",
            "2248-0000000007",
            "4567-0000000123",
            "8901-0001234567",
            "0012-000000000A",
            "I204-00000000SM",
            "ÉA12-0000000000",
            "00٣٤-0000000000",
            "9012-1234567890123456789012345678",
        ],
    ),
    (
        "td-2-2-2-2",
        [
            "99-49-45-00-0000000000",
            "00-00-00-00-0000000000",
            "48-22-07-00-0000000000",
            "67-45-23-01-0000000000",
            "01-89-67-45-0000000123",
            "12-00-0A-00-0000000000",
            "04-I2-SM-00-0000000000",
            "12-ÉA-00-00-0000000000",
            "٣٤-00-00-00-0000000000",
            "12-90-78-56-123456789012345678901234",
        ],
    ),
    (
        "td-1-1",
        [
            "9-9-0000004549",
            "0-0-0000000000",
            "8-4-0000000722",
            "7-6-0000012345",
            "1-0-0123456789",
            "2-1-0000000A00",
            "4-0-000000SMI2",
            "2-1-00000000ÉA",
            "٤-٣-0000000000",
            "2-1-123456789012345678901234567890",
        ],
    ),
    (
        "td-6",
        [
            "454999-0000000000",
            "000000-0000000000",
            "072248-0000000000",
            "234567-0000000001",
            "678901-0000012345",
            "0A0012-0000000000",
            "SMI204-0000000000",
            "00ÉA12-0000000000",
            "0000٣٤-0000000000",
            "789012-12345678901234567890123456",
        ],
    ),
];

#[test]
fn keys_in_databases_stay_as_they_are() {
    for (word, keys) in STORED {
        for (mrn, key) in NUMBERS.iter().zip(keys) {
            let mrn = Mrn::parse(mrn).unwrap();
            for volume in [1, 2] {
                let filed =
                    Filed { name: Some("Lee, An"), slot: Some("A1"), ..Filed::by_number(mrn.key(), volume) };
                assert_eq!(scheme(word).sort_key(&filed), key, "{} in {word}", mrn.written());
            }
        }
    }
}

/// A key of the first databases, made in another way: from the characters, right to left.
fn first_key(widths: &[u8], mrn_key: &str) -> String {
    let mut characters: Vec<char> = mrn_key.chars().collect();
    let mut key = String::new();
    for width in widths.iter().map(|width| usize::from(*width)) {
        let group = characters.split_off(characters.len().saturating_sub(width));
        key.extend(std::iter::repeat_n('0', width - group.len()).chain(group).chain(['-']));
    }
    key.extend(std::iter::repeat_n('0', 10_usize.saturating_sub(characters.len())).chain(characters));
    key
}

fn any_scheme() -> impl Strategy<Value = FilingScheme> {
    let words = ["numeric", "td-2-2", "middle-2-2-2", "military", "alphabetic", "alphanumeric", "free"];
    proptest::sample::select(words.to_vec()).prop_map(scheme)
}

proptest! {
    #[test]
    fn keys_of_terminal_digits_are_those_of_the_first_databases(
        widths in proptest::collection::vec(1..=6_u8, 1..=4),
        mrn in "[0-9A-ZÄ]{1,32}",
    ) {
        let mrn = Mrn::parse(&mrn).unwrap();
        let filed = Filed::by_number(mrn.key(), 1);
        let key = FilingScheme::TerminalDigit(widths.clone()).sort_key(&filed);
        prop_assert_eq!(key, first_key(&widths, mrn.key()));
        prop_assert_eq!(FilingScheme::Numeric.sort_key(&filed), first_key(&[], mrn.key()));
    }

    #[test]
    fn digits_of_fixed_length_compare_group_by_group(one in 0..1_000_000_u32, other in 0..1_000_000_u32) {
        let key = |word, number: u32| {
            scheme(word).sort_key(&Filed::by_number(Mrn::parse(&number.to_string()).unwrap().key(), 1))
        };
        let middle = |number: u32| (number / 100 % 100, number / 10_000, number % 100);
        prop_assert_eq!(
            key("middle-2-2-2", one).cmp(&key("middle-2-2-2", other)),
            middle(one).cmp(&middle(other))
        );
        let terminal = |number: u32| (number % 100, number / 100 % 100, number / 10_000);
        prop_assert_eq!(key("td-2-2", one).cmp(&key("td-2-2", other)), terminal(one).cmp(&terminal(other)));
    }

    #[test]
    fn military_numbers_compare_group_by_group(
        one in (0..100_u64, 0..1_000_000_000_u64),
        other in (0..100_u64, 0..1_000_000_000_u64),
    ) {
        let key = |(prefix, number): (u64, u64)| {
            let mrn = Mrn::parse(&format!("{prefix:02}/{number:09}")).unwrap();
            scheme("military").sort_key(&Filed::by_number(mrn.key(), 1))
        };
        let groups = |(prefix, number): (u64, u64)| (number % 100, number / 100 % 100, number / 10_000, prefix);
        prop_assert_eq!(key(one).cmp(&key(other)), groups(one).cmp(&groups(other)));
    }

    #[test]
    fn names_compare_unit_by_unit(
        one in proptest::collection::vec("[ab1ä]{1,3}", 1..4),
        other in proptest::collection::vec("[ab1ä]{1,3}", 1..4),
        mrns in ("[1-9]{1,9}", "[1-9]{1,9}"),
    ) {
        let key = |units: &[String], mrn| {
            let name = units.join(" ");
            scheme("alphabetic").sort_key(&Filed { name: Some(&name), ..Filed::by_number(mrn, 1) })
        };
        let plain = |units: &[String]| units.iter().map(|unit| unit.replace('ä', "a")).collect::<Vec<_>>();
        let order = plain(&one).cmp(&plain(&other));
        prop_assume!(order.is_ne());
        prop_assert_eq!(key(&one, &mrns.0).cmp(&key(&other, &mrns.1)), order);
    }

    #[test]
    fn what_has_no_place_is_after_whatever_has_one(
        scheme in any_scheme(),
        folders in proptest::collection::vec(("[0-9A-Z]{1,32}", proptest::option::of("\\PC{0,9}")), 2..9),
    ) {
        let mut keys: Vec<_> = folders
            .iter()
            .map(|(mrn, text)| {
                let mrn = Mrn::parse(mrn).unwrap();
                let text = text.as_deref();
                scheme.sort_key(&Filed { name: text, slot: text, ..Filed::by_number(mrn.key(), 1) })
            })
            .collect();
        keys.sort_unstable();
        prop_assert!(keys.is_sorted_by_key(|key| FilingScheme::is_unplaced(key)), "{:?}", keys);
    }
}
