//! How routes are made: each names what it needs, and is refused to everybody who has not got it.
//!
//! Invariant: nothing else in this room makes a route (`tests/tidy`), so a route without a need does not compile, and
//! [`Route`]s say all there is.

use super::App;
use super::door::{Refusal, Visitor, refuse};
use super::gate::Gate;
use super::sent;
use crate::access::Permission;
use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, post};
use utoipa::openapi::path::PathItem;
use utoipa::openapi::{OpenApi, Ref, RefOr};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

/// What a route needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: it shows nothing of the file room.
    Nothing,
    /// Any account or token.
    SignedIn,
    /// A permission.
    May(Permission),
}

/// A route as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Its address, with `{names}` for what varies.
    pub path: String,
    /// What it needs.
    pub needs: Needs,
}

/// Routes with what they need.
pub(super) struct Routes {
    router: Router<App>,
    table: Vec<Route>,
}

impl Routes {
    pub(super) fn new() -> Routes {
        Routes { router: Router::new(), table: Vec::new() }
    }

    /// What is read.
    pub(super) fn get<H, T>(self, path: &str, needs: Needs, handler: H) -> Routes
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("GET", path, needs, get(handler))
    }

    /// What is changed or searched for.
    pub(super) fn post<H, T>(self, path: &str, needs: Needs, handler: H) -> Routes
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("POST", path, needs, post(handler))
    }

    /// Addresses where nothing is, to be told so in the words of this part of the site.
    pub(super) fn nowhere<H, T>(mut self, path: &str, handler: H) -> Routes
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.router = self.router.route(path, any(handler));
        self
    }

    fn add(mut self, method: &'static str, path: &str, needs: Needs, handler: MethodRouter<App>) -> Routes {
        self.router = self.router.route(path, guarded(handler, needs));
        self.table.push(Route { method, path: path.to_owned(), needs });
        self
    }

    pub(super) fn merge(mut self, other: Routes) -> Routes {
        self.router = self.router.merge(other.router);
        self.table.extend(other.table);
        self
    }

    /// Changes what is around all of these routes.
    pub(super) fn with(mut self, change: impl FnOnce(Router<App>) -> Router<App>) -> Routes {
        self.router = change(self.router);
        self
    }

    /// The routes, and the table of them.
    pub(super) fn finish(self) -> (Router<App>, Vec<Route>) {
        (self.router, self.table)
    }
}

/// Routes of the API with what they need and their descriptions.
pub(super) struct Described {
    router: OpenApiRouter<App>,
    table: Vec<Route>,
}

impl Described {
    pub(super) fn new(description: OpenApi) -> Described {
        Described { router: OpenApiRouter::with_openapi(description), table: Vec::new() }
    }

    /// A described handler, as `routes!` makes it.
    pub(super) fn route(mut self, needs: Needs, route: UtoipaMethodRouter<App>) -> Described {
        let (schemas, mut paths, handler) = route;
        for (path, item) in &mut paths.paths {
            for (method, operation) in
                [("GET", &mut item.get), ("POST", &mut item.post)].into_iter().filter_map(present)
            {
                operation.description = Some(described(operation.description.take(), needs));
                let problem = || RefOr::Ref(Ref::from_response_name("ProblemAnswer"));
                operation.responses.responses.entry("default".to_owned()).or_insert_with(problem);
                self.table.push(Route { method, path: path.clone(), needs });
            }
            debug_assert!(has_no_other_method(item), "{path} has a method that the table does not know");
        }
        self.router = self.router.routes((schemas, paths, guarded(handler, needs)));
        self
    }

    /// The routes, and their description.
    pub(super) fn finish(self) -> (Routes, OpenApi) {
        let (router, description) = self.router.split_for_parts();
        (Routes { router, table: self.table }, description)
    }
}

type Operation = utoipa::openapi::path::Operation;

fn present<'a>(
    (method, operation): (&'static str, &'a mut Option<Operation>),
) -> Option<(&'static str, &'a mut Operation)> {
    operation.as_mut().map(|operation| (method, operation))
}

fn has_no_other_method(item: &PathItem) -> bool {
    item.put.is_none() && item.delete.is_none() && item.patch.is_none() && item.options.is_none()
}

fn described(text: Option<String>, needs: Needs) -> String {
    let text = text.unwrap_or_default();
    match needs {
        Needs::Nothing => format!("{text}\n\nNeeds no token."),
        Needs::SignedIn => format!("{text}\n\nNeeds a token of any scope."),
        Needs::May(permission) => format!("{text}\n\nNeeds a token of scope `{}`.", permission.as_str()),
    }
}

fn guarded(handler: MethodRouter<App>, needs: Needs) -> MethodRouter<App> {
    handler.route_layer(middleware::from_fn_with_state(needs, check))
}

/// Lets a request through to its handler, or answers it.
async fn check(State(needs): State<Needs>, request: Request, next: Next) -> Response {
    let refused = match (needs, Visitor::of(&request)) {
        (Needs::Nothing, _) => None,
        (_, Visitor::Somebody(caller)) => match needs {
            Needs::May(permission) if !caller.may.has(permission) => Some(Refusal::Forbidden(permission)),
            Needs::Nothing | Needs::SignedIn | Needs::May(_) => None,
        },
        (_, other) => Some(Refusal::Unknown(other)),
    };
    match refused {
        None => let_in(needs, request, next).await,
        Some(why) => refuse(why, request).await,
    }
}

async fn let_in(needs: Needs, request: Request, next: Next) -> Response {
    // Passwords are typed where any account may go, and kept nowhere.
    let is_kept = matches!(needs, Needs::May(_)) && !request.uri().path().starts_with("/api/");
    if !is_kept {
        return gated(request, next).await;
    }
    match sent::held(request).await {
        Ok((request, sent)) => sent::at_hand(sent, gated(request, next)).await,
        Err(error) => error.into_response(),
    }
}

/// Lets a request through to its handler, unless it is about a chart that has to be opened first.
async fn gated(request: Request, next: Next) -> Response {
    let closed = match Gate::of(&request) {
        Some(gate) => gate.refused().await,
        None => None,
    };
    match closed {
        Some(closed) => closed,
        None => next.run(request).await,
    }
}
