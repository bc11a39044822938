//! Signing in and out. A form that was sent after the sign-in had ended is carried along and can be sent again.

use super::extract;
use super::filters;
use super::resend::{Was, resend};
use super::{Frame, PageError};
use crate::access::{AccountName, Over, Role};
use crate::secret::{draw_token, hash_of};
use crate::store::{Credentials, Tried};
use crate::web::App;
use crate::web::door::{self, CARRIED, CameFrom, User};
use askama::Template;
use axum::extract::{Extension, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::SignedDuration;

/// The form, and what is carried through it.
#[derive(Template, Default)]
#[template(path = "sign_in.html", config = "src/web/askama.toml")]
pub(in crate::web) struct Form {
    frame: Frame,
    /// Why the form stands here, if not because somebody asked for it.
    over: Option<Over>,
    /// Where to go on; a local address.
    to: String,
    /// Where the carried form goes.
    send: Option<String>,
    /// The carried form.
    fields: Vec<(String, String)>,
    /// What was sent could not be carried.
    is_lost: bool,
    /// What was typed as the name.
    name: String,
    /// What was wrong with the last try.
    trouble: Option<String>,
    /// The last try was by PIN.
    pub(super) by_pin: bool,
}

impl Form {
    pub(in crate::web) fn new(over: Option<Over>) -> Form {
        Form { over, to: "/".to_owned(), ..Form::default() }
    }

    /// Goes on to an address of this site.
    pub(in crate::web) fn going_to(self, address: String) -> Form {
        Form { to: address, ..self }
    }

    /// Carries a form along that was sent to an address of this site.
    pub(in crate::web) fn carrying(self, send: String, fields: Vec<(String, String)>) -> Form {
        Form { send: Some(send), fields, ..self }
    }

    /// Says that what was sent could not be carried.
    pub(in crate::web) fn having_lost(self) -> Form {
        Form { is_lost: true, ..self }
    }

    /// What was asked for before somebody had to come in, with the cookie that lets them.
    pub(super) fn goes_on(self, cookie: HeaderValue) -> Result<Response, PageError> {
        let answer = match self.send {
            Some(send) => resend(Was::SignedOut, send, self.fields)?.into_response(),
            None => Redirect::to(&self.to).into_response(),
        };
        Ok(([(header::SET_COOKIE, cookie)], answer).into_response())
    }

    pub(super) fn again(self, status: StatusCode, trouble: String) -> Response {
        (status, page_of(Form { trouble: Some(trouble), ..self })).into_response()
    }
}

/// The form as a page; a sentence, should that fail.
pub(in crate::web) fn page_of(form: Form) -> Html<String> {
    Html(form.render().unwrap_or_else(|_| "sign in at /sign-in".to_owned()))
}

/// The form by itself.
pub(super) async fn show(State(app): State<App>) -> Result<Response, PageError> {
    if door::current().is_some_and(|caller| caller.role != Some(Role::Display)) {
        return Ok(Redirect::to("/").into_response());
    }
    if !app.store.has_accounts().await? {
        return Ok(Redirect::to("/first").into_response());
    }
    Ok(page_of(Form::new(None)).into_response())
}

/// Signs in.
pub(super) async fn sign_in(
    State(app): State<App>,
    Extension(CameFrom(address)): Extension<CameFrom>,
    user: Option<User>,
    extract::Form(sent): extract::Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let (form, password) = read(sent);
    let account = match AccountName::parse(&form.name) {
        Ok(name) => app.store.credentials(name.to_string()).await?,
        Err(_) => None,
    };
    let whom = account.as_ref().map_or_else(
        || Tried::Nobody(hash_of(&form.name.trim().to_lowercase())),
        |account| Tried::Account(account.id),
    );
    let Some(_try) = app.door.begin_try(format!("{whom:?}"), &address) else {
        return Ok(form.again(
            StatusCode::TOO_MANY_REQUESTS,
            "another try is under way; wait for its answer".to_owned(),
        ));
    };
    let (tried, wait) = app.store.wait_of(whom, address.clone()).await?;
    if let Some(wait) = wait {
        return Ok(throttled(form, wait));
    }
    let kept = account.as_ref().and_then(|account| account.password.clone());
    let is_right = app.door.passwords.is_right(password, kept).await?;
    let Some(account) = account.filter(|_| is_right) else {
        app.store.count_failure(tried, address.clone()).await?;
        let (_, wait) = app.store.wait_of(whom, address).await?;
        let next = wait.map(|wait| format!("; the next try is possible in {}", seconds(wait)));
        let trouble = format!("name or password is wrong{}", next.unwrap_or_default());
        return Ok(form.again(StatusCode::UNAUTHORIZED, trouble));
    };
    // At a screen nobody takes the screen's own cookie away.
    let cookie = match user.as_ref().and_then(|user| Some((user, user.desk()?))) {
        Some((user, (_, screen))) => super::desk::enter(&app, user, account.id, screen, address).await?,
        None => enter(&app, &account, address).await?,
    };
    form.goes_on(cookie)
}

/// Signs a browser in; its cookie. A new one with each sign-in; the one before, if there is one, ends.
async fn enter(app: &App, account: &Credentials, address: String) -> Result<HeaderValue, PageError> {
    end_before(app).await?;
    let token = draw_token("")?;
    app.store.sign_in(account.id, hash_of(&token), address).await?;
    door::set(&token, account.role).ok_or(PageError::BadRequest("no cookie can be set"))
}

/// A new cookie with each sign-in; the one that this browser had before, if it had one, ends.
pub(super) async fn end_before(app: &App) -> Result<(), PageError> {
    if let Some(before) = door::current()
        && let Some(sign_in) = before.sign_in()
    {
        app.store.sign_out(sign_in, before.name.clone()).await?;
    }
    Ok(())
}

pub(super) fn throttled(form: Form, wait: SignedDuration) -> Response {
    let what = if form.by_pin { "PIN" } else { "password" };
    let trouble = format!("too many tries with a wrong {what}; try again in {}", seconds(wait));
    let mut response = form.again(StatusCode::TOO_MANY_REQUESTS, trouble);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
    response
}

fn whole_seconds(wait: SignedDuration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(0).div_ceil(1000)
}

pub(super) fn seconds(wait: SignedDuration) -> String {
    match whole_seconds(wait) {
        short @ 0..=120 => format!("{short} s"),
        long => format!("{} minutes", long.div_ceil(60)),
    }
}

/// Takes what was sent apart: name and password, and what is carried.
pub(super) fn read(sent: Vec<(String, String)>) -> (Form, String) {
    let (mut form, mut password) = (Form { to: "/".to_owned(), ..Form::default() }, String::new());
    for (name, value) in sent {
        match name.as_str() {
            "name" => form.name = value,
            "password" | "pin" => password = value,
            "to" if is_local(&value) => form.to = value,
            "send" if is_local(&value) => form.send = Some(value),
            other => {
                if let Some(field) = other.strip_prefix(CARRIED) {
                    form.fields.push((field.to_owned(), value));
                }
            }
        }
    }
    (form, password)
}

/// An address of this site: nobody is sent elsewhere after signing in.
pub(super) fn is_local(address: &str) -> bool {
    address.starts_with('/')
        && !address.starts_with("//")
        && !address.contains(['\\', '#'])
        && !address.contains(|c: char| c.is_control() || c.is_whitespace())
}

/// Signs out: the cookie is worth nothing from now on.
pub(super) async fn sign_out(State(app): State<App>, user: User) -> Result<Response, PageError> {
    if let (Some(desk), Some(sign_in)) = (&user.desk, user.sign_in()) {
        app.store.lock_desk(sign_in, user.name.clone(), Over::Ended).await?;
        let headers = [(header::SET_COOKIE, door::clear_desk())];
        return Ok((headers, Redirect::to(&format!("/stations/{}", desk.station))).into_response());
    }
    if let Some(sign_in) = user.sign_in() {
        app.store.sign_out(sign_in, user.name.clone()).await?;
    }
    // Pages that the browser still holds in its cache go, too.
    let forget = (HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));
    let headers = [(header::SET_COOKIE, door::clear()), forget];
    Ok((headers, Redirect::to("/sign-in")).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_addresses_are_gone_on_to() {
        for good in ["/", "/charts/1?volume=2", "/stations/desk-1"] {
            assert!(is_local(good), "{good}");
        }
        for bad in
            ["", "//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", "/#x", "charts/1"]
        {
            assert!(!is_local(bad), "{bad}");
        }
    }

    #[test]
    fn waits_are_told_in_round_figures() {
        assert_eq!(seconds(SignedDuration::from_millis(4_100)), "5 s");
        assert_eq!(seconds(SignedDuration::from_secs(301)), "6 minutes");
    }
}
