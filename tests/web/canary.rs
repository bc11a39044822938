//! One patient is followed over the whole site: name, number and label stand in no address, no title and no log.

use crate::matrix::{address, furnish};
use crate::room::Room;
use axum::body::Body;
use axum::http::header;
use outguide::access::Role;
use outguide::web::routes;
use std::io::Write;
use std::sync::{Mutex, Once};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn capture() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| Log);
        tracing_subscriber::registry().with(outguide::log::filter(tracing::Level::TRACE)).with(lines).init();
    });
}

const NUMBER: &str = "93-71-46";
const LABEL: &str = "V5550123";
const NAME: &str = "Quetzal, Xiomara";

fn check(what: &str, text: &str) {
    let plain = text.to_lowercase().replace(['-', ' '], "").replace("%2d", "");
    for word in ["937146", "5550123", "quetzal", "xiomara"] {
        assert!(!plain.contains(word), "{what} has {word}: {text}");
    }
}

/// The title and every address of a page.
fn outside(page: &str) -> Vec<&str> {
    let title = page.split("<title>").skip(1).filter_map(|rest| rest.split("</title>").next());
    let of = |name: &'static str| page.split(name).skip(1).filter_map(|rest| rest.split('"').next());
    title.chain(of(" href=\"")).chain(of(" action=\"")).chain(of(" src=\"")).collect()
}

#[tokio::test]
async fn a_patient_is_in_no_address_no_title_and_no_log() {
    capture();
    let mut shown = 0;
    for role in Role::ALL {
        let room =
            Room::of_patients(&[(NUMBER, LABEL, NAME, "1956-03-12"), ("93-71-47", "V5550124", "Other", "")])
                .await;
        furnish(&room).await;
        room.scan("desk", LABEL).await;
        room.scan("clinic", "937146").await;
        for route in routes().iter().filter(|route| route.path != "/sign-out") {
            let mut request =
                room.request(route.method, Some(role), &address(route)).header(header::ACCEPT, "text/html");
            let mut body = Body::empty();
            if route.method == "POST" {
                let is_api = route.path.starts_with("/api/");
                let kind = if is_api { "application/json" } else { "application/x-www-form-urlencoded" };
                request = request.header(header::CONTENT_TYPE, kind);
                let form = "q=93-71-46&number=93-71-46&list=93-71-46&what=volumes&who=Quetzal&requester=Quetzal&text=V5550123\
                            &why=Xiomara&name=Quetzal&label=V5550123&wants=Xiomara&to=2&at=2&day=2026-11-22&id=x";
                body = Body::from(if is_api { r#"{"query":"93-71-46","number":"93-71-46"}"# } else { form });
            }
            if route.path == "/api/v1/changes" {
                room.status(request.body(body).unwrap()).await;
                continue;
            }
            let answer = room.send(request.body(body).unwrap()).await;
            let what = format!("{role:?} {} {}", route.method, route.path);
            shown += u32::from(answer.body.contains(NUMBER));
            check(&what, answer.location());
            if !route.path.starts_with("/api/") {
                outside(&answer.body).into_iter().for_each(|text| check(&what, text));
            }
        }
    }
    assert!(shown > 30, "the patient was hardly ever shown: {shown}");
    let log = String::from_utf8(LOG.lock().unwrap().clone()).unwrap();
    assert!(log.contains("/charts/{chart}"), "nothing was captured");
    log.lines().for_each(|line| check("the log", line));
}
