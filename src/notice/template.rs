//! The words of notices: built-in templates, and those of the site in their place. A template that could fail on a real
//! notice is found before there is one.

use super::content::{Content, sample};
use super::ladder::{Ladder, To, When};
use jiff::tz::TimeZone;
use minijinja::{Environment, UndefinedBehavior};
use serde_json::Value;
use std::collections::BTreeMap;

/// Longest subject, characters: mail programs cut what is longer.
const SUBJECT_MAX: usize = 120;
/// Largest body, bytes.
const BODY_MAX: usize = 256 * 1024;
/// Steps that a template may take: a loop over the charts of a notice takes some twenty for each.
const FUEL: u64 = 200_000;
/// What the list of charts is made with, in every body: `{{ list }}`.
const LIST: &str = "list";
/// What a notice ends with, in every body: `{{ how }}`.
const HOW: &str = "how";

/// What a notice is for; each has a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A chart will be due.
    Before,
    /// It is due.
    Due,
    /// Its holder has it for too long.
    Late,
    /// Others are told of that.
    Told,
    /// Somebody needs it.
    Needed,
    /// It is back: to everybody who was asked.
    Found,
}

impl Kind {
    /// All there are.
    pub const ALL: [Kind; 6] = [Kind::Before, Kind::Due, Kind::Late, Kind::Told, Kind::Needed, Kind::Found];

    /// Names its template's file, without the ending.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Before => "before",
            Kind::Due => "due",
            Kind::Late => "late",
            Kind::Told => "told",
            Kind::Needed => "needed",
            Kind::Found => "found",
        }
    }

    /// What the notices of a step are for. A step that left the ladder is one of its later ones.
    pub fn of(step: &str, ladder: &Ladder) -> Kind {
        match step {
            "needed" => return Kind::Needed,
            "found" => return Kind::Found,
            _ => {}
        }
        let step = ladder.steps().iter().find(|known| known.name == step);
        match step.map(|step| (step.when, &step.to)) {
            Some((When::Before(_), To::Holder)) => Kind::Before,
            Some((When::Due, To::Holder)) => Kind::Due,
            Some((When::After(_), To::Holder)) | None => Kind::Late,
            Some((_, To::Department | To::Custodian(_))) => Kind::Told,
        }
    }

    fn built_in(self) -> &'static str {
        match self {
            Kind::Before => include_str!("templates/before.txt"),
            Kind::Due => include_str!("templates/due.txt"),
            Kind::Late => include_str!("templates/late.txt"),
            Kind::Told => include_str!("templates/told.txt"),
            Kind::Needed => include_str!("templates/needed.txt"),
            Kind::Found => include_str!("templates/found.txt"),
        }
    }
}

/// A notice in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// One line without anything about a patient.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// Why a template is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}.txt: {why}")]
pub struct TemplateError {
    /// Name of the template.
    pub name: String,
    /// What is wrong, and the next step.
    pub why: String,
}

/// The templates in force.
#[derive(Debug, Clone)]
pub struct Templates {
    env: Environment<'static>,
    /// What the site put in, by name.
    texts: BTreeMap<String, String>,
}

impl Default for Templates {
    fn default() -> Templates {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_fuel(Some(FUEL));
        let mut templates = Templates { env, texts: BTreeMap::new() };
        let texts = Kind::ALL.map(|kind| (kind.as_str(), kind.built_in()));
        let parts = [(LIST, include_str!("templates/list.txt")), (HOW, include_str!("templates/how.txt"))];
        for (name, text) in parts {
            // A test renders them all: what is compiled in is good.
            drop(templates.add_part(name, text));
        }
        for (name, text) in texts {
            drop(templates.put(name, text));
        }
        templates
    }
}

impl Templates {
    /// Whether a file of this name (without `.txt`) would be used: that of a kind, of a part, or of a step of the ladder.
    pub fn knows(name: &str, ladder: &Ladder) -> bool {
        name == LIST
            || name == HOW
            || Kind::ALL.iter().any(|kind| kind.as_str() == name)
            || ladder.position(name).is_some()
    }

    /// Puts the site's text in a template's place, if it can be rendered with all that may occur in a notice.
    ///
    /// # Errors
    /// It cannot; the template before stays.
    pub fn put(&mut self, name: &str, text: &str) -> Result<(), TemplateError> {
        let error = |why: String| TemplateError { name: name.to_owned(), why };
        let mut tried = self.clone();
        if name == LIST || name == HOW {
            tried.add_part(name, text).map_err(error)?;
        } else {
            tried.add_letter(name, text).map_err(error)?;
        }
        for content in samples() {
            for kind in Kind::ALL {
                let step = if name == LIST || name == HOW { kind.as_str() } else { name };
                tried.letter(step, kind, &content, &TimeZone::UTC).map_err(&error)?;
            }
        }
        *self = tried;
        self.texts.insert(name.to_owned(), text.to_owned());
        Ok(())
    }

    /// What was put in a template's place, if anything.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// A notice in words: by the template of its step, else by that of its kind.
    ///
    /// # Errors
    /// The template failed, which the check of it should have told.
    pub fn letter(
        &self,
        step: &str,
        kind: Kind,
        content: &Content,
        zone: &TimeZone,
    ) -> Result<Letter, String> {
        let name = if self.env.get_template(&body(step)).is_ok() { step } else { kind.as_str() };
        let subject = self.render(&subject(name), &content.outside(zone))?;
        let subject = subject.trim();
        if subject.is_empty() || subject.chars().count() > SUBJECT_MAX || subject.contains(char::is_control) {
            return Err(format!("the subject must be one line of 1 to {SUBJECT_MAX} characters"));
        }
        let mut inside = content.inside(zone);
        for part in [LIST, HOW] {
            let text = self.render(&body(part), &inside)?;
            if let Some(map) = inside.as_object_mut() {
                map.insert(part.to_owned(), text.trim_end().into());
            }
        }
        let body = self.render(&body(name), &inside)?;
        if body.trim().is_empty() || body.len() > BODY_MAX {
            return Err(format!("the body must have 1 to {BODY_MAX} bytes"));
        }
        Ok(Letter { subject: subject.to_owned(), body: body.trim().to_owned() + "\n" })
    }

    fn add_letter(&mut self, name: &str, text: &str) -> Result<(), String> {
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        let Some(line) = first.strip_prefix("Subject:") else {
            return Err(
                "the first line must be `Subject: …`, and the text follows after an empty line".to_owned()
            );
        };
        self.add(subject(name), line.trim())?;
        self.add(body(name), rest)
    }

    fn add_part(&mut self, name: &str, text: &str) -> Result<(), String> {
        self.add(body(name), text)
    }

    fn add(&mut self, name: String, text: &str) -> Result<(), String> {
        self.env.add_template_owned(name, text.to_owned()).map_err(|error| told(&error))
    }

    fn render(&self, name: &str, value: &Value) -> Result<String, String> {
        let template = self.env.get_template(name).map_err(|error| told(&error))?;
        template.render(minijinja::Value::from(minijinja::value::Serde(value))).map_err(|error| told(&error))
    }
}

fn subject(name: &str) -> String {
    format!("{name}/subject")
}

fn body(name: &str) -> String {
    format!("{name}/body")
}

/// What the engine says, with the line counted in the part of the file that it is about.
fn told(error: &minijinja::Error) -> String {
    let part = error.name().map_or("", |name| name.rsplit('/').next().unwrap_or_default());
    let line = error.line().map_or(String::new(), |line| format!(" (line {line} of the {part})"));
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let hint = if error.kind() == minijinja::ErrorKind::UndefinedError {
        "; a subject knows number, site, step, recipient, count and needed, a body also charts, more, link, list and how"
    } else {
        ""
    };
    format!("{detail}{line}{hint}")
}

/// Notices with everything, with nothing, and with one chart.
fn samples() -> [Content; 3] {
    let full = sample();
    let charts = full.charts.iter().skip(1).cloned().collect::<Vec<_>>();
    let one = Content { count: 1, charts, link: None, ..full.clone() };
    [full.clone(), one, Content { count: 0, charts: Vec::new(), ..full }]
}
