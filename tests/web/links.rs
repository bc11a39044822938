//! Nobody is offered what they may not do: every link and every form of every role's pages.

use crate::matrix::{address, furnish, may};
use crate::room::Room;
use outguide::access::Role;
use outguide::web::{Route, routes};
use std::collections::BTreeSet;

/// What a page offers: method and address of each link and form.
fn offered(page: &str, here: &str) -> BTreeSet<(&'static str, String)> {
    let mut offers = BTreeSet::new();
    for tag in page.split('<') {
        let attribute =
            |name: &str| tag.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
        if tag.starts_with("a ") {
            offers.extend(attribute("href").map(|to| ("GET", to.to_owned())));
        } else if tag.starts_with("form ") {
            let method = if attribute("method") == Some("post") { "POST" } else { "GET" };
            offers.insert((method, attribute("action").unwrap_or(here).to_owned()));
        }
    }
    offers.into_iter().map(|(method, to)| (method, to.split(['?', '#']).next().unwrap().to_owned())).collect()
}

fn leads_to(route: &Route, method: &str, address: &str) -> bool {
    let (path, address) = (route.path.split('/'), address.split('/'));
    let is_same = |(part, other): (&str, &str)| part == other || (part.starts_with('{') && !other.is_empty());
    route.method == method
        && path.clone().count() == address.clone().count()
        && path.zip(address).all(is_same)
}

#[tokio::test]
async fn every_link_and_form_is_for_who_sees_it() {
    let routes = routes();
    let mut wrong = BTreeSet::new();
    let mut followed = BTreeSet::new();
    for role in Role::ALL {
        let room = Room::new(&[("12-34-56", "V1"), ("65-43-21", "V2"), ("11-22-33", "V3")]).await;
        furnish(&room).await;
        room.scan("clinic", "V2").await;
        room.post("/charts/1/merge", &[("number", "65-43-21"), ("confirmed", "yes")]).await;
        let temporary = room.post("/charts/3/temporary", &[("at", "2")]).await;
        assert!(temporary.status.is_redirection(), "{}", temporary.body);
        let more = ["/charts/3", "/charts/3/change", "/charts/4"].map(str::to_owned);
        let all = routes.iter().filter(|route| route.method == "GET").map(address).chain(more);
        // The manual tells everybody of everything.
        for here in
            all.filter(|here| !here.starts_with("/api/") && !["/metrics", "/help"].contains(&here.as_str()))
        {
            let answer = room.get_as(Some(role), &here).await;
            if !answer.status.is_success() {
                continue;
            }
            for (method, to) in offered(&answer.body, &here) {
                if !to.starts_with('/') {
                    continue;
                }
                let found: Vec<_> = routes.iter().filter(|route| leads_to(route, method, &to)).collect();
                // `/custodians/new` is no custodian: the exact one counts.
                let exact = found.iter().find(|route| route.path == to).or(found.first());
                let Some(route) = exact else {
                    wrong.insert(format!("{here} leads to {method} {to}, which is not there"));
                    continue;
                };
                if !may(route, Some(role)) {
                    wrong.insert(format!("{role:?}: {here} offers {method} {to}"));
                }
                followed.insert((method, route.path.clone()));
            }
        }
        let found = room.post_as(Some(role), "/locate", &[("q", "99-99-99")]).await;
        if found.status.is_success() && offered(&found.body, "/locate").iter().any(|(_, to)| to == "/work") {
            assert!(
                role.permissions().has(outguide::access::Permission::Work),
                "{role:?} is sent to the work list"
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(followed.len() > 45, "{} {followed:?}", followed.len());
}
