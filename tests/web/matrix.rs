//! Each role on each route, and each scope: as the router itself says what there is.

use crate::room::Room;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use outguide::access::{Permission, Role};
use outguide::web::{Needs, Route, routes};

/// An address of the route that exists in a room with one chart.
pub(crate) fn address(route: &Route) -> String {
    let address = route.path.replace("{name}", "desk").replace("{family}", "opticon").replace("{hash}", "0");
    let address = address.replace("{file}", "l7160.css").replace("{station}", "desk");
    let mut parts: Vec<&str> = address.split('/').collect();
    for part in &mut parts {
        if part.starts_with('{') {
            *part = "1";
        }
    }
    parts.join("/").replace("/static/0/desk", "/static/0/app.css")
}

pub(crate) fn may(route: &Route, role: Option<Role>) -> bool {
    match (route.needs, role) {
        (Needs::Nothing, _) => true,
        (Needs::SignedIn, role) => role.is_some(),
        (Needs::May(permission), role) => role.is_some_and(|role| role.permissions().has(permission)),
    }
}

/// Makes what addresses with a 1 lead to: a request, a person, a notice.
pub(crate) async fn furnish(room: &Room) {
    let wish = [
        ("chart", "1"),
        ("volumes", "newest"),
        ("to", "2"),
        ("requester", "Dr Lee"),
        ("channel", "phone"),
        ("priority", "routine"),
        ("needed", "2026-11-22T12:00"),
        ("form", "f1"),
    ];
    room.post("/requests", &wish).await;
    room.post("/people", &[("code", "ANN"), ("name", "Ann Miller")]).await;
    crate::notices::ask_for_one(room).await;
    room.post("/volumes/1/missing", &[("sign", "holder-denies"), ("sure", "yes")]).await;
}

/// Whether an answer lets its asker in: it may be about a form that is incomplete, but is not about who asks.
fn is_let_in(status: StatusCode) -> bool {
    ![StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&status)
}

async fn ask(room: &Room, route: &Route, cookie: Option<&str>, bearer: Option<&str>) -> StatusCode {
    let mut request = Request::builder()
        .method(route.method)
        .uri(address(route))
        .header(header::HOST, "localhost:8470")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    if let Some(token) = bearer {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    room.status(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn every_role_gets_what_it_needs_and_nothing_else() {
    let mut tried = 0;
    for role in Role::ALL.map(Some).into_iter().chain([None]) {
        let room = Room::new(&[("12-34-56", "V1")]).await;
        furnish(&room).await;
        // Signing out comes last: nobody is let in after it.
        let mut routes = routes();
        routes.sort_by_key(|route| route.path == "/sign-out");
        for route in routes {
            let cookie = role.map(|role| room.cookie(role));
            let status = ask(&room, &route, cookie.as_deref(), None).await;
            assert!(status.as_u16() != 404 && status.as_u16() != 405, "{} is not there", address(&route));
            // A screen's own rule goes beyond its permission: no whole numbers.
            let is_board_of_screen = role == Some(Role::Display) && route.path == "/api/v1/stations/{name}";
            let expect = may(&route, role) && !is_board_of_screen;
            // The wrong password of an empty form is no matter of roles.
            let is_sign_in = route.path == "/sign-in" && route.method == "POST";
            assert_eq!(is_let_in(status), expect && !is_sign_in, "{role:?} {route:?}: {status}");
            tried += 1;
        }
    }
    assert!(tried > 7 * 40, "{tried}");
}

#[tokio::test]
async fn every_scope_opens_its_own_routes_and_no_others() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    for scope in Permission::OF_TOKENS {
        let token = crate::token::token(&room.app.store, &[scope]).await;
        for route in routes() {
            let status = ask(&room, &route, None, Some(&token)).await;
            let expect = match route.needs {
                Needs::Nothing => true,
                Needs::SignedIn => true,
                Needs::May(needed) => needed == scope,
            };
            // The wrong password of an empty form is no matter of scopes.
            if route.path != "/sign-in" {
                assert_eq!(is_let_in(status), expect, "{} {route:?}: {status}", scope.as_str());
            }
        }
    }
}

#[test]
fn only_this_is_open_to_everybody() {
    let mut open: Vec<_> = routes()
        .into_iter()
        .filter(|route| route.needs == Needs::Nothing)
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    open.sort();
    assert_eq!(
        open,
        [
            "GET /api/v1/openapi.json",
            "GET /code",
            "GET /favicon.ico",
            "GET /first",
            "GET /help",
            "GET /livez",
            "GET /metrics",
            "GET /readyz",
            "GET /sign-in",
            "GET /static/{hash}/{name}",
            "POST /code",
            "POST /first",
            "POST /sign-in",
        ]
    );
}

/// What each route needs, written down apart from the code: a weaker need has to be written here, too.
#[test]
fn each_route_needs_what_is_written_in_the_table() {
    let needs = |needs: Needs| match needs {
        Needs::Nothing => "nothing",
        Needs::SignedIn => "signed-in",
        Needs::May(permission) => permission.as_str(),
    };
    let mut found: Vec<_> = routes()
        .into_iter()
        .map(|route| format!("{} {} {}", route.path, route.method, needs(route.needs)))
        .collect();
    found.sort();
    let table: Vec<_> = include_str!("routes.txt").lines().collect();
    assert!(table.is_sorted(), "tests/web/routes.txt is sorted, so that branches merge");
    let lacking: Vec<_> = found.iter().filter(|line| !table.contains(&line.as_str())).collect();
    let surplus: Vec<_> = table.iter().filter(|line| !found.iter().any(|found| found == *line)).collect();
    assert!(
        lacking.is_empty() && surplus.is_empty(),
        "not in routes.txt: {lacking:#?}\nonly there: {surplus:#?}"
    );
}
