//! Accounts, for the administrator: who may come in, as what, and the codes with which they do so for the first time.

use super::code::full_name;
use super::extract::{Form, Path};
use super::filters;
use super::times::{Times, When};
use super::{Frame, PageError, page};
use crate::access::{AccountId, AccountName, Role};
use crate::secret::{draw_code, hash_of_code};
use crate::store::{AccountView, NewAccount, Unchanged};
use crate::web::door::actor;
use crate::web::{App, SiteStation};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "accounts.html", config = "src/web/askama.toml")]
struct AccountsPage {
    frame: Frame,
    accounts: Vec<Row>,
    roles: [Role; 6],
    stations: Vec<SiteStation>,
    typed: Typed,
    trouble: Option<String>,
    /// A code that was just drawn: for whom, and the code. It is shown this once.
    fresh: Option<(String, String)>,
}

struct Row {
    account: AccountView,
    used: Option<When>,
    code_until: Option<When>,
}

/// A new account as it is typed.
#[derive(Deserialize, Default)]
pub(super) struct Typed {
    name: String,
    full_name: String,
    role: String,
    #[serde(default)]
    station: String,
}

/// All accounts, and the form for a new one.
pub(super) async fn list(State(app): State<App>) -> Result<Response, PageError> {
    show(&app, Typed::default(), None, None).await
}

/// Makes an account and shows its code.
pub(super) async fn add(State(app): State<App>, Form(typed): Form<Typed>) -> Result<Response, PageError> {
    let new = match judge(&typed) {
        Ok(new) => new,
        Err(trouble) => return show(&app, typed, Some(trouble), None).await,
    };
    let (code, name) = (draw_code()?, new.name.to_string());
    match app.store.add_account(new, hash_of_code(&code), actor()).await {
        Ok(_) => show(&app, Typed::default(), None, Some((name, code))).await,
        Err(Unchanged::Refused(why)) => show(&app, typed, Some(why.to_string()), None).await,
        Err(error) => Err(error.into()),
    }
}

fn judge(typed: &Typed) -> Result<NewAccount, String> {
    let name = AccountName::parse(&typed.name).map_err(|why| why.to_string())?;
    let role = Role::named(&typed.role).ok_or("choose what the account is for")?;
    let full_name = full_name(&typed.full_name)?;
    let station = Some(typed.station.clone()).filter(|station| !station.is_empty());
    Ok(NewAccount { name, full_name, role, station })
}

/// Gives an account a new code, and takes its password and sign-ins away.
pub(super) async fn reset(
    State(app): State<App>,
    Path(account): Path<AccountId>,
) -> Result<Response, PageError> {
    let code = draw_code()?;
    app.store.reset_account(account, hash_of_code(&code), actor()).await?;
    let accounts = app.store.accounts().await?;
    let name = accounts.into_iter().find(|view| view.id == account).map(|view| view.name);
    show(&app, Typed::default(), None, Some((name.unwrap_or_default(), code))).await
}

/// Closes an account.
pub(super) async fn close(
    State(app): State<App>,
    Path(account): Path<AccountId>,
) -> Result<Redirect, PageError> {
    app.store.close_account(account, actor()).await?;
    Ok(Redirect::to("/accounts"))
}

/// Ends the sign-ins of an account.
pub(super) async fn end(
    State(app): State<App>,
    Path(account): Path<AccountId>,
) -> Result<Redirect, PageError> {
    app.store.end_sign_ins(account, None, actor().unwrap_or_default()).await?;
    Ok(Redirect::to("/accounts"))
}

/// Another role.
#[derive(Deserialize)]
pub(super) struct Other {
    role: String,
}

/// Gives an account another role.
pub(super) async fn set_role(
    State(app): State<App>,
    Path(account): Path<AccountId>,
    Form(Other { role }): Form<Other>,
) -> Result<Redirect, PageError> {
    let role = Role::named(&role).ok_or(PageError::BadRequest("choose what the account is for"))?;
    app.store.set_role(account, role, actor()).await?;
    Ok(Redirect::to("/accounts"))
}

async fn show(
    app: &App,
    typed: Typed,
    trouble: Option<String>,
    fresh: Option<(String, String)>,
) -> Result<Response, PageError> {
    let site = app.site();
    let times = Times::new(app, &site);
    let row = |account: AccountView| Row {
        used: account.used_at.map(|at| times.when(at)),
        code_until: account.code_until.filter(|until| *until > app.clock.now()).map(|at| times.due(at)),
        account,
    };
    let status = if trouble.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let accounts = AccountsPage {
        frame: Frame::new(app, &site, "/accounts"),
        accounts: app.store.accounts().await?.into_iter().map(row).collect(),
        roles: Role::ALL,
        stations: site.stations.clone(),
        typed,
        trouble,
        fresh,
    };
    Ok((status, page(&accounts)?).into_response())
}
