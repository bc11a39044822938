//! A chart is put on file: number, patient, kind of record, home, and its label, which is printed next or taken from the
//! stock.
//!
//! Invariant: what somebody typed travels in bodies only, there and back.

use super::change::done;
use super::extract::Form;
use super::filters;
use super::pick::{Picker, Picks};
use super::times::Times;
use super::{Frame, PageError, page, seen};
use crate::label::{LabelKind, Reading};
use crate::store::{Locate, Named, Namesakes, NewChart, RecordTypeView, Unchanged, Viewed, VolumeView};
use crate::tracking::Mrn;
use crate::tracking::combining::Against;
use crate::tracking::search::Asked;
use crate::web::actor::Actor;
use crate::web::new_label::new_label;
use crate::web::{App, glass};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use serde::Deserialize;

/// Longest name and assigner, in characters.
const TEXT_CHARS_MAX: usize = 120;

/// The form as browsers send it.
#[derive(Deserialize, Default)]
pub(super) struct Fields {
    #[serde(default)]
    mrn: String,
    #[serde(default)]
    assigner: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    born: String,
    #[serde(default)]
    record_type: String,
    /// Code of the custodian where it belongs.
    #[serde(default)]
    home: String,
    /// Code of the custodian who has it; empty: it is at home.
    #[serde(default)]
    at: String,
    #[serde(default)]
    label: String,
    /// Somebody looked, and it is another patient.
    #[serde(default)]
    other_patient: String,
    /// What was looked for in vain: the form begins with it, and nothing is put on file yet.
    #[serde(default)]
    begin: String,
}

#[derive(Template)]
#[template(path = "new_chart.html", config = "src/web/askama.toml")]
struct NewChartPage {
    frame: Frame,
    fields: Fields,
    record_types: Vec<RecordTypeView>,
    home: Picker,
    at: Picker,
    problems: Vec<String>,
    /// The folders of the number, if it is on file.
    on_file: Vec<VolumeView>,
    namesakes: Namesakes,
}

/// The empty form.
pub(super) async fn form(State(app): State<App>) -> Result<Response, PageError> {
    new_page(&app, Fields::default(), Refused::default()).await
}

/// Puts the chart on file, or shows the form again with what stands in the way.
pub(super) async fn add(
    State(app): State<App>,
    Actor(actor): Actor,
    Form(mut fields): Form<Fields>,
) -> Result<Response, PageError> {
    if !fields.begin.trim().is_empty() {
        fields.begin_with(&app);
        return new_page(&app, fields, Refused::default()).await;
    }
    let new = match read(&app, &fields).await? {
        Ok(new) => new,
        Err(problems) => return new_page(&app, fields, Refused { problems, ..Refused::default() }).await,
    };
    if fields.other_patient.is_empty()
        && let Some((name, born)) = new.name.clone().zip(new.born)
    {
        let namesakes = app.store.namesakes(name, born, new.mrn.clone(), new.assigner.clone()).await?;
        if namesakes != Namesakes::default() {
            let numbers: Vec<_> = namesakes.charts.iter().map(ToString::to_string).collect();
            seen(&app, Viewed::Search, &format!("namesakes: chart {}", numbers.join(" ")))?;
            return new_page(&app, fields, Refused { namesakes, ..Refused::default() }).await;
        }
    }
    let mrn = new.mrn.clone();
    let is_given = !fields.label.trim().is_empty();
    match app.store.add_chart(new, actor).await {
        Ok((chart, _)) if is_given => Ok(done(&app, &format!("/charts/{chart}")).into_response()),
        Ok((_, volume)) => Ok(done(&app, &format!("/volumes/{volume}/label")).into_response()),
        Err(Unchanged::Refused(why)) => {
            let on_file = app.store.locate(Locate { label: None, mrn: Some(mrn) }).await?;
            let on_file = glass::veil(&app, on_file).await?;
            let refused = Refused { problems: vec![why.to_string()], on_file, ..Refused::default() };
            new_page(&app, fields, refused).await
        }
        Err(other) => Err(other.into()),
    }
}

/// Why nothing was put on file.
#[derive(Default)]
struct Refused {
    problems: Vec<String>,
    on_file: Vec<VolumeView>,
    namesakes: Namesakes,
}

async fn new_page(app: &App, mut fields: Fields, why: Refused) -> Result<Response, PageError> {
    let record_types = app.store.record_types().await?;
    let picks = Picks::load(app).await?;
    if fields.record_type.is_empty() {
        "medical".clone_into(&mut fields.record_type);
    }
    if fields.home.is_empty() {
        let of_type = record_types.iter().find(|kind| kind.name == fields.record_type);
        let home = of_type.and_then(|kind| kind.home.as_ref()).map(|home| home.code.clone());
        // Charts belong on shelves.
        let home = match home {
            Some(home) => Some(home),
            None => app.store.first_file_area().await?.map(|area| area.code),
        };
        fields.home = home.unwrap_or_default();
    }
    let is_refused = !why.problems.is_empty() || why.namesakes != Namesakes::default();
    let status = if is_refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shown = NewChartPage {
        frame: Frame::new(app, &app.site(), "/"),
        home: picks.picker("home", "home").by_code().chosen(coded(app, &fields.home).await?),
        at: picks.picker("at", "at").by_code().or("where it belongs").chosen(coded(app, &fields.at).await?),
        fields,
        record_types,
        problems: why.problems,
        on_file: why.on_file,
        namesakes: why.namesakes,
    };
    Ok((status, page(&shown)?).into_response())
}

/// What the form says, or everything that is wrong with it.
async fn read(app: &App, fields: &Fields) -> Result<Result<NewChart, Vec<String>>, PageError> {
    let mut problems = Vec::new();
    let mrn = Mrn::parse(&fields.mrn);
    if mrn.is_none() {
        problems
            .push("the record number is missing, or is none; write it as it stands on the folder".to_owned());
    }
    for (what, text) in [("name", &fields.name), ("assigner", &fields.assigner)] {
        if text.chars().count() > TEXT_CHARS_MAX || text.contains(char::is_control) {
            problems.push(format!("the {what} is longer than {TEXT_CHARS_MAX} characters or has odd ones"));
        }
    }
    let born = date_of_birth(app, &fields.born).unwrap_or_else(|why| {
        problems.push(why);
        None
    });
    let home = coded(app, &fields.home).await?.map(|home| home.id);
    if home.is_none() {
        problems.push("it has no home yet; choose where the folder belongs".to_owned());
    }
    let at = if fields.at.trim().is_empty() { home } else { coded(app, &fields.at).await?.map(|at| at.id) };
    let label = new_label(&app.intake.settings().formats, &fields.label);
    if let Err(why) = &label {
        problems.push((*why).to_owned());
    }
    let no_blank = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    Ok(match (mrn, home, at, label) {
        (Some(mrn), Some(home), Some(at), Ok(label)) if problems.is_empty() => Ok(NewChart {
            mrn,
            assigner: fields.assigner.trim().to_owned(),
            name: no_blank(&fields.name),
            born,
            record_type: fields.record_type.trim().to_owned(),
            home,
            at,
            label,
        }),
        (_, _, None, _) if problems.is_empty() => Err(vec![Against::NoSuchCustodian.to_string()]),
        _ => Err(problems),
    })
}

async fn coded(app: &App, code: &str) -> Result<Option<Named>, PageError> {
    Ok(app.store.custodian_coded(code.trim().to_owned()).await?)
}

/// A date of birth from a form; empty: not known.
pub(super) fn date_of_birth(app: &App, text: &str) -> Result<Option<Date>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let today = Times::new(app, &app.site()).today();
    match text.parse::<Date>() {
        Ok(born) if born <= today => Ok(Some(born)),
        Ok(_) => Err("the date of birth is still to come; correct it".to_owned()),
        Err(_) => Err("the date of birth is no date; write it as 1970-12-31".to_owned()),
    }
}

impl Fields {
    /// Takes what was looked for in vain apart: a label, a number, a name, a date of birth.
    fn begin_with(&mut self, app: &App) {
        let text = std::mem::take(&mut self.begin);
        let text = text.trim();
        if let Reading::Label(label) = app.intake.settings().formats.read(text.as_bytes()).reading
            && label.kind == LabelKind::Volume
        {
            self.label = text.to_owned();
            return;
        }
        let asked = Asked::read(text, Times::new(app, &app.site()).today());
        if let Some(born) = asked.born.first() {
            self.born = born.to_string();
        }
        if asked.is_of_patient() {
            let is_name = |word: &&str| !word.contains(|c: char| c.is_ascii_digit());
            self.name = text.split_whitespace().filter(is_name).collect::<Vec<_>>().join(" ");
        }
        if let Some(number) = asked.numbers.first().filter(|_| self.name.is_empty() && asked.born.is_empty())
        {
            self.mrn = number.written().to_owned();
        }
    }
}
