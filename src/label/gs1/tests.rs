//! GS1 by examples, and what must hold for any elements.

use super::*;
use proptest::prelude::*;
use table::Characters;

fn shown(read: Result<Vec<Element>, Fault>) -> String {
    match read {
        Ok(elements) => {
            elements.iter().map(|e| format!("{}={}", e.ai, e.value)).collect::<Vec<_>>().join(" ")
        }
        Err(fault) => format!("{fault:?}"),
    }
}

/// `~` stands for the separator.
fn check(text: &str, expect: &str) {
    assert_eq!(shown(parse(&text.replace('~', "\u{1d}"))), expect, "{text}");
}

#[test]
fn reads_element_strings() {
    check("8018950123456789012341", "8018=950123456789012341");
    check("8018950123456789012341~80191", "8018=950123456789012341 8019=1");
    check("~8018950123456789012341~", "8018=950123456789012341");
    check("8017950123456789012341~~", "8017=950123456789012341");
    check("~~8018950123456789012341~~80191~", "8018=950123456789012341 8019=1");
    check("8018950123456789012341~724101~7242V1", "8018=950123456789012341 7241=01 7242=V1");
    check("800309501101531000MR000123", "8003=09501101531000MR000123");
    check("800495011015MR000123", "8004=95011015MR000123");
    check("4149506000134376254ROOM-12", "414=9506000134376 254=ROOM-12");
    check("4149506000134376~254ROOM-12", "414=9506000134376 254=ROOM-12");
    check("2539506000134352CHART0001", "253=9506000134352CHART0001");
    check("2559506000134352123", "255=9506000134352123");
    check("010950110153000310LOT7~17270101", "01=09501101530003 10=LOT7 17=270101");
    check("240A/B~91anything", "240=A/B 91=anything");
    check("40295060001343521236~90A~91B~99C", "402=95060001343521236 90=A 91=B 99=C");
    check("80060950110153000301020102", "Ambiguous");
    check("8006095011015300030102~8026095011015300030102", "8006=095011015300030102 8026=095011015300030102");
    check("8019A", "Malformed");
    check("8010A#B/C-1", "8010=A#B/C-1");
}

#[test]
fn reads_identifiers_in_brackets() {
    check("(8018)950123456789012341", "8018=950123456789012341");
    check("(414)9506000134376(254)ROOM-12", "414=9506000134376 254=ROOM-12");
    check("(414) 9506000134376 (254) ROOM-12", "414=9506000134376 254=ROOM-12");
    check("(10)LOT (17)270101", "10=LOT 17=270101");
    check("(8018)950123456789012342", "CheckWrong");
    check("(10)A(B)C", "Malformed");
    check("(414)9506000134376254ROOM", "Malformed");
    check("(8018)950123456789012341(8018)950123456789012358", "Ambiguous");
}

#[test]
fn refuses_what_is_wrong() {
    check("8018950123456789012342", "CheckWrong");
    check("253950600013435XCHART", "Malformed");
    check("2539506000134353CHART0001", "CheckWrong");
    check("801895012345678901234", "Malformed");
    check("0109501101530003X", "Malformed");
    check("CHART0001", "Malformed");
    check("8004", "Malformed");
    check("80041234567890123456789012345678901", "Malformed");
    check("8004A B", "Malformed");
    check("8004A#B", "Malformed");
    check("8004A{B", "Malformed");
    check("", "Malformed");
    check("~", "Malformed");
}

#[test]
fn refuses_what_lost_its_separator() {
    check("801895012345678901234180191", "Ambiguous");
    check("254ROOM8018950123456789012341", "Ambiguous");
    check("8004MR0001238018950123456789012341", "Ambiguous");
    check("8004MR000123801895012345678901234180191", "Ambiguous");
    check("8004MR0001234149506000134376254ROOM-12", "Ambiguous");
    check("25395060001343528018950123456789012341", "Ambiguous");
    check("91X2539506000134352CHART0001", "Ambiguous");
    check("80049501101540001234~8018950123456789012341", "8004=9501101540001234 8018=950123456789012341");
}

#[test]
fn refuses_two_values_for_one_identifier() {
    check("8018950123456789012341~8018950123456789012358", "Ambiguous");
    check("8018950123456789012341~8018950123456789012341", "8018=950123456789012341 8018=950123456789012341");
}

#[test]
fn takes_only_certain_elements_that_nothing_announces() {
    let check = |text: &str, wanted: &str, expect: &str| {
        let wanted: Vec<String> = wanted.split('+').map(str::to_owned).collect();
        assert_eq!(
            parse_unannounced(text, &wanted).map_or("none".to_owned(), shown),
            expect,
            "{text} {wanted:?}"
        );
    };
    check("8018950123456789012341", "8018", "8018=950123456789012341");
    check("8018950123456789012342", "8018", "none");
    check("8018950123456789012341", "8017", "none");
    check("801895012345678901234180191", "8018", "Ambiguous");
    check("801895012345678901234180191", "8017", "none");
    check("8004MR000123", "8004", "Ambiguous");
    check("4149506000134376", "414", "414=9506000134376");
    check("41495060001343764179506000134352", "414+417", "414=9506000134376 417=9506000134352");
    check("4149506000134376254ROOM-12", "414+254", "Ambiguous");
    check("4149506000134376254ROOM-12", "414", "Ambiguous");
    check("4149506000134376", "414+254", "none");
    check("CHART0001", "8018", "none");
}

#[test]
fn knows_what_announces_itself() {
    let check = |frame: &str, expect: &str| {
        let frame = frame.replace('~', "\u{1d}");
        let (aim, data) = Aim::split(frame.as_bytes());
        let found = read(aim, std::str::from_utf8(data).unwrap());
        assert_eq!(found.map_or("none".to_owned(), shown), expect, "{frame}");
    };
    check("]C18004A", "8004=A");
    check("]C1A", "Malformed");
    check("]C08018950123456789012341", "none");
    check("]C08018950123456789012341~80191", "none");
    check("~8004A", "8004=A");
    check("(8004)A", "8004=A");
    check("]C0(8004)A", "8004=A");
    check("]E0(8004)A", "none");
    check("8018950123456789012341~80191", "8018=950123456789012341 8019=1");
    check("8018950123456789012342~80191", "CheckWrong");
    check("CHART~0001", "none");
    check("8004A~B", "none");
    check("8004A", "none");
    check("]Q1https://id.gs1.org/8004/A", "8004=A");
    check("https://id.gs1.org/8004/A", "8004=A");
    check("]Q3https://id.gs1.org/8004/A", "Malformed");
    check("https://example.org/", "none");
}

fn link(text: &str, expect: &str) {
    assert_eq!(link::parse(text).map_or("none".to_owned(), shown), expect, "{text}");
}

#[test]
fn reads_digital_links() {
    link("https://id.gs1.org/8018/950123456789012341", "8018=950123456789012341");
    link("HTTPS://ID.GS1.ORG/8018/950123456789012341", "8018=950123456789012341");
    link("http://a.example:8080/x/y/8018/950123456789012341/8019/1", "8018=950123456789012341 8019=1");
    link("https://a/414/9506000134376/254/ROOM-12", "414=9506000134376 254=ROOM-12");
    link("https://a/414/9506000134376/254/A%2FB%2b1", "414=9506000134376 254=A/B+1");
    link("https://a/253/9506000134352CHART0001", "253=9506000134352CHART0001");
    link("https://a/8003/09501101531000MR1?90=A&linkType=gs1:pip&91=B", "8003=09501101531000MR1 90=A 91=B");
    link("https://a/8004/95011015MR?90=A;91=B&&x#90=C", "8004=95011015MR 90=A 91=B");
    link("https://a/8017/950123456789012341?7241=01", "8017=950123456789012341 7241=01");
    link("https://a/01/09501101530003/22/V/10/L/21/S", "01=09501101530003 22=V 10=L 21=S");
    link("https://a/01/9501101530003", "01=09501101530003");
    link("https://a/00/faux/8018/950123456789012341", "8018=950123456789012341");
    link("https://[::1]/8004/A+B", "8004=A+B");
    link("https://a/8018/950123456789012342", "CheckWrong");
    link("https://a/8018/950123456789012341?8018=950123456789012358", "Ambiguous");
}

#[test]
fn leaves_other_web_addresses_alone() {
    for text in [
        "https://example.org/",
        "https://example.org",
        "https://8018/950123456789012341",
        "https:///8018/950123456789012341",
        "https://a b/8018/950123456789012341",
        "ftp://a/8018/950123456789012341",
        "https://a/8018/950123456789012341/",
        "https://a/8018/95012345678901234",
        "https://a/8018/9501234567890123410",
        "https://a/8018/950123456789012341/254/A",
        "https://a/8018",
        "https://a/254/A",
        "https://a/01/09501101530003/10/L/22/V",
        "https://a/01/09501101530003/235/A/21/B",
        "https://a/2026/01/15",
        "https://a/2026/01/20260115",
        "https://a/8004/A?999=B",
        "https://a/8004/A?91=",
        "https://a/8004/A?91=B+C",
        "https://a/8004/A%2",
        "https://a/8004/A%+1",
        "https://a/8004/A%C3%A9",
        "https://a/8004/A%1D",
        "https://a/8004/é",
        "https://a/gsrn/950123456789012341",
        "8018950123456789012341",
        "",
    ] {
        link(text, "none");
    }
}

fn values(set: Characters, least: usize, most: usize) -> BoxedStrategy<String> {
    let characters: Vec<char> =
        (0_u8..128).map(char::from).filter(|character| set.hold(&character.to_string())).collect();
    proptest::collection::vec(proptest::sample::select(characters), least..=most)
        .prop_map(|characters| characters.into_iter().collect())
        .boxed()
}

/// An element with that identifier, right check digit and all.
fn element_of(ai: &str) -> impl Strategy<Value = Element> + use<> {
    let (ai, shape) = (ai.to_owned(), table::shape(ai).unwrap());
    let least = usize::from(shape.digits == 0);
    let digits = values(Characters::Digits, shape.digits, shape.digits);
    (digits, values(shape.rest, least.min(shape.rest_max), shape.rest_max)).prop_map(move |(digits, rest)| {
        let (checked, others) = digits.split_at(shape.checked);
        let payload = &checked[..shape.checked.saturating_sub(1)];
        let check = CheckScheme::Mod10.compute(payload).unwrap_or_default();
        Element { ai: ai.clone(), value: format!("{payload}{check}{others}{rest}") }
    })
}

/// Elements with different identifiers, in any order; none holds by chance what tells of a lost separator.
fn elements() -> impl Strategy<Value = Vec<Element>> {
    let any = proptest::sample::select(table::TABLE)
        .prop_flat_map(|row| prop_oneof![element_of(row.low), element_of(row.high)]);
    proptest::collection::vec(any, 1..6).prop_map(|mut elements| {
        let mut seen = std::collections::HashSet::new();
        elements
            .retain(|e| !hides_element(table::shape(&e.ai).unwrap(), &e.value) && seen.insert(e.ai.clone()));
        elements
    })
}

fn joined(elements: &[Element], separator: &str) -> String {
    let needs = |e: &Element| !table::shape(&e.ai).unwrap().is_predefined();
    let mark = |e: &Element| if needs(e) { separator } else { "" };
    elements.iter().map(|e| format!("{}{}{}", e.ai, e.value, mark(e))).collect()
}

/// Everything but letters and digits in its coded form.
fn coded(text: &str) -> String {
    let code = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(code).collect()
}

/// Keys with their qualifiers, as they stand in a link.
const PATHS: &[&[&str]] = &[
    &["8018", "8019"],
    &["8017"],
    &["414", "254"],
    &["253"],
    &["8003"],
    &["8004", "7040"],
    &["00"],
    &["01", "22", "10", "21"],
    &["01", "21"],
    &["01", "235"],
    &["255"],
    &["402"],
    &["8010", "8011"],
];

proptest! {
    #[test]
    fn what_was_joined_is_read_again(elements in elements(), lead in "\u{1d}{0,2}", more in "\u{1d}{0,2}") {
        prop_assume!(!elements.is_empty());
        let text = format!("{lead}{}{more}", joined(&elements, &format!("\u{1d}{more}")));
        prop_assert_eq!(parse(&text), Ok(elements.clone()), "{}", text);
        let bracketed: String = elements.iter().map(|e| format!("({}){}", e.ai, e.value)).collect();
        if elements.iter().all(|e| !e.value.contains('(')) {
            prop_assert_eq!(parse(&bracketed), Ok(elements), "{}", bracketed);
        }
    }

    #[test]
    fn a_patient_behind_a_lost_separator_is_never_taken_for_another(
        first in proptest::sample::select(&["8004", "254", "253", "8003", "91"][..]).prop_flat_map(element_of),
        patient in element_of("8018"),
    ) {
        let text = joined(&[first, patient], "");
        prop_assert_eq!(parse(&text), Err(Fault::Ambiguous), "{}", text);
    }

    #[test]
    fn a_link_gives_the_elements_it_was_made_of(
        path in proptest::sample::select(PATHS).prop_flat_map(|path| path.iter().map(|ai| element_of(ai)).collect::<Vec<_>>()),
        more in elements(),
        stem in "[a-z]{1,8}(\\.[a-z]{2,5})?(:[0-9]{2,4})?(/[a-z]{1,5}){0,3}",
    ) {
        let is_new = |element: &Element| path.iter().all(|other| other.ai != element.ai);
        let more: Vec<Element> = more.into_iter().filter(is_new).collect();
        let segments: String = path.iter().map(|e| format!("/{}/{}", e.ai, coded(&e.value))).collect();
        let query: Vec<String> = more.iter().map(|e| format!("{}={}", e.ai, coded(&e.value))).collect();
        let text = format!("https://{stem}{segments}?linkType=all&{}", query.join("&"));
        let elements = [path, more].concat();
        prop_assert_eq!(link::parse(&text), Some(Ok(elements)), "{}", text);
    }
}
