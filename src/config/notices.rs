//! Who is asked for charts, when, and how mail leaves.

use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use jiff::civil::Time;

use super::fields::{At, Fields};
use super::keys::{MAIL, NOTICES, STEP};
use super::problems::Problems;
use super::site::absolute_path;
use super::webhook::{refuse_steps, webhook};
use crate::mail::{Security, Sender, Smtp, Transport};
use crate::notice::{Caps, Distance, Ladder, LadderError, Rules, Step, Takes, To, When};
use crate::tracking::Calendar;
use crate::webhook::Webhook;

const TEMPLATES: &str = "/etc/outguide/templates";
const ANSWER_HOURS: u16 = 4;
const NEEDED_HOURS: u64 = 24;
/// Longest name of a step, in characters.
const NAME_CHARS_MAX: usize = 32;
/// Names that other notices have.
const RESERVED: [&str; 4] = ["needed", "found", "list", "how"];
/// Most times that a step is repeated.
const TIMES_MAX: u64 = 20;

/// What is said about notices.
#[derive(Debug, Clone)]
pub struct Notices {
    /// What decides.
    pub rules: Rules,
    /// Names of patients may stand in bodies.
    pub names: bool,
    /// Address of the pages as recipients reach it, without a slash at its end.
    pub link: Option<String>,
    /// Directory of the site's templates.
    pub templates: PathBuf,
    /// How mail leaves, and who sends it.
    pub mail: Option<(Transport, Sender)>,
    /// The site's program that gets some or all of them.
    pub webhook: Option<Webhook>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Smtp,
    File,
    None,
}

/// What `[notices]`, `[mail]` and `[webhook]` say.
pub(super) fn notices(
    top: &Fields<'_>,
    calendar: &Calendar,
    site_name: &str,
    problems: &mut Problems<'_>,
) -> Notices {
    let fields = top.section("notices", &NOTICES, problems);
    fields.refuse_unknown(problems);
    let mail = mail(top, site_name, problems);
    let before = problems.count();
    let (webhook, takes) = match webhook(top, problems) {
        Some((webhook, takes)) => (Some(webhook), takes),
        None => (None, Takes::Nothing),
    };
    let is_there = webhook.is_some() || problems.count() > before;
    let names = fields.flag("names", problems).is_some_and(|given| given.value);
    let link = fields.text("link", problems).and_then(|given| link(given, problems));
    let templates = fields
        .text("templates", problems)
        .and_then(|given| absolute_path("templates", given, TEMPLATES, problems))
        .unwrap_or_else(|| PathBuf::from(TEMPLATES));
    let answer =
        fields.number("answer_h", 0..=40, problems).and_then(|given| u16::try_from(given.value).ok());
    let needed = fields.number("needed_h", 0..=168, problems).map_or(NEEDED_HOURS, |given| given.value);
    let rules = Rules {
        ladder: ladder(&fields, calendar, is_there, problems),
        calendar: calendar.clone(),
        quiet: quiet(&fields, problems),
        answer_hours: answer.unwrap_or(ANSWER_HOURS),
        needed_ahead: SignedDuration::from_hours(i64::try_from(needed).unwrap_or_default()),
        caps: caps(&fields, problems),
        has_mail: mail.is_some(),
        takes,
    };
    Notices { rules, names, link, templates, mail, webhook }
}

fn caps(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Caps {
    let mut caps = Caps::default();
    if let Some(At { value, .. }) = fields.number("apart_min", 0..=1440, problems) {
        caps.apart = SignedDuration::from_mins(i64::try_from(value).unwrap_or_default());
    }
    if let Some(At { value, .. }) = fields.number("per_day", 1..=1000, problems) {
        caps.per_day = u32::try_from(value).unwrap_or(caps.per_day);
    }
    if let Some(At { value, .. }) = fields.count("per_minute", 1..=1000, problems) {
        caps.per_minute = value;
    }
    if let Some(At { value, .. }) = fields.count("charts", 1..=500, problems) {
        caps.charts = value;
    }
    caps
}

fn quiet(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Vec<(Time, Time)> {
    let Some(given) = fields.texts("quiet", problems) else { return Vec::new() };
    let mut read = |At { place, value }: At<&str>| {
        let times = value.split_once('-').and_then(|(from, until)| {
            Some((from.trim().parse::<Time>().ok()?, until.trim().parse::<Time>().ok()?))
        });
        let times = times.filter(|(from, until)| from < until);
        if times.is_none() {
            problems.add(place, format!("`quiet` {value:?} is no time of the day; write \"12:00-13:00\""));
        }
        times
    };
    given.value.into_iter().filter_map(&mut read).collect()
}

fn link(given: At<&str>, problems: &mut Problems<'_>) -> Option<String> {
    let At { place, value } = given;
    let link = value.trim_end_matches('/');
    let rest = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"));
    let is_address = rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(['?', '#', '@']))
        && link.chars().all(|c| c.is_ascii_graphic());
    if !is_address {
        problems
            .add(place, format!("`link` {value:?} is no address; write \"https://outguide.example.org\""));
        return None;
    }
    Some(link.to_owned())
}

fn ladder(
    fields: &Fields<'_>,
    calendar: &Calendar,
    has_webhook: bool,
    problems: &mut Problems<'_>,
) -> Ladder {
    let tables = fields.tables("step", &STEP, problems);
    let before = problems.count();
    let steps: Vec<Step> = tables.iter().flat_map(|table| steps(table, problems)).collect();
    if problems.count() > before {
        return Ladder::default();
    }
    let ladder = Ladder::new(steps, calendar).unwrap_or_else(|error| {
        let name = match &error {
            LadderError::Twice(name) | LadderError::Order { later: name, .. } => name.as_str(),
            LadderError::When(_) | LadderError::Long(_) => "",
        };
        let mut read = |table: &&Fields<'_>| {
            table.text("name", problems).is_some_and(|given| name.starts_with(given.value))
        };
        let place = tables.iter().rev().find(&mut read).map_or(fields.place, |table| table.place);
        problems.add(place, error.to_string());
        Ladder::default()
    });
    refuse_steps(&ladder, &tables, has_webhook, problems);
    ladder
}

/// A step, or the several that a repeated one is.
fn steps(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Vec<Step> {
    fields.refuse_unknown(problems);
    let name = fields.text("name", problems);
    let name = fields.required("name", name, problems).and_then(|given| step_name(given, problems));
    let when = fields.text("when", problems);
    let when = fields.required("when", when, problems).and_then(|At { place, value }| {
        When::parse(value).map_err(|error| problems.add(place, error.to_string())).ok()
    });
    let to = fields.text("to", problems);
    let to = fields.required("to", to, problems).map(|given| match given.value.trim() {
        "holder" => To::Holder,
        "department" => To::Department,
        code => To::Custodian(code.to_owned()),
    });
    let ways = [("mail", false), ("webhook", true)];
    let by_webhook = fields.choice("by", &ways, problems).is_some_and(|given| given.value);
    let times = fields.number("times", 1..=TIMES_MAX, problems);
    let every = fields.text("every", problems);
    let (Some(name), Some(when), Some(to)) = (name, when, to) else { return Vec::new() };
    let Some(times) = times.filter(|times| times.value > 1) else {
        if let Some(At { place, .. }) = every.filter(|_| !fields.has("times")) {
            problems.add(place, "`every` is for a step that is repeated; set `times`, or remove it");
        }
        return vec![Step { name, when, to, by_webhook }];
    };
    let count = u16::try_from(times.value).unwrap_or(1);
    let further = |nth| {
        let distance = every.and_then(|given| Distance::parse(given.value))?;
        let when = when.later(distance, nth)?;
        Some(Step { name: format!("{name}-{}", nth + 1), when, to: to.clone(), by_webhook })
    };
    let repeated: Option<Vec<Step>> = (0..count).map(further).collect();
    repeated.unwrap_or_else(|| {
        let place = every.map_or(times.place, |given| given.place);
        let what = "a repeated step needs `every` in the unit of its `when`, and comes after the chart was due; \
                    write when = \"1wd after\" and every = \"2wd\"";
        problems.add(place, what);
        Vec::new()
    })
}

fn step_name(given: At<&str>, problems: &mut Problems<'_>) -> Option<String> {
    let At { place, value } = given;
    let is_name = !value.is_empty()
        && value.chars().count() <= NAME_CHARS_MAX
        && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !is_name || RESERVED.contains(&value) {
        let what = format!(
            "`name` {value:?} cannot name a step; write 1 to {NAME_CHARS_MAX} of a-z, 0-9 and -, and none of {}",
            RESERVED.join(", ")
        );
        problems.add(place, what);
        return None;
    }
    Some(value.to_owned())
}

fn mail(top: &Fields<'_>, site_name: &str, problems: &mut Problems<'_>) -> Option<(Transport, Sender)> {
    let fields = top.section("mail", &MAIL, problems);
    fields.refuse_unknown(problems);
    let ways = [("smtp", Way::Smtp), ("file", Way::File), ("none", Way::None)];
    let way = fields.choice("transport", &ways, problems).map_or(Way::None, |given| given.value);
    let securities =
        [("starttls", Security::StartTls), ("implicit", Security::Implicit), ("none", Security::None)];
    let security =
        fields.choice("tls", &securities, problems).map_or(Security::StartTls, |given| given.value);
    let server = fields.text("server", problems);
    let port = fields.number("port", 1..=65_535, problems).and_then(|given| u16::try_from(given.value).ok());
    let ca_file = fields
        .text("ca_file", problems)
        .and_then(|given| absolute_path("ca_file", given, "/etc/ssl/certs/hospital-ca.pem", problems));
    let user = fields.text("user", problems);
    let password = fields.text("password_file", problems);
    let directory = fields
        .text("directory", problems)
        .and_then(|given| absolute_path("directory", given, "/var/lib/outguide/mail", problems));
    let from = fields.text("from", problems).and_then(|given| address("from", given, problems));
    let reply_to = fields.text("reply_to", problems).and_then(|given| address("reply_to", given, problems));
    if way == Way::None {
        return None;
    }
    let from = fields.required("from", from, problems);
    let transport = match way {
        Way::Smtp => {
            let server = fields.required("server", server, problems)?.value.trim().to_owned();
            let login = login(user, password, security, problems);
            let standard = match security {
                Security::StartTls => 587,
                Security::Implicit => 465,
                Security::None => 25,
            };
            let port = port.unwrap_or(standard);
            Transport::Smtp(Box::new(Smtp { server, port, security, ca_file, login }))
        }
        Way::File => Transport::File(fields.required("directory", directory, problems)?),
        Way::None => return None,
    };
    Some((transport, Sender { from: from?, reply_to, name: site_name.to_owned() }))
}

fn login(
    user: Option<At<&str>>,
    password: Option<At<&str>>,
    security: Security,
    problems: &mut Problems<'_>,
) -> Option<(String, PathBuf)> {
    match (user, password) {
        (Some(user), Some(password)) => {
            if security == Security::None {
                let what =
                    "a password is never sent in the open; set `tls`, or remove `user` and `password_file`";
                problems.add(user.place, what);
            }
            Some((user.value.to_owned(), Path::new(password.value).to_owned()))
        }
        (Some(At { place, .. }), None) | (None, Some(At { place, .. })) => {
            problems.add(place, "a sign-in needs both `user` and `password_file`; add the other");
            None
        }
        (None, None) => None,
    }
}

fn address(key: &str, given: At<&str>, problems: &mut Problems<'_>) -> Option<String> {
    let At { place, value } = given;
    if !crate::mail::is_address(value) {
        problems.add(place, format!("`{key}` {value:?} is no mail address; write \"outguide@example.org\""));
        return None;
    }
    Some(value.to_owned())
}
