//! Tokens of programs, for the administrator: made here, shown once.

use super::code::full_name;
use super::extract::{Form, Path};
use super::filters;
use super::times::{Times, When};
use super::{Frame, PageError, page};
use crate::access::{Permission, Permissions, TokenId};
use crate::secret::{draw_token, hash_of};
use crate::store::{NewToken, TokenView};
use crate::web::App;
use crate::web::door::actor;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::SignedDuration;

/// What a token begins with, so that one that got into a place where it does not belong is recognised.
const PREFIX: &str = "og_";
/// How long a token is good unless another time is chosen, in days.
const DAYS: i64 = 365;
/// Longest that one may be good.
const DAYS_MAX: i64 = 3650;

#[derive(Template)]
#[template(path = "tokens.html", config = "src/web/askama.toml")]
struct TokensPage {
    frame: Frame,
    tokens: Vec<Row>,
    scopes: [Permission; 9],
    /// The form as it was filled in.
    typed: Typed,
    trouble: Option<String>,
    /// A token that was just made: its program's name, and the token. It is shown this once.
    fresh: Option<(String, String)>,
}

/// What was typed and chosen.
struct Typed {
    name: String,
    scopes: Vec<String>,
    days: String,
}

impl Default for Typed {
    fn default() -> Typed {
        Typed { name: String::new(), scopes: Vec::new(), days: DAYS.to_string() }
    }
}

impl Typed {
    fn of(sent: &[(String, String)]) -> Typed {
        let all = |wanted: &str| {
            let named: Vec<_> = sent.iter().filter(|(name, _)| name == wanted).collect();
            named.into_iter().map(|(_, value)| value.clone()).collect::<Vec<_>>()
        };
        let one = |wanted: &str| all(wanted).into_iter().next().unwrap_or_default();
        Typed { name: one("name"), scopes: all("scope"), days: one("days") }
    }

    fn has(&self, scope: &Permission) -> bool {
        self.scopes.iter().any(|chosen| chosen == scope.as_str())
    }
}

struct Row {
    token: TokenView,
    made: When,
    used: Option<When>,
    until: Option<When>,
}

/// All tokens, and the form for a new one.
pub(super) async fn list(State(app): State<App>) -> Result<Response, PageError> {
    show(&app, None, None).await
}

/// Makes a token and shows it.
pub(super) async fn add(
    State(app): State<App>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let new = match judge(&app, &sent) {
        Ok(new) => new,
        Err(trouble) => return show(&app, Some((trouble, Typed::of(&sent))), None).await,
    };
    let (token, name) = (draw_token(PREFIX)?, new.name.clone());
    app.store.add_token(new, hash_of(&token), actor().unwrap_or_default()).await?;
    show(&app, None, Some((name, token))).await
}

fn judge(app: &App, sent: &[(String, String)]) -> Result<NewToken, String> {
    let field =
        |wanted: &str| sent.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value.as_str());
    let name = full_name(field("name")).map_err(|_| "write which program the token is for")?;
    let scopes: Permissions = sent
        .iter()
        .filter(|(name, _)| name == "scope")
        .filter_map(|(_, scope)| Permission::named(scope))
        .filter(|scope| Permission::OF_TOKENS.contains(scope))
        .collect();
    if scopes == Permissions::NONE {
        return Err("choose at least one thing that the program may do".to_owned());
    }
    let days = field("days").trim().parse::<i64>().ok().filter(|days| (1..=DAYS_MAX).contains(days));
    let days = days.ok_or_else(|| format!("write for how many days, 1 to {DAYS_MAX}"))?;
    let until = app.clock.now() + SignedDuration::from_hours(days * 24);
    Ok(NewToken { name, scopes, until: Some(until) })
}

/// Ends a token.
pub(super) async fn end(State(app): State<App>, Path(token): Path<TokenId>) -> Result<Redirect, PageError> {
    app.store.end_token(token, actor().unwrap_or_default()).await?;
    Ok(Redirect::to("/tokens"))
}

async fn show(
    app: &App,
    trouble: Option<(String, Typed)>,
    fresh: Option<(String, String)>,
) -> Result<Response, PageError> {
    let site = app.site();
    let times = Times::new(app, &site);
    let row = |token: TokenView| Row {
        made: times.when(token.made_at),
        used: token.used_at.map(|at| times.when(at)),
        until: token.until.map(|at| times.due(at)),
        token,
    };
    let (trouble, typed) = trouble.unzip();
    let typed = typed.unwrap_or_default();
    let status = if trouble.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let tokens = TokensPage {
        frame: Frame::new(app, &site, "/tokens"),
        tokens: app.store.tokens().await?.into_iter().map(row).collect(),
        scopes: Permission::OF_TOKENS,
        typed,
        trouble,
        fresh,
    };
    Ok((status, page(&tokens)?).into_response())
}
