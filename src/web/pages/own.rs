//! One's own account: the password, and where else one is signed in.

use super::code::chosen;
use super::extract::Form;
use super::filters;
use super::times::{Times, When};
use super::{Frame, PageError, page};
use crate::access::{AccountId, judge_pin};
use crate::label::{LabelKind, Reading};
use crate::store::{Tried, Unchanged};
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
    /// A PIN can be chosen: by a person, however they came in.
    may_have_pin: bool,
    trouble: Option<String>,
    /// What was changed.
    done: Option<&'static str>,
    /// The code of the person whose badge goes with the PIN.
    badge: Option<String>,
    typed_badge: String,
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

/// A new PIN, and the badge that it goes with.
#[derive(Deserialize)]
pub(super) struct NewPin {
    badge: String,
    pin: String,
    pin_again: String,
    #[serde(default)]
    password_now: String,
}

/// The account's page.
pub(super) async fn show(State(app): State<App>, user: User) -> Result<Response, PageError> {
    own(&app, &user, None, None).await
}

/// Chooses the PIN that signs in at a desk, together with the badge.
pub(super) async fn set_pin(
    State(app): State<App>,
    Extension(CameFrom(address)): Extension<CameFrom>,
    user: User,
    Form(new): Form<NewPin>,
) -> Result<Response, PageError> {
    let Some(account) = user.account().filter(|_| !user.is_display()) else {
        return Err(PageError::BadRequest("only a person chooses a PIN"));
    };
    let trouble = |what: String| own(&app, &user, Some((what, new.badge.clone())), None);
    if new.pin != new.pin_again {
        return trouble("the two PINs differ; type the same one twice".to_owned()).await;
    }
    if let Err(why) = judge_pin(&new.pin) {
        return trouble(why.to_string()).await;
    }
    let typed = new.badge.trim();
    let key = match app.intake.settings().formats.read(typed.as_bytes()).reading {
        Reading::Label(label) if label.kind == LabelKind::Person => label.key,
        _ => typed.to_owned(),
    };
    let Some(person) = app.store.person_of_badge(key).await? else {
        let what = "nobody who works here has this badge; type what is printed below its bars, or your code in the list of people";
        return trouble(what.to_owned()).await;
    };
    // Who comes in by the hospital's sign-in has no password here; that sign-in vouches for them with each request.
    if user.sign_in().is_some()
        && let Err(what) = is_password(&app, &user, account, new.password_now, address).await?
    {
        return trouble(what).await;
    }
    let pin = app.door.passwords.hash(new.pin).await?;
    match app.store.set_pin(account, person, pin, user.name.clone()).await {
        Err(Unchanged::Refused(why)) => trouble(why.to_string()).await,
        set => {
            set?;
            own(&app, &user, None, Some("The PIN is chosen: at a desk, scan your badge and type it.")).await
        }
    }
}

/// Whether it is the password of whoever is signed in; what to tell them if not.
async fn is_password(
    app: &App,
    user: &User,
    account: AccountId,
    password: String,
    address: String,
) -> Result<Result<(), String>, PageError> {
    let Some(_try) = app.door.begin_try(format!("{:?}", Tried::Account(account)), &address) else {
        return Ok(Err("another try is under way; wait for its answer".to_owned()));
    };
    let (tried, wait) = app.store.wait_of(Tried::Account(account), address.clone()).await?;
    if wait.is_some() {
        return Ok(Err("too many tries with a wrong password; wait a little".to_owned()));
    }
    let kept = app.store.credentials(user.name.clone()).await?.and_then(|account| account.password);
    if app.door.passwords.is_right(password, kept).await? {
        return Ok(Ok(()));
    }
    app.store.count_failure(tried, address).await?;
    Ok(Err("the password until now is wrong".to_owned()))
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
        return own(&app, &user, Some((trouble, String::new())), None).await;
    }
    if let Err(trouble) = is_password(&app, &user, account, new.password_now, address).await? {
        return own(&app, &user, Some((trouble, String::new())), None).await;
    }
    let password = app.door.passwords.hash(new.password).await?;
    app.store.set_password(account, password, sign_in, user.name.clone()).await?;
    own(&app, &user, None, Some("The password is changed, and your other sign-ins have ended.")).await
}

/// Ends the account's other sign-ins.
pub(super) async fn end_others(State(app): State<App>, user: User) -> Result<Redirect, PageError> {
    if let Some(account) = user.account() {
        app.store.end_sign_ins(account, user.sign_in(), user.name.clone()).await?;
    }
    Ok(Redirect::to("/account"))
}

/// `trouble`: what it was, and the badge that was typed.
async fn own(
    app: &App,
    user: &User,
    trouble: Option<(String, String)>,
    done: Option<&'static str>,
) -> Result<Response, PageError> {
    let site = app.site();
    let times = Times::new(app, &site);
    let sign_ins = match user.account() {
        Some(account) => app.store.sign_ins_of(account).await?,
        None => Vec::new(),
    };
    let badge = match user.account() {
        Some(account) => app.store.badge_of(account).await?,
        None => None,
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
        may_have_pin: user.account().is_some() && !user.is_display(),
        typed_badge: trouble.as_ref().map(|(_, badge)| badge.clone()).unwrap_or_default(),
        trouble: trouble.map(|(trouble, _)| trouble),
        done,
        badge,
    };
    Ok((status, page(&own)?).into_response())
}
