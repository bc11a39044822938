//! The OpenAPI document tells all there is, and nothing else.

use crate::room::Room;
use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// All operations of the document, as they are announced to clients.
const OPERATIONS: [&str; 53] = [
    "get /api/v1/changes",
    "get /api/v1/charts/{id}/timeline",
    "get /api/v1/custodians",
    "get /api/v1/custodians/{id}",
    "get /api/v1/missing",
    "get /api/v1/missing/{id}",
    "get /api/v1/never-arrived",
    "get /api/v1/notice-figures",
    "get /api/v1/notices",
    "get /api/v1/notices/{id}",
    "get /api/v1/openapi.json",
    "get /api/v1/people",
    "get /api/v1/people/{id}",
    "get /api/v1/pull-lists/{id}",
    "get /api/v1/record-types",
    "get /api/v1/requests",
    "get /api/v1/requests/{id}",
    "get /api/v1/scanners",
    "get /api/v1/stations",
    "get /api/v1/stations/{name}",
    "get /api/v1/volumes/{id}/history",
    "get /api/v1/work-items",
    "post /api/v1/charts",
    "post /api/v1/charts/search",
    "post /api/v1/charts/{id}/merge",
    "post /api/v1/charts/{id}/number",
    "post /api/v1/charts/{id}/patient",
    "post /api/v1/charts/{id}/stay",
    "post /api/v1/charts/{id}/temporary",
    "post /api/v1/charts/{id}/unite",
    "post /api/v1/charts/{id}/volumes",
    "post /api/v1/custodians",
    "post /api/v1/custodians/{id}",
    "post /api/v1/custodians/{id}/close",
    "post /api/v1/custodians/{id}/open",
    "post /api/v1/custodians/{id}/reassign-requests",
    "post /api/v1/merges/{id}/undo",
    "post /api/v1/missing/{id}/finds",
    "post /api/v1/missing/{id}/looks",
    "post /api/v1/notices/{id}/answers",
    "post /api/v1/people",
    "post /api/v1/people/{id}",
    "post /api/v1/record-types",
    "post /api/v1/requests",
    "post /api/v1/requests/{id}/steps",
    "post /api/v1/scans",
    "post /api/v1/schedule",
    "post /api/v1/volumes/{id}/home",
    "post /api/v1/volumes/{id}/labels",
    "post /api/v1/volumes/{id}/state",
    "post /api/v1/volumes/{id}/worn",
    "post /api/v1/work-items/{id}/combine",
    "post /api/v1/work-items/{id}/label",
];

async fn document(room: &Room) -> Value {
    let answer = room.get("/api/v1/openapi.json").await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    answer.json()
}

fn operations(document: &Value) -> Vec<String> {
    let paths = document["paths"].as_object().unwrap();
    let mut all: Vec<_> = paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |method| format!("{method} {path}"))
        })
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn the_document_is_openapi_3_1_and_lists_every_operation() {
    let room = Room::new().await;
    let document = document(&room).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(operations(&document), OPERATIONS);
}

#[tokio::test]
async fn what_is_described_is_served_and_what_is_not_is_not() {
    let room = Room::new().await;
    let wish = serde_json::json!({ "query": "V1", "to": "CLIN", "requester": "Dr Lee", "needed_at": "2099-01-01T10:00:00Z" });
    assert_eq!(room.post("/api/v1/requests", &wish).await.status.as_u16(), 201);
    let ann = serde_json::json!({ "code": "ANN", "name": "Ann Miller" });
    assert_eq!(room.post("/api/v1/people", &ann).await.status.as_u16(), 201);
    crate::notices::ask_for_one(&room).await;
    let step = serde_json::json!({ "step": "not-found", "why": "not in its slot" });
    assert_eq!(room.post("/api/v1/requests/1/steps", &step).await.status.as_u16(), 200);
    let described = operations(&document(&room).await);
    for path in document(&room).await["paths"].as_object().unwrap().keys() {
        let address = path.replace("{id}", "1").replace("{name}", "desk");
        for method in METHODS {
            let request = Request::builder()
                .method(method.to_uppercase().as_str())
                .uri(&address)
                .header("host", "localhost");
            let request = request.body(Body::empty()).unwrap();
            let response = tower::ServiceExt::oneshot(room.router(), request).await.unwrap();
            let is_described = described.contains(&format!("{method} {path}"));
            let is_served = ![404, 405].contains(&response.status().as_u16());
            assert_eq!(is_served, is_described, "{method} {path}");
        }
    }
}

/// Routes that are added past the description would not be found by asking; the router's own table has them.
#[tokio::test]
async fn no_route_of_the_api_is_added_past_its_description() {
    let room = Room::new().await;
    let mut routes: Vec<_> = outguide::web::routes()
        .into_iter()
        .filter(|route| route.path.starts_with("/api"))
        .map(|route| format!("{} {}", route.method.to_lowercase(), route.path))
        .collect();
    let mut described = operations(&document(&room).await);
    routes.sort();
    described.sort();
    assert_eq!(routes, described);
}

#[tokio::test]
async fn every_reference_in_the_document_leads_somewhere() {
    fn check(root: &Value, value: &Value, count: &mut usize) {
        match value {
            Value::Object(fields) => {
                if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
                    *count += 1;
                    assert!(root.pointer(target.trim_start_matches('#')).is_some(), "{target}");
                }
                fields.values().for_each(|value| check(root, value, count));
            }
            Value::Array(values) => values.iter().for_each(|value| check(root, value, count)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let document = document(&Room::new().await).await;
    let mut count = 0;
    check(&document, &document, &mut count);
    assert!(count > 10);
}

/// Each operation says what an error looks like, and all say the same.
#[tokio::test]
async fn every_operation_tells_how_problems_are_answered() {
    let document = document(&Room::new().await).await;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let problem = operation["responses"]["default"]["$ref"].as_str().unwrap();
            let kinds =
                document.pointer(problem.trim_start_matches('#')).unwrap()["content"].as_object().unwrap();
            assert_eq!(kinds.keys().collect::<Vec<_>>(), ["application/problem+json"], "{method} {path}");
        }
    }
}

/// What is posted to a program of the site is no route of ours, and described all the same.
#[tokio::test]
async fn the_webhook_is_described_with_its_body_headers_and_signature() {
    let document = document(&Room::new().await).await;
    let posted = &document["webhooks"]["notice"]["post"];
    let headers: Vec<_> =
        posted["parameters"].as_array().unwrap().iter().map(|header| &header["name"]).collect();
    assert_eq!(headers, ["webhook-id", "webhook-timestamp", "webhook-signature"]);
    assert!(posted["parameters"][2]["description"].as_str().unwrap().contains("HMAC-SHA256"), "{posted}");
    let body = posted["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str().unwrap();
    let body = document.pointer(body.trim_start_matches('#')).unwrap();
    assert_eq!(body["required"], serde_json::json!(["type", "timestamp", "data"]));
    assert!(
        body["properties"]["data"]["properties"]["charts"]["items"]["properties"]["due_at"].is_object(),
        "{body}"
    );
}

#[tokio::test]
async fn no_address_takes_a_patients_number() {
    let document = document(&Room::new().await).await;
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap();
                // A header stands in no address.
                let is_header = parameter["in"] == "header";
                assert!(is_header || ["id", "name", "from", "to", "after"].contains(&name), "{path}: {name}");
            }
        }
    }
}
