//! Who asks: by cookie, by token, or by a proxy that is believed.

use super::cookie;
use crate::access::{AccountName, Over, Permission, Role, SecretHash, SignInId, WHOLE_ROOM};
use crate::secret::hash_of;
use crate::store::{Caller, StoreError, Worth};
use crate::web::App;
use crate::web::pages::PageError;
use axum::extract::{FromRequestParts, OptionalFromRequestParts, Request, State};
use axum::http::header::{ACCEPT, AUTHORIZATION};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use axum::middleware::Next;
use axum::response::Response;
use std::net::{IpAddr, SocketAddr};
use std::ops::Deref;
use std::sync::Arc;

/// Where a request came from, as the accept loop knows it.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// Who asks.
#[derive(Debug, Clone)]
pub(in crate::web) enum Visitor {
    /// Nobody in particular.
    Nobody,
    /// A caller that is known.
    Somebody(Arc<Caller>),
    /// Whoever has a cookie or token that is not good (any more).
    Over(Over),
    /// A proxy names somebody who has no account.
    WithoutAccount,
    /// It cannot be said: the database does not answer.
    Unsure,
}

/// What follows `?` in the address of a page that asks again by itself, without a script.
const BY_ITSELF: &str = "live";

tokio::task_local! {
    static VISITOR: Visitor;
}

/// Who asks in the request that this task answers.
pub(in crate::web) fn current() -> Option<Arc<Caller>> {
    VISITOR
        .try_with(|visitor| match visitor {
            Visitor::Somebody(caller) => Some(Arc::clone(caller)),
            Visitor::Nobody | Visitor::Over(_) | Visitor::WithoutAccount | Visitor::Unsure => None,
        })
        .ok()
        .flatten()
}

/// Who is to stand in the records for what this request changes: **the one place** that actors come from.
pub(in crate::web) fn actor() -> Option<String> {
    current().map(|caller| caller.name.clone())
}

/// Who asks, in a handler of a route that needs somebody.
#[derive(Debug, Clone)]
pub(in crate::web) struct User {
    caller: Arc<Caller>,
    cookie: Option<String>,
    desk_cookie: Option<String>,
    token: Option<String>,
    address: String,
}

impl Deref for User {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl User {
    /// The cookie that they came with.
    pub(in crate::web) fn cookie(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    /// Whether what they came in with still lets them in; yes, if that cannot be said at the moment.
    pub(in crate::web) async fn is_still_in(&self, app: &App) -> bool {
        let worth = match (&self.token, &self.cookie) {
            (Some(token), _) => app.store.worth_of_token(hash_of(token)).await,
            (None, Some(_)) if self.caller.desk.is_some() => {
                let Some(desk) = &self.desk_cookie else { return false };
                app.store.worth_of_cookie(hash_of(desk), &self.address, app.door.rules().sign_in).await
            }
            (None, Some(cookie)) if self.sign_in().is_some() => {
                let rules = app.door.rules().sign_in;
                app.store.worth_of_cookie(hash_of(cookie), &self.address, rules).await
            }
            // A proxy named them: what counts is that they still have an account.
            (None, _) => return !matches!(app.store.named_by_proxy(self.name.clone()).await, Ok(None)),
        };
        !matches!(worth, Ok(Worth::Over(..)))
    }

    /// Whether they may see this station: a screen sees its own.
    pub(in crate::web) fn sees_station(&self, name: &str) -> bool {
        self.station.as_deref().is_none_or(|own| own == name)
    }

    /// The station and the browser at which this is a desk that many share: its screen, or who is signed in there.
    pub(in crate::web) fn desk(&self) -> Option<(String, SignInId)> {
        match &self.caller.desk {
            Some(desk) => Some((desk.station.clone(), desk.screen)),
            None => {
                let station = self.station.clone().filter(|station| station != WHOLE_ROOM)?;
                Some((station, self.sign_in()?))
            }
        }
    }

    /// A screen that anybody may walk past.
    pub(in crate::web) fn is_display(&self) -> bool {
        self.role.is_some_and(crate::access::Role::is_device)
    }
}

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<User, PageError> {
        match Visitor::in_extensions(&parts.extensions) {
            Visitor::Somebody(caller) => {
                let address = parts.extensions.get::<CameFrom>().map(|CameFrom(address)| address.clone());
                Ok(User {
                    caller,
                    cookie: cookie::value(&parts.headers),
                    desk_cookie: cookie::desk_value(&parts.headers),
                    token: bearer(&parts.headers).map(str::to_owned),
                    address: address.unwrap_or_default(),
                })
            }
            _ => Err(PageError::NotAllowed(Permission::Administer)),
        }
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for User {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<User>, PageError> {
        Ok(<User as FromRequestParts<S>>::from_request_parts(parts, state).await.ok())
    }
}

impl Visitor {
    /// Who sent a request; nobody, if nobody has looked.
    pub(in crate::web) fn of(request: &Request) -> Visitor {
        Visitor::in_extensions(request.extensions())
    }

    fn in_extensions(extensions: &Extensions) -> Visitor {
        extensions.get::<Visitor>().cloned().unwrap_or(Visitor::Nobody)
    }
}

/// The address that counts as a request's: the peer's, or what a proxy that is believed says of it.
fn address(app: &App, parts: &Parts) -> String {
    let Some(Peer(peer)) = parts.extensions.get::<Peer>().copied() else { return "unknown".to_owned() };
    came_from(peer, &parts.headers, &app.door.rules().trusted_proxies).to_string()
}

/// The last hop that is no proxy of ours; what stands before it, anybody may have written. From the first that cannot be
/// read on nothing is believed.
fn came_from(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let is_ours = |ip: IpAddr| trusted.iter().any(|proxy| proxy.to_canonical() == ip);
    if !is_ours(peer) {
        return peer;
    }
    let values = headers.get_all("x-forwarded-for").iter().map(|value| value.to_str().unwrap_or_default());
    let hops: Vec<_> = values.flat_map(|value| value.split(',')).map(address_of).collect();
    hops.into_iter().rev().find(|hop| !hop.is_some_and(is_ours)).flatten().unwrap_or(peer)
}

/// An address as proxies write it: by itself, or with a port.
fn address_of(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let ip = bare.parse().ok().or_else(|| hop.parse().ok().map(|with_port: SocketAddr| with_port.ip()));
    ip.map(|ip: IpAddr| ip.to_canonical())
}

/// Finds out who asks, and lets the rest of the site answer with that in mind.
pub(in crate::web) async fn meet(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let address = address(&app, &parts);
    let visitor = recognise(&app, &parts, &address).await;
    parts.extensions.insert(CameFrom(address));
    parts.extensions.insert(app.clone());
    parts.extensions.insert(visitor.clone());
    let what = format!("{} {}", parts.method, route_of(&parts));
    let request = Request::from_parts(parts, body);
    let mut response = VISITOR.scope(visitor.clone(), next.run(request)).await;
    if let Some(super::refusal::WasRefused(why)) = response.extensions_mut().remove()
        && let Visitor::Somebody(caller) = &visitor
    {
        tell(&app, Some(&caller.name), &format!("{what}: {why}"));
    }
    response
}

/// The address that a request came from, for handlers.
#[derive(Debug, Clone)]
pub(in crate::web) struct CameFrom(pub(in crate::web) String);

/// The route as it is written in the table: the address itself may hold what somebody typed.
fn route_of(parts: &Parts) -> String {
    let route = parts.extensions.get::<axum::extract::MatchedPath>();
    route.map_or("an address that is not there", axum::extract::MatchedPath::as_str).to_owned()
}

async fn recognise(app: &App, parts: &Parts, address: &str) -> Visitor {
    let headers = &parts.headers;
    let found = if let Some(token) = bearer(headers) {
        let worth = app.store.worth_of_token(hash_of(token)).await;
        worth.map(|worth| visitor(app, worth, "a token", address))
    } else if let Some(named) = by_proxy(app, parts, address) {
        match AccountName::parse(&named) {
            Ok(name) => app.store.named_by_proxy(name.to_string()).await.map(|caller| {
                caller.map_or(Visitor::WithoutAccount, |caller| Visitor::Somebody(Arc::new(caller)))
            }),
            Err(_) => Ok(Visitor::WithoutAccount),
        }
    } else if let Some(cookie) = cookie::value(headers) {
        by_cookie(app, &cookie, parts, address).await
    } else {
        Ok(Visitor::Nobody)
    };
    found.unwrap_or_else(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "it cannot be looked up who asks");
        Visitor::Unsure
    })
}

async fn by_cookie(app: &App, cookie: &str, parts: &Parts, address: &str) -> Result<Visitor, StoreError> {
    let hash = hash_of(cookie);
    let worth = app.store.worth_of_cookie(hash, address, app.door.rules().sign_in).await?;
    // What a page asks for by itself is no sign of somebody sitting there.
    let is_by_hand = !asks_by_itself(parts);
    if let Worth::Good(screen) = &worth {
        // Whoever is signed in at the desk is so together with the screen that it was made at, and nowhere else.
        if screen.role.is_some_and(Role::is_device)
            && let Some(desk) = cookie::desk_value(&parts.headers)
            && let Some(person) = at_desk(app, hash_of(&desk), screen, address).await?
        {
            if is_by_hand {
                app.store.used_cookie(hash_of(&desk), &person);
            }
            return Ok(Visitor::Somebody(person));
        }
        if is_by_hand {
            app.store.used_cookie(hash, screen);
        }
    }
    // Whoever has the cookie of a desk alone has nothing.
    if let Worth::Good(caller) = &worth
        && caller.desk.is_some()
    {
        tell(app, Some(&caller.name), &format!("a desk's cookie without its screen's, from {address}"));
        return Ok(Visitor::Over(Over::Elsewhere));
    }
    Ok(visitor(app, worth, "a cookie", address))
}

/// Whether the page asks and not the person before it: its script, its live stream, or its refresh without a script.
fn asks_by_itself(parts: &Parts) -> bool {
    let is_stream = || {
        let accepted = parts.headers.get(ACCEPT).and_then(|value| value.to_str().ok());
        accepted.is_some_and(|kinds| kinds.contains("text/event-stream"))
    };
    let is_again = || parts.uri.query() == Some(BY_ITSELF);
    parts.headers.contains_key("x-outguide-refresh") || is_stream() || is_again()
}

/// Who is signed in at the desk of a screen; nobody, once it has locked.
async fn at_desk(
    app: &App,
    desk: SecretHash,
    screen: &Caller,
    address: &str,
) -> Result<Option<Arc<Caller>>, StoreError> {
    let worth = app.store.worth_of_cookie(desk, address, app.door.rules().sign_in).await?;
    let is_of_this =
        |person: &Caller| person.desk.as_ref().is_some_and(|desk| Some(desk.screen) == screen.sign_in());
    match worth {
        Worth::Good(person) if is_of_this(&person) => Ok(Some(person)),
        Worth::Over(why, Some(person)) if why.is_ordinary() => {
            if let Some(sign_in) = person.sign_in()
                && let Err(error) = app.store.lock_desk(sign_in, person.name.clone(), why).await
            {
                // It is locked all the same: its time is over.
                tracing::warn!(%error, "a desk has locked, and that is not noted");
            }
            Ok(None)
        }
        Worth::Good(person) => {
            tell(app, Some(&person.name), &format!("a desk's cookie at another screen, from {address}"));
            Ok(None)
        }
        Worth::Over(..) => Ok(None),
    }
}

fn visitor(app: &App, worth: Worth, what: &str, address: &str) -> Visitor {
    match worth {
        Worth::Good(caller) => Visitor::Somebody(caller),
        Worth::Over(over, caller) => {
            if !over.is_ordinary() {
                let name = caller.as_ref().map(|caller| caller.name.as_str());
                tell(app, name, &format!("{what} ({}) from {address}", over.as_str()));
            }
            Visitor::Over(over)
        }
    }
}

/// Writes a refusal down, unless that was just done.
fn tell(app: &App, name: Option<&str>, what: &str) {
    let key = format!("{} {what}", name.unwrap_or_default());
    if app.door.is_news(&key, app.clock.now()) {
        app.store.refused(name, what.to_owned());
    }
}

/// The token of a program.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whom a proxy names. A header from anybody else counts for nothing, and is written down.
fn by_proxy(app: &App, parts: &Parts, address: &str) -> Option<String> {
    let rules = app.door.rules();
    let mut named = parts.headers.get_all(rules.proxy_header?).iter();
    let (name, other) = (named.next()?, named.next());
    let peer = parts.extensions.get::<Peer>().map(|Peer(peer)| *peer);
    if !peer.is_some_and(|peer| rules.trusted_proxies.contains(&peer)) {
        tell(app, None, &format!("a proxy's header from {address}, which is no proxy of ours"));
        return None;
    }
    // Two names are a proxy that passes on what it was sent: nobody is believed.
    if other.is_some() {
        tell(app, None, &format!("two names in the proxy's header from {address}"));
        return Some(String::new());
    }
    Some(name.to_str().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(peer: &str, forwarded: &[&str], expect: &str) {
        let trusted = ["10.0.0.1".parse().unwrap(), "::ffff:10.0.0.2".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let from = came_from(peer.parse().unwrap(), &headers, &trusted);
        assert_eq!(from.to_string(), expect, "{peer} {forwarded:?}");
    }

    #[test]
    fn the_last_hop_that_is_no_proxy_of_ours_counts_and_nothing_past_one_that_cannot_be_read() {
        check("192.0.2.7", &["198.51.100.1"], "192.0.2.7");
        check("10.0.0.1", &[], "10.0.0.1");
        check("10.0.0.1", &["198.51.100.1"], "198.51.100.1");
        check("10.0.0.2", &["198.51.100.1, 192.0.2.7, 10.0.0.1"], "192.0.2.7");
        check("10.0.0.1", &["198.51.100.1", "192.0.2.7"], "192.0.2.7");
        check("10.0.0.1", &["198.51.100.1, 192.0.2.7:4711"], "192.0.2.7");
        check("10.0.0.1", &["[2001:db8::7]:4711"], "2001:db8::7");
        check("10.0.0.1", &["[2001:db8::7]"], "2001:db8::7");
        check("10.0.0.1", &["::ffff:192.0.2.7"], "192.0.2.7");
        for unreadable in ["unknown", "", "192.0.2.7:port", "_hidden"] {
            check("10.0.0.1", &[&format!("198.51.100.1, {unreadable}")], "10.0.0.1");
        }
    }
}
