//! Which custodian somebody means who types a name or a code.

use super::search::form;

/// Shortest word in which one wrong letter is looked past.
const SLIP_CHARS_MIN: usize = 4;

/// A custodian as it is compared with what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer<'a> {
    /// Its code.
    pub code: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// It takes no charts any more: meant only by whoever writes its code.
    pub is_closed: bool,
}

/// Which of the offers, by their place in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// This one, without a doubt.
    One(usize),
    /// One of these; none: nothing is called so.
    Among(Vec<usize>),
}

/// How a custodian is written where it stands for itself: `choose` knows it again.
pub fn written(name: &str, code: &str) -> String {
    format!("{name} ({code})")
}

/// Finds what was typed: a code, a name as it is written, the beginnings of words of a name. Only where one alone fits is it
/// taken; what merely looks like it is asked about.
pub fn choose(typed: &str, offers: &[Offer<'_>]) -> Choice {
    let typed = typed.trim();
    let is_it = |offer: &Offer<'_>| offer.code == typed || written(offer.name, offer.code) == typed;
    if let Some(at) = offers.iter().position(is_it) {
        return Choice::One(at);
    }
    let whole = form(typed);
    let wanted = words(typed);
    if whole.is_empty() {
        return Choice::Among(Vec::new());
    }
    let same = fitting(offers, |offer| form(offer.code) == whole || form(offer.name) == whole);
    let begun = || fitting(offers, |offer| begins(&wanted, offer));
    match one_of(same).or_else(|| one_of(begun())) {
        Some(choice) => choice,
        None => {
            let within = fitting(offers, |offer| form(offer.name).contains(&whole));
            let slips = || fitting(offers, |offer| is_slip(&wanted, offer));
            Choice::Among(if within.is_empty() { slips() } else { within })
        }
    }
}

/// Whether each typed word begins a word of a name or code; nothing typed is everybody.
pub fn is_called(typed: &str, name: &str, code: &str) -> bool {
    code == typed || begins(&words(typed), &Offer { code, name, is_closed: false })
}

fn one_of(found: Vec<usize>) -> Option<Choice> {
    match found.as_slice() {
        [] => None,
        [one] => Some(Choice::One(*one)),
        _ => Some(Choice::Among(found)),
    }
}

fn fitting(offers: &[Offer<'_>], fits: impl Fn(&Offer<'_>) -> bool) -> Vec<usize> {
    let open = offers.iter().enumerate().filter(|(_, offer)| !offer.is_closed);
    open.filter(|(_, offer)| fits(offer)).map(|(at, _)| at).collect()
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).map(form).filter(|word| !word.is_empty()).collect()
}

fn begins(wanted: &[String], offer: &Offer<'_>) -> bool {
    let mut has = words(offer.name);
    has.extend(words(offer.code));
    wanted.iter().all(|word| has.iter().any(|has| has.starts_with(word.as_str())))
}

fn is_slip(wanted: &[String], offer: &Offer<'_>) -> bool {
    let has = words(offer.name);
    let near = |word: &String, has: &String| {
        has.starts_with(word.as_str())
            || (word.chars().count() >= SLIP_CHARS_MIN && strsim::damerau_levenshtein(word, has) <= 1)
    };
    wanted.iter().all(|word| has.iter().any(|has| near(word, has)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFERS: [Offer<'static>; 6] = [
        Offer { code: "CARD", name: "Cardiology", is_closed: false },
        Offer { code: "HEART2", name: "Heart clinic", is_closed: false },
        Offer { code: "HEART3", name: "Heart surgery", is_closed: false },
        Offer { code: "12", name: "Müller, Anna", is_closed: false },
        Offer { code: "OLD", name: "Heart ward", is_closed: true },
        Offer { code: "card", name: "Card index", is_closed: false },
    ];

    #[test]
    fn one_is_taken_where_one_alone_fits() {
        for (typed, expect) in [
            ("CARD", Choice::One(0)),
            ("card", Choice::One(5)),
            (" cardiology ", Choice::One(0)),
            ("Heart clinic (HEART2)", Choice::One(1)),
            ("heart s", Choice::One(2)),
            ("clin heart", Choice::One(1)),
            ("heart", Choice::Among(vec![1, 2])),
            ("Card.", Choice::Among(vec![0, 5])),
            ("anna mueller", Choice::One(3)),
            ("12", Choice::One(3)),
            ("OLD", Choice::One(4)),
            ("heart ward", Choice::Among(vec![])),
            ("diology", Choice::Among(vec![0])),
            ("Haert clinic", Choice::Among(vec![1])),
            ("Hert", Choice::Among(vec![1, 2])),
            ("dental", Choice::Among(vec![])),
            ("", Choice::Among(vec![])),
            ("--", Choice::Among(vec![])),
        ] {
            assert_eq!(choose(typed, &OFFERS), expect, "{typed:?}");
        }
    }
}
