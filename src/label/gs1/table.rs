//! Which application identifiers exist and what their values look like (GS1 General Specifications, section 3).

/// Which characters may stand in a value (GS1 General Specifications, section 7.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Characters {
    /// Digits.
    Digits,
    /// Character set 82, of most values.
    Text,
    /// Character set 39, of part numbers.
    Part,
    /// Character set 64, of signatures.
    Base64,
}

impl Characters {
    /// Says whether all of a text is of this set.
    pub(super) fn hold(self, text: &str) -> bool {
        text.bytes().all(|byte| match self {
            Characters::Digits => byte.is_ascii_digit(),
            Characters::Text => byte.is_ascii_alphanumeric() || b"!\"%&'()*+,-./:;<=>?_".contains(&byte),
            Characters::Part => byte.is_ascii_digit() || byte.is_ascii_uppercase() || b"#-/".contains(&byte),
            Characters::Base64 => byte.is_ascii_alphanumeric() || b"-_=".contains(&byte),
        })
    }
}

/// What the value of an application identifier looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// First application identifier of this shape.
    pub(super) low: &'static str,
    /// Last application identifier of this shape, equally long.
    pub(super) high: &'static str,
    /// How many digits the value begins with.
    pub(super) digits: usize,
    /// How many of these the check digit completes; 0: there is none.
    pub(super) checked: usize,
    /// How many characters may follow the digits.
    pub(super) rest_max: usize,
    /// Which characters these may be.
    pub(super) rest: Characters,
}

impl Shape {
    /// Says whether every value is equally long.
    pub(super) fn is_fixed(self) -> bool {
        self.rest_max == 0
    }

    /// Says whether the standard lets the next element follow without a separator, by the first two digits (GS1
    /// General Specifications, section 7.8: element strings with predefined length).
    pub(super) fn is_predefined(self) -> bool {
        let first = self.low.get(..2).unwrap_or_default();
        matches!(first, "00" | "01" | "02" | "03" | "04" | "20" | "41")
            || ("11".."20").contains(&first)
            || ("31".."37").contains(&first)
    }
}

const fn fixed(low: &'static str, high: &'static str, digits: usize) -> Shape {
    Shape { low, high, digits, checked: 0, rest_max: 0, rest: Characters::Text }
}

const fn keyed(low: &'static str, high: &'static str, digits: usize) -> Shape {
    Shape { low, high, digits, checked: digits, rest_max: 0, rest: Characters::Text }
}

const fn text(low: &'static str, high: &'static str, rest_max: usize) -> Shape {
    Shape { low, high, digits: 0, checked: 0, rest_max, rest: Characters::Text }
}

const fn number(low: &'static str, high: &'static str, rest_max: usize) -> Shape {
    Shape { low, high, digits: 0, checked: 0, rest_max, rest: Characters::Digits }
}

const fn mixed(
    low: &'static str,
    high: &'static str,
    digits: usize,
    checked: usize,
    rest_max: usize,
) -> Shape {
    Shape { low, high, digits, checked, rest_max, rest: Characters::Text }
}

const fn numbers(
    low: &'static str,
    high: &'static str,
    digits: usize,
    checked: usize,
    rest_max: usize,
) -> Shape {
    Shape { low, high, digits, checked, rest_max, rest: Characters::Digits }
}

/// One row for each identifier, or for neighbours that look alike.
pub(super) const TABLE: &[Shape] = &[
    keyed("00", "00", 18),
    keyed("01", "03", 14),
    text("10", "10", 20),
    fixed("11", "13", 6),
    fixed("15", "17", 6),
    fixed("20", "20", 2),
    text("21", "22", 20),
    text("235", "235", 28),
    text("240", "241", 30),
    number("242", "242", 6),
    text("243", "243", 20),
    text("250", "251", 30),
    mixed("253", "253", 13, 13, 17),
    text("254", "254", 20),
    numbers("255", "255", 13, 13, 12),
    number("30", "30", 8),
    fixed("3100", "3699", 6),
    number("37", "37", 8),
    number("3900", "3909", 15),
    numbers("3910", "3919", 3, 0, 15),
    number("3920", "3929", 15),
    numbers("3930", "3939", 3, 0, 15),
    fixed("3940", "3943", 4),
    fixed("3950", "3955", 6),
    text("400", "401", 30),
    keyed("402", "402", 17),
    text("403", "403", 30),
    keyed("410", "417", 13),
    text("420", "420", 20),
    mixed("421", "421", 3, 0, 9),
    fixed("422", "422", 3),
    number("423", "423", 15),
    fixed("424", "424", 3),
    number("425", "425", 15),
    fixed("426", "426", 3),
    text("427", "427", 3),
    text("4300", "4301", 35),
    text("4302", "4306", 70),
    text("4307", "4307", 2),
    text("4308", "4308", 30),
    fixed("4309", "4309", 20),
    text("4310", "4311", 35),
    text("4312", "4316", 70),
    text("4317", "4317", 2),
    text("4318", "4318", 20),
    text("4319", "4319", 30),
    text("4320", "4320", 35),
    fixed("4321", "4323", 1),
    fixed("4324", "4325", 10),
    fixed("4326", "4326", 6),
    mixed("4330", "4333", 6, 0, 1),
    fixed("7001", "7001", 13),
    text("7002", "7002", 30),
    fixed("7003", "7003", 10),
    number("7004", "7004", 4),
    text("7005", "7005", 12),
    fixed("7006", "7006", 6),
    numbers("7007", "7007", 6, 0, 6),
    text("7008", "7008", 3),
    text("7009", "7009", 10),
    text("7010", "7010", 2),
    numbers("7011", "7011", 6, 0, 4),
    text("7020", "7022", 20),
    text("7023", "7023", 30),
    mixed("7030", "7039", 3, 0, 27),
    mixed("7040", "7040", 1, 0, 3),
    text("7041", "7041", 4),
    text("710", "717", 20),
    text("7230", "7239", 30),
    text("7240", "7240", 20),
    fixed("7241", "7241", 2),
    text("7242", "7242", 25),
    fixed("7250", "7250", 8),
    fixed("7251", "7251", 12),
    fixed("7252", "7252", 1),
    text("7253", "7254", 40),
    text("7255", "7255", 10),
    text("7256", "7256", 90),
    text("7257", "7257", 70),
    text("7258", "7258", 3),
    text("7259", "7259", 40),
    fixed("8001", "8001", 14),
    text("8002", "8002", 20),
    mixed("8003", "8003", 14, 14, 16),
    text("8004", "8004", 30),
    fixed("8005", "8005", 6),
    mixed("8006", "8006", 18, 14, 0),
    text("8007", "8007", 34),
    numbers("8008", "8008", 8, 0, 4),
    text("8009", "8009", 50),
    Shape { rest: Characters::Part, ..text("8010", "8010", 30) },
    number("8011", "8011", 12),
    text("8012", "8012", 20),
    text("8013", "8014", 25),
    keyed("8017", "8018", 18),
    number("8019", "8019", 10),
    text("8020", "8020", 25),
    mixed("8026", "8026", 18, 14, 0),
    Shape { rest: Characters::Base64, ..text("8030", "8030", 90) },
    fixed("8040", "8041", 15),
    fixed("8042", "8042", 32),
    numbers("8043", "8043", 18, 0, 2),
    text("8110", "8110", 70),
    fixed("8111", "8111", 4),
    text("8112", "8112", 70),
    text("8200", "8200", 70),
    text("90", "90", 30),
    text("91", "99", 90),
];

/// Finds the shape of an application identifier given in full.
pub(super) fn shape(ai: &str) -> Option<Shape> {
    TABLE.iter().copied().find(|shape| shape.low.len() == ai.len() && (shape.low..=shape.high).contains(&ai))
}

/// Splits a text into the application identifier it starts with, its shape, and the rest.
pub(super) fn split(text: &str) -> Option<(&str, Shape, &str)> {
    (2..=4).find_map(|length| {
        let (ai, rest) = text.split_at_checked(length)?;
        shape(ai).map(|shape| (ai, shape, rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<&str>) {
        assert_eq!(split(text).map(|(ai, ..)| ai), expect, "{text}");
    }

    #[test]
    fn finds_identifiers_of_every_length() {
        check("0109501101530003", Some("01"));
        check("414950", Some("414"));
        check("8018950", Some("8018"));
        check("3103001750", Some("3103"));
        check("99X", Some("99"));
        for none in ["", "0", "05", "23", "8", "801", "8015", "CHART", "é1", "９９"] {
            check(none, None);
        }
    }

    #[test]
    fn no_identifier_begins_another() {
        for shape in TABLE {
            for other in TABLE {
                let length = shape.low.len();
                let hidden = other.low.len() > length
                    && other.low.get(..length).is_some_and(|start| (shape.low..=shape.high).contains(&start));
                assert!(!hidden, "{} hides {}", shape.low, other.low);
            }
        }
    }

    #[test]
    fn knows_what_a_file_room_meets() {
        let shown = |ai: &str| {
            shape(ai).map_or("none".to_owned(), |s| {
                format!("{}+{} {:?}, {}", s.digits, s.rest_max, s.rest, s.checked)
            })
        };
        for (ai, expect) in [
            ("8018", "18+0 Text, 18"),
            ("8017", "18+0 Text, 18"),
            ("8019", "0+10 Digits, 0"),
            ("8003", "14+16 Text, 14"),
            ("8004", "0+30 Text, 0"),
            ("414", "13+0 Text, 13"),
            ("254", "0+20 Text, 0"),
            ("253", "13+17 Text, 13"),
            ("255", "13+12 Digits, 13"),
            ("7241", "2+0 Text, 0"),
            ("7242", "0+25 Text, 0"),
            ("402", "17+0 Text, 17"),
            ("8006", "18+0 Text, 14"),
            ("8020", "0+25 Text, 0"),
            ("8026", "18+0 Text, 14"),
            ("90", "0+30 Text, 0"),
            ("99", "0+90 Text, 0"),
            ("8010", "0+30 Part, 0"),
            ("8030", "0+90 Base64, 0"),
            ("8015", "none"),
        ] {
            assert_eq!(shown(ai), expect, "{ai}");
        }
    }

    #[test]
    fn knows_the_character_sets() {
        let set = |characters: Characters| {
            (0_u8..128).map(char::from).filter(|c| characters.hold(&c.to_string())).count()
        };
        assert_eq!(set(Characters::Digits), 10);
        assert_eq!(set(Characters::Text), 82);
        assert_eq!(set(Characters::Part), 39);
        // And the sign that fills up.
        assert_eq!(set(Characters::Base64), 65);
        assert!(!Characters::Text.hold("É") && !Characters::Text.hold("A#") && !Characters::Text.hold("A B"));
    }

    #[test]
    fn knows_which_need_no_separator() {
        for (ai, predefined) in
            [("00", true), ("17", true), ("414", true), ("3103", true), ("20", true)].into_iter().chain([
                ("8018", false),
                ("402", false),
                ("10", false),
                ("37", false),
                ("21", false),
                ("253", false),
            ])
        {
            assert_eq!(shape(ai).unwrap().is_predefined(), predefined, "{ai}");
        }
    }
}
