//! Who holds how much.

use super::search::Custodian;
use crate::store::CustodianView;
use crate::web::App;
use crate::web::problem::{Problem, ProblemBody};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// All custodians.
#[derive(Serialize, ToSchema)]
pub(super) struct CustodiansAnswer {
    /// By name.
    custodians: Vec<CustodianCounts>,
}

/// A custodian with what it holds.
#[derive(Serialize, ToSchema)]
struct CustodianCounts {
    #[serde(flatten)]
    custodian: Custodian,
    /// file-area, clinic, …
    kind: String,
    /// The custodian that it is part of.
    parent: Option<String>,
    /// Volumes of others that are here.
    visiting: u64,
    /// Volumes that belong here and are here.
    at_home: u64,
    /// Volumes that belong here and are elsewhere.
    away: u64,
}

/// Lists all custodians with what they hold.
#[utoipa::path(
    get, path = "/api/v1/custodians", tag = "custodians",
    responses(
        (status = 200, description = "All custodians.", body = CustodiansAnswer),
        (status = "default", description = "A problem.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(State(app): State<App>) -> Result<Json<CustodiansAnswer>, Problem> {
    let custodians = app.store.custodians().await?.into_iter().map(CustodianCounts::from).collect();
    Ok(Json(CustodiansAnswer { custodians }))
}

impl From<CustodianView> for CustodianCounts {
    fn from(view: CustodianView) -> CustodianCounts {
        CustodianCounts {
            custodian: view.custodian.into(),
            kind: view.kind,
            parent: view.parent,
            visiting: view.visiting,
            at_home: view.at_home,
            away: view.away,
        }
    }
}
