//! What was put on file wrong, or has changed, is put right: name, date of birth, number, stay in a ward, home, use.

use super::PageError;
use super::again::Wrong;
use super::change::{answered, answered_of, chart_of};
use super::extract::{Form, Path};
use super::new_chart::date_of_birth;
use crate::store::Unchanged;
use crate::tracking::{ChartId, CustodianId, Life, Mrn, VolumeId};
use crate::web::App;
use crate::web::actor::Actor;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

/// Longest name and reason, in characters.
const TEXT_CHARS_MAX: usize = 120;

/// What is wrong with a number that is none.
pub(super) const NO_NUMBER: &str = "this is no record number; one has up to 32 letters and digits";

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
) -> Result<Response, PageError> {
    let became = async {
        let name = Some(plain("name", &patient.name)?).filter(|name| !name.is_empty());
        let born = date_of_birth(&app, &patient.born).map_err(|why| Wrong::Field("born", why))?;
        app.store.correct_patient(chart, name, born, actor).await?;
        Ok(format!("/charts/{chart}"))
    };
    answered(&app, chart, "patient", became.await).await
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
) -> Result<Response, PageError> {
    let became = async {
        let number = Mrn::parse(&number).ok_or_else(|| Wrong::Field("number", NO_NUMBER.to_owned()))?;
        match app.store.correct_number(chart, number, actor).await {
            Err(Unchanged::Refused(why)) => Err(Wrong::Against("number", why.to_string())),
            other => Ok(other.map(|_| format!("/charts/{chart}"))?),
        }
    };
    answered(&app, chart, "number", became.await).await
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
) -> Result<Response, PageError> {
    let became = app.store.set_inpatient(chart, stay == Where::Ward, actor).await;
    let became = became.map(|_| format!("/charts/{chart}")).map_err(Wrong::from);
    answered(&app, chart, "stay", became).await
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
) -> Result<Response, PageError> {
    let became = async {
        app.store.set_home(volume, home.home, !home.all.is_empty(), actor).await?;
        Ok(chart_of(&app, volume).await?)
    };
    answered_of(&app, volume, "home", became.await).await
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
) -> Result<Response, PageError> {
    let life = match life {
        Become::Active => Life::Active,
        Become::Retired => Life::Retired,
        Become::Destroyed => Life::Destroyed,
    };
    let became = async {
        app.store.set_life(volume, life, plain("why", &why)?, actor).await?;
        Ok(chart_of(&app, volume).await?)
    };
    answered_of(&app, volume, "life", became.await).await
}

fn plain(field: &'static str, text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    if text.chars().count() > TEXT_CHARS_MAX || text.contains(char::is_control) {
        let why = "this is longer than 120 characters, or has odd ones in it; write it shorter";
        return Err(Wrong::Field(field, why.to_owned()));
    }
    Ok(text.to_owned())
}
