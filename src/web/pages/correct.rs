//! What was put on file wrong, or has changed, is put right: name, date of birth, number, stay in a ward, home, use.

use super::PageError;
use super::change::done;
use super::extract::{Form, Path};
use super::new_chart::date_of_birth;
use crate::tracking::{ChartId, CustodianId, Life, Mrn, VolumeId};
use crate::web::App;
use crate::web::actor::Actor;
use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;

/// Longest name and reason, in characters.
const TEXT_CHARS_MAX: usize = 120;

/// The patient as the form has it.
#[derive(Deserialize)]
pub(super) struct Patient {
    #[serde(default)]
    name: String,
    #[serde(default)]
    born: String,
}

/// Puts name and date of birth right.
pub(super) async fn patient(
    State(app): State<App>,
    Path(chart): Path<ChartId>,
    Actor(actor): Actor,
    Form(patient): Form<Patient>,
) -> Result<Redirect, PageError> {
    let born = date_of_birth(&app, &patient.born).map_err(PageError::Refused)?;
    let name = Some(plain(&patient.name)?).filter(|name| !name.is_empty());
    app.store.correct_patient(chart, name, born, actor).await?;
    Ok(done(&app, &format!("/charts/{chart}")))
}

/// The right number.
#[derive(Deserialize)]
pub(super) struct Number {
    number: String,
}

/// Puts the number right.
pub(super) async fn number(
    State(app): State<App>,
    Path(chart): Path<ChartId>,
    Actor(actor): Actor,
    Form(Number { number }): Form<Number>,
) -> Result<Redirect, PageError> {
    let number = Mrn::parse(&number)
        .ok_or(PageError::BadRequest("this is no record number; one has up to 32 letters and digits"))?;
    app.store.correct_number(chart, number, actor).await?;
    Ok(done(&app, &format!("/charts/{chart}")))
}

/// Whether the patient is in a ward.
#[derive(Deserialize)]
pub(super) struct Stay {
    stay: Where,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Where {
    Ward,
    Home,
}

/// Says that the patient was admitted, or discharged.
pub(super) async fn stay(
    State(app): State<App>,
    Path(chart): Path<ChartId>,
    Actor(actor): Actor,
    Form(Stay { stay }): Form<Stay>,
) -> Result<Redirect, PageError> {
    app.store.set_inpatient(chart, stay == Where::Ward, actor).await?;
    Ok(done(&app, &format!("/charts/{chart}")))
}

/// Where a folder belongs.
#[derive(Deserialize)]
pub(super) struct Home {
    home: CustodianId,
    /// All folders of the chart that belong where it did.
    #[serde(default)]
    all: String,
}

/// Changes the home of a folder.
pub(super) async fn home(
    State(app): State<App>,
    Path(volume): Path<VolumeId>,
    Actor(actor): Actor,
    Form(home): Form<Home>,
) -> Result<Redirect, PageError> {
    app.store.set_home(volume, home.home, !home.all.is_empty(), actor).await?;
    Ok(done(&app, &chart_of(&app, volume).await?))
}

/// What becomes of a folder, and why.
#[derive(Deserialize)]
pub(super) struct Ended {
    life: Become,
    #[serde(default)]
    why: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Become {
    Active,
    Retired,
    Destroyed,
}

/// Retires a folder, takes it into use again, or says that it was destroyed.
pub(super) async fn life(
    State(app): State<App>,
    Path(volume): Path<VolumeId>,
    Actor(actor): Actor,
    Form(Ended { life, why }): Form<Ended>,
) -> Result<Redirect, PageError> {
    let life = match life {
        Become::Active => Life::Active,
        Become::Retired => Life::Retired,
        Become::Destroyed => Life::Destroyed,
    };
    app.store.set_life(volume, life, plain(&why)?, actor).await?;
    Ok(done(&app, &chart_of(&app, volume).await?))
}

fn plain(text: &str) -> Result<String, PageError> {
    let text = text.trim();
    if text.chars().count() > TEXT_CHARS_MAX || text.contains(char::is_control) {
        return Err(PageError::BadRequest(
            "a text is longer than 120 characters or has odd ones; write it shorter",
        ));
    }
    Ok(text.to_owned())
}

async fn chart_of(app: &App, volume: VolumeId) -> Result<String, PageError> {
    let view = app.store.volume(volume).await?.ok_or(PageError::NotFound("volume"))?;
    Ok(format!("/charts/{}?volume={volume}", view.chart))
}
