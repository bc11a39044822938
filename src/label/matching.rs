//! One compiled format, tried on one symbol.

use super::aim::AimFilter;
use super::format::{CheckScheme, FormatSpec, LabelKind};
use super::gs1;
use super::hibc::{self, Hibc};
use super::reading::Damage;
use super::symbol::Symbol;
use regex::bytes::{Regex, RegexBuilder};

/// Largest compiled pattern, in bytes: a pattern that needs more is a mistake.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// One format, ready to be tried.
#[derive(Debug, Clone)]
pub(super) struct Format {
    /// What a match stands for.
    pub(super) kind: LabelKind,
    regex: Regex,
    check: CheckScheme,
    keep_check: bool,
    aim: Vec<AimFilter>,
    subject: Subject,
}

/// What a pattern is applied to.
#[derive(Debug, Clone)]
enum Subject {
    Text,
    Gs1(Vec<String>),
    Hibc(String),
}

/// What a format says to a symbol.
pub(super) enum Match {
    /// The symbol is not of this format.
    No,
    /// The symbol's key.
    Key(String),
    /// The symbol would be of this format if it were whole.
    Damaged(Damage),
}

impl Format {
    /// Compiles a format, or says what is wrong with it and the next step.
    pub(super) fn new(spec: FormatSpec) -> Result<Format, String> {
        let regex = compile(&spec.pattern)?;
        let aim = spec
            .aim
            .iter()
            .map(|id| {
                AimFilter::parse(id).ok_or_else(|| {
                    format!("{id:?} is no AIM identifier; write a letter such as \"C\", or letter and modifier such as \"C0\"")
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Format {
            kind: spec.kind,
            regex,
            check: spec.check,
            keep_check: spec.keep_check,
            aim,
            subject: subject(spec.gs1, spec.hibc)?,
        })
    }

    /// Whether a check character is verified. Those inside of some GS1 values do not count: not every one has them.
    pub(super) fn is_checked(&self) -> bool {
        self.check != CheckScheme::None || matches!(self.subject, Subject::Hibc(_))
    }

    /// Tries the format on a symbol.
    pub(super) fn try_on(&self, symbol: &Symbol) -> Match {
        let is_accepted = if self.aim.is_empty() {
            !symbol.is_product()
        } else {
            symbol.aim.is_some_and(|aim| self.aim.iter().any(|filter| filter.accepts(aim)))
        };
        if !is_accepted {
            return Match::No;
        }
        match &self.subject {
            Subject::Text => self.try_on_text(symbol),
            Subject::Gs1(ais) => self.try_on_gs1(symbol, ais),
            Subject::Hibc(flags) => match &symbol.hibc {
                Some(Hibc::Provider(fields)) => {
                    hibc::data(fields, flags).map_or(Match::No, |data| self.try_on_value(data))
                }
                _ => Match::No,
            },
        }
    }

    fn try_on_text(&self, symbol: &Symbol) -> Match {
        if self.check != CheckScheme::Mod43 {
            return self.try_on_value(&symbol.text);
        }
        if let Some(check) = &symbol.stripped_check {
            return self.try_on_stripped(&symbol.text, check);
        }
        if symbol.was_decoded {
            // The check is over the symbol as printed, before its pairs were decoded.
            let is_right = CheckScheme::Mod43.verify(&symbol.raw);
            return self.key(&symbol.text).map_or(Match::No, |key| self.finish(key, is_right));
        }
        self.try_on_value(&symbol.text)
    }

    /// The scanner verified the check character and took it off: the pattern may or may not have a place for it.
    fn try_on_stripped(&self, text: &str, check: &str) -> Match {
        let whole = format!("{text}{check}");
        if let Some(key) = self.key(&whole) {
            return self.finish(key, true);
        }
        match self.key(text) {
            Some(key) if self.keep_check => Match::Key(format!("{key}{check}")),
            Some(key) => Match::Key(key.to_owned()),
            None => Match::No,
        }
    }

    fn try_on_gs1(&self, symbol: &Symbol, ais: &[String]) -> Match {
        match &symbol.gs1 {
            Some(Ok(elements)) => self.try_on_elements(elements, ais),
            Some(Err(fault)) => Match::Damaged((*fault).into()),
            None if symbol.aim.is_none() => match gs1::parse_unannounced(&symbol.raw, ais) {
                Some(Ok(elements)) => self.try_on_elements(&elements, ais),
                Some(Err(fault)) => Match::Damaged(fault.into()),
                None => Match::No,
            },
            None => Match::No,
        }
    }

    fn try_on_elements(&self, elements: &[gs1::Element], ais: &[String]) -> Match {
        let value = |ai: &String| elements.iter().find(|element| element.ai == *ai);
        let values: Option<String> = ais.iter().map(|ai| value(ai).map(|e| e.value.as_str())).collect();
        values.map_or(Match::No, |values| self.try_on_value(&values))
    }

    fn try_on_value(&self, value: &str) -> Match {
        self.key(value).map_or(Match::No, |key| self.finish(key, self.check.verify(key)))
    }

    /// Finds the key in a text that the pattern matches; a key is never empty and holds no control character.
    fn key<'a>(&self, text: &'a str) -> Option<&'a str> {
        let captures = self.regex.captures(text.as_bytes())?;
        let found = if self.has_key() { captures.name("key") } else { captures.get(0) }?;
        text.get(found.range()).filter(|key| !key.is_empty() && !key.chars().any(char::is_control))
    }

    fn has_key(&self) -> bool {
        self.regex.capture_names().flatten().any(|name| name == "key")
    }

    fn finish(&self, key: &str, is_right: bool) -> Match {
        let kept =
            if self.keep_check { Some(key) } else { self.check.split(key).map(|(payload, _)| payload) };
        match kept {
            _ if !is_right => Match::Damaged(Damage::CheckWrong),
            None | Some("") => Match::No,
            Some(key) => Match::Key(self.check.looked_up(key)),
        }
    }
}

impl From<gs1::Fault> for Damage {
    fn from(fault: gs1::Fault) -> Damage {
        match fault {
            gs1::Fault::Malformed => Damage::Gs1Malformed,
            gs1::Fault::Ambiguous => Damage::Gs1Ambiguous,
            gs1::Fault::CheckWrong => Damage::Gs1CheckWrong,
        }
    }
}

fn compile(pattern: &str) -> Result<Regex, String> {
    let build = |pattern: &str| {
        RegexBuilder::new(pattern).unicode(false).size_limit(PATTERN_BYTES_MAX).build().map_err(|error| {
            format!("the pattern {pattern:?} is no regular expression: {error}; correct it, and try it with `decode`")
        })
    };
    // By itself first: what only closes its own brackets would be torn by those put around it.
    build(pattern)?;
    let regex = build(&format!(r"\A(?:{pattern})\z"))?;
    if regex.is_match(b"") {
        return Err(format!(
            "the pattern {pattern:?} matches an empty text; have it ask for at least one character"
        ));
    }
    Ok(regex)
}

fn subject(gs1: Option<String>, hibc: Option<String>) -> Result<Subject, String> {
    match (gs1, hibc) {
        (None, None) => Ok(Subject::Text),
        (Some(_), Some(_)) => Err("a format has either `gs1` or `hibc`; make two formats of it".to_owned()),
        (Some(ais), None) => {
            let ais: Vec<String> = ais.split('+').map(str::to_owned).collect();
            match ais.iter().find(|ai| !gs1::is_known(ai)) {
                Some(ai) => {
                    Err(format!("{ai:?} is no GS1 application identifier; write one such as \"8018\""))
                }
                None => Ok(Subject::Gs1(ais)),
            }
        }
        (None, Some(flags)) if hibc::are_flags(&flags) => Ok(Subject::Hibc(flags)),
        (None, Some(flags)) => {
            Err(format!("{flags:?} are no HIBC provider flags; write where and what, such as \"BC\""))
        }
    }
}
