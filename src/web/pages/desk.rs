//! A desk that many share: a badge that was scanned there and a PIN sign its screen in, so that names and numbers are shown.
//! Scanning needs none of it: scanners belong to the daemon.

use super::PageError;
use super::extract::Form;
use super::sign_in::{read, seconds, throttled};
use crate::access::{AccountId, Over, SignInId};
use crate::secret::{draw_token, hash_of};
use crate::store::{Badge, DeskCookie, Tried};
use crate::web::App;
use crate::web::door::{self, CameFrom, User};
use axum::extract::{Extension, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

/// Signs whoever has scanned a badge at this desk in by the PIN.
pub(super) async fn unlock(
    State(app): State<App>,
    Extension(CameFrom(address)): Extension<CameFrom>,
    user: User,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let (mut form, pin) = read(sent);
    form.by_pin = true;
    let (station, screen) =
        user.desk().ok_or(PageError::BadRequest("only the screen of a station is unlocked by a PIN"))?;
    let number = app.intake.settings().numbered.stations.get(&station).copied();
    let badge = match number {
        Some(number) => app.store.badge_at(number).await?,
        None => None,
    };
    let Some(Badge { name, pin: kept, .. }) = badge else {
        let trouble = "no badge was scanned here lately: scan yours, then type the PIN";
        return Ok(form.again(StatusCode::UNPROCESSABLE_ENTITY, trouble.to_owned()));
    };
    let Some((account, _, kept)) = kept else {
        let trouble = format!(
            "{name} has no PIN yet: sign in with name and password, then choose one on your own page"
        );
        return Ok(form.again(StatusCode::UNPROCESSABLE_ENTITY, trouble));
    };
    let Some(_try) = app.door.begin_try(format!("pin {account}"), &address) else {
        let trouble = "another try is under way; wait for its answer".to_owned();
        return Ok(form.again(StatusCode::TOO_MANY_REQUESTS, trouble));
    };
    let (tried, wait) = app.store.wait_of(Tried::Pin(account), address.clone()).await?;
    if let Some(wait) = wait {
        return Ok(throttled(form, wait));
    }
    if !app.door.passwords.is_right(pin, Some(kept)).await? {
        app.store.count_failure(tried, address.clone()).await?;
        let (_, wait) = app.store.wait_of(tried, address).await?;
        let next = wait.map(|wait| format!("; the next try is possible in {}", seconds(wait)));
        let trouble = format!("this is not the PIN of {name}{}", next.unwrap_or_default());
        return Ok(form.again(StatusCode::UNAUTHORIZED, trouble));
    }
    let cookie = enter(&app, &user, account, screen, address).await?;
    form.goes_on(cookie)
}

/// Signs an account in at a desk, in the place of whoever was; its cookie.
pub(super) async fn enter(
    app: &App,
    before: &User,
    account: AccountId,
    screen: SignInId,
    address: String,
) -> Result<HeaderValue, PageError> {
    if let (Some(_), Some(sign_in)) = (&before.desk, before.sign_in()) {
        app.store.lock_desk(sign_in, before.name.clone(), Over::Ended).await?;
    }
    let token = draw_token("")?;
    app.store.sign_in_at_desk(account, DeskCookie { hash: hash_of(&token), screen }, address).await?;
    door::set_desk(&token).ok_or(PageError::BadRequest("no cookie can be set"))
}
