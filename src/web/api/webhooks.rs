//! What Outguide posts to a program of the site, described for whoever writes that program. The posting itself is in
//! `webhook`, its body in `notice`.

use utoipa::openapi::path::Paths;
use utoipa::openapi::{OpenApi, RefOr, Schema};

const POSTED: &str = include_str!("webhooks.json");
const BODY: &str = include_str!("webhooks.schema.json");
/// What the body is called among the schemas.
const NAME: &str = "PostedNotice";

/// Puts the webhooks and their body into the description; nothing, if their own texts are broken, which a test finds.
pub(super) fn describe(document: &mut OpenApi) {
    let Ok((webhooks, body)) = read() else { return };
    document.webhooks = Some(webhooks);
    let components = document.components.get_or_insert_default();
    components.schemas.insert(NAME.to_owned(), body);
}

fn read() -> serde_json::Result<(Paths, RefOr<Schema>)> {
    Ok((serde_json::from_str(POSTED)?, serde_json::from_str(BODY)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::{Kind, sample};
    use jiff::Timestamp;
    use serde_json::Value;
    use std::collections::BTreeSet;

    fn keys(value: &Value) -> BTreeSet<&str> {
        value.as_object().unwrap().keys().map(String::as_str).collect()
    }

    /// A field that is posted and not described, or the other way round.
    #[test]
    fn what_is_posted_is_what_is_described() {
        let schema: Value = serde_json::from_str(BODY).unwrap();
        let check = |described: &Value, posted: &Value| {
            assert_eq!(keys(&described["properties"]), keys(posted));
        };
        let posted = sample().payload(Kind::Late, Timestamp::UNIX_EPOCH, true);
        check(&schema, &posted);
        let data = &schema["properties"]["data"];
        check(data, &posted["data"]);
        let chart = &data["properties"]["charts"]["items"];
        check(chart, &posted["data"]["charts"][0]);
        // Without names, what is required and nothing else.
        let plain = sample().payload(Kind::Late, Timestamp::UNIX_EPOCH, false);
        let required: BTreeSet<_> =
            chart["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        assert_eq!(required, keys(&plain["data"]["charts"][0]));
        let kinds: Vec<_> = Kind::ALL.iter().map(|kind| format!("notice.{}", kind.as_str())).collect();
        assert_eq!(schema["properties"]["type"]["enum"], Value::from(kinds));
    }

    #[test]
    fn the_texts_of_the_description_can_be_read() {
        let (webhooks, _) = read().unwrap();
        assert_eq!(webhooks.paths.len(), 1);
    }
}
