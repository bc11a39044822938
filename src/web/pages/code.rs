//! One-time codes: with one the holder of an account chooses its password, and a screen is put up. The first of all makes
//! the administrator.

use super::extract::Form;
use super::filters;
use super::{Frame, PageError, page, sign_in};
use crate::access::{AccountName, Role, judge_password};
use crate::secret::{draw_token, hash_of, hash_of_code};
use crate::store::{CodeHolder, NewAccount};
use crate::web::App;
use crate::web::door::{self, CameFrom};
use askama::Template;
use axum::extract::{Extension, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// Most characters of a name that people read.
pub(super) const FULL_NAME_MAX: usize = 80;

#[derive(Template)]
#[template(path = "code.html", config = "src/web/askama.toml")]
struct CodePage {
    frame: Frame,
    /// Typed already, and good.
    holder: Option<CodeHolder>,
    code: String,
    trouble: Option<String>,
}

/// What a code is typed into.
#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    code: String,
    password: Option<String>,
    #[serde(default)]
    password_again: String,
}

/// The form for a code.
pub(super) async fn show() -> Result<Response, PageError> {
    answer(
        StatusCode::OK,
        CodePage { frame: Frame::bare(), holder: None, code: String::new(), trouble: None },
    )
}

/// Takes a code; then, for a person, the password that goes with it.
pub(super) async fn take(
    State(app): State<App>,
    Extension(CameFrom(address)): Extension<CameFrom>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let code = hash_of_code(&typed.code);
    let again = |holder, trouble: &str| CodePage {
        frame: Frame::bare(),
        holder,
        code: typed.code.clone(),
        trouble: Some(trouble.to_owned()),
    };
    let Some(holder) = app.store.holder_of_code(code).await? else {
        let trouble = "this code is not good (any more): it works once, for three days; ask the administrator for a new one";
        return answer(StatusCode::UNPROCESSABLE_ENTITY, again(None, trouble));
    };
    let password = match typed.password {
        None if holder.role.is_device() => None,
        None => {
            let asked = CodePage { trouble: None, ..again(Some(holder), "") };
            return answer(StatusCode::OK, asked);
        }
        Some(password) => {
            let judged = chosen(&password, &typed.password_again, &holder.name, &holder.full_name);
            if let Err(trouble) = judged {
                return answer(StatusCode::UNPROCESSABLE_ENTITY, again(Some(holder), &trouble));
            }
            Some(app.door.passwords.hash(password).await?)
        }
    };
    let role = holder.role;
    let account = app.store.use_code(code, password).await?;
    sign_in::end_before(&app).await?;
    let token = draw_token("")?;
    app.store.sign_in(account, hash_of(&token), address).await?;
    let cookie = door::set(&token, role).ok_or(PageError::BadRequest("no cookie can be set"))?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

/// Judges a password that was typed twice.
pub(super) fn chosen(password: &str, again: &str, name: &str, full_name: &str) -> Result<(), String> {
    if password != again {
        return Err("the two passwords differ; type the same one twice".to_owned());
    }
    judge_password(password, name, full_name).map_err(|why| why.to_string())
}

fn answer(status: StatusCode, asked: CodePage) -> Result<Response, PageError> {
    Ok((status, page(&asked)?).into_response())
}

#[derive(Template)]
#[template(path = "first.html", config = "src/web/askama.toml")]
struct FirstPage {
    frame: Frame,
    code: String,
    name: String,
    full_name: String,
    trouble: Option<String>,
}

/// The first administrator.
#[derive(Deserialize)]
pub(super) struct First {
    code: String,
    name: String,
    full_name: String,
    password: String,
    password_again: String,
}

/// The form of the first start; gone as soon as there is an account.
pub(super) async fn show_first(State(app): State<App>) -> Result<Response, PageError> {
    if app.store.has_accounts().await? {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    let (code, name, full_name) = Default::default();
    let empty = FirstPage { frame: Frame::bare(), code, name, full_name, trouble: None };
    Ok(page(&empty)?.into_response())
}

/// Makes the first administrator.
pub(super) async fn make_first(
    State(app): State<App>,
    Form(first): Form<First>,
) -> Result<Response, PageError> {
    let judged = judge_first(&app, &first);
    let (name, full_name) = match judged {
        Ok(good) => good,
        Err(trouble) => {
            let First { code, name, full_name, .. } = first;
            let again = FirstPage { frame: Frame::bare(), code, name, full_name, trouble: Some(trouble) };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&again)?).into_response());
        }
    };
    let password = app.door.passwords.hash(first.password).await?;
    let new = NewAccount { name, full_name, role: Role::Administrator, station: None };
    app.store.add_first_account(new, password).await?;
    app.door.forget_first_code();
    Ok(sign_in::page_of(sign_in::Form::new(None)).into_response())
}

fn judge_first(app: &App, first: &First) -> Result<(AccountName, String), String> {
    if !app.door.is_first_code(hash_of_code(&first.code)) {
        return Err("this is not the code of this start: look for the newest one in the log \
             (journalctl -u outguide), or make an account with `outguide account add`"
            .to_owned());
    }
    let name = AccountName::parse(&first.name).map_err(|why| why.to_string())?;
    let full_name = full_name(&first.full_name)?;
    chosen(&first.password, &first.password_again, name.as_str(), &full_name)?;
    Ok((name, full_name))
}

/// A name that people read.
pub(super) fn full_name(text: &str) -> Result<String, String> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= FULL_NAME_MAX && !text.contains(char::is_control);
    if fits {
        Ok(text.to_owned())
    } else {
        Err(format!("write the person's name, in up to {FULL_NAME_MAX} characters"))
    }
}
