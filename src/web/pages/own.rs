//! One's own account: the password, and where else one is signed in.

use super::code::chosen;
use super::extract::Form;
use super::filters;
use super::times::{Times, When};
use super::{Frame, PageError, page};
use crate::store::Tried;
use crate::web::App;
use crate::web::door::{CameFrom, User};
use askama::Template;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "own.html", config = "src/web/askama.toml")]
struct OwnPage {
    frame: Frame,
    name: String,
    full_name: String,
    role: &'static str,
    purpose: &'static str,
    sign_ins: Vec<Row>,
    /// There is a password to change: who comes in by a proxy has none here.
    has_password: bool,
    trouble: Option<String>,
    is_done: bool,
}

struct Row {
    address: String,
    made: When,
    used: When,
    is_this: bool,
}

/// A new password.
#[derive(Deserialize)]
pub(super) struct New {
    password_now: String,
    password: String,
    password_again: String,
}

/// The account's page.
pub(super) async fn show(State(app): State<App>, user: User) -> Result<Response, PageError> {
    own(&app, &user, None, false).await
}

/// Changes the password; the account's other sign-ins end.
pub(super) async fn set_password(
    State(app): State<App>,
    Extension(CameFrom(address)): Extension<CameFrom>,
    user: User,
    Form(new): Form<New>,
) -> Result<Response, PageError> {
    let (Some(account), Some(sign_in)) = (user.account(), user.sign_in()) else {
        return Err(PageError::BadRequest("only who signed in with a password has one to change"));
    };
    if let Err(trouble) = chosen(&new.password, &new.password_again, &user.name, &user.full_name) {
        return own(&app, &user, Some(trouble), false).await;
    }
    let Some(_try) = app.door.begin_try(format!("{:?}", Tried::Account(account)), &address) else {
        return own(&app, &user, Some("another try is under way; wait for its answer".to_owned()), false)
            .await;
    };
    let (tried, wait) = app.store.wait_of(Tried::Account(account), address.clone()).await?;
    if wait.is_some() {
        let trouble = "too many tries with a wrong password; wait a little".to_owned();
        return own(&app, &user, Some(trouble), false).await;
    }
    let kept = app.store.credentials(user.name.clone()).await?.and_then(|account| account.password);
    if !app.door.passwords.is_right(new.password_now, kept).await? {
        app.store.count_failure(tried, address).await?;
        return own(&app, &user, Some("the password until now is wrong".to_owned()), false).await;
    }
    let password = app.door.passwords.hash(new.password).await?;
    app.store.set_password(account, password, sign_in, user.name.clone()).await?;
    own(&app, &user, None, true).await
}

/// Ends the account's other sign-ins.
pub(super) async fn end_others(State(app): State<App>, user: User) -> Result<Redirect, PageError> {
    if let Some(account) = user.account() {
        app.store.end_sign_ins(account, user.sign_in(), user.name.clone()).await?;
    }
    Ok(Redirect::to("/account"))
}

async fn own(app: &App, user: &User, trouble: Option<String>, is_done: bool) -> Result<Response, PageError> {
    let site = app.site();
    let times = Times::new(app, &site);
    let sign_ins = match user.account() {
        Some(account) => app.store.sign_ins_of(account).await?,
        None => Vec::new(),
    };
    let row = |view: crate::store::SignInView| Row {
        made: times.when(view.times.made),
        used: times.when(view.times.used),
        is_this: user.sign_in() == Some(view.id),
        address: view.address,
    };
    let status = if trouble.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let own = OwnPage {
        frame: Frame::new(app, &site, "/account"),
        name: user.name.clone(),
        full_name: user.full_name.clone(),
        role: user.role.map_or("program", crate::access::Role::as_str),
        purpose: user.role.map_or("", crate::access::Role::purpose),
        sign_ins: sign_ins.into_iter().map(row).collect(),
        has_password: user.sign_in().is_some() && !user.is_display(),
        trouble,
        is_done,
    };
    Ok((status, page(&own)?).into_response())
}
