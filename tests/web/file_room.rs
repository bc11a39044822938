//! Charts are put on file, put right, given another home and taken out of use while the daemon runs.

use crate::room::{Answer, Room};
use axum::http::StatusCode;
use outguide::access::Role;
use outguide::store::{LabelDue, Locate};
use outguide::tracking::{ChartId, CustodianId, Mrn, Verdict};

const CHART: &[(&str, &str)] = &[
    ("mrn", "65-43-21"),
    ("name", "Doe, Jane"),
    ("born", "1956-12-31"),
    ("record_type", "medical"),
    ("home", "FILE"),
    ("label", "V700"),
];

/// The fields of a form, some of them otherwise.
fn with<'a>(form: &[(&'a str, &'a str)], other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = form.iter().filter(|(name, _)| other.iter().all(|(others, _)| name != others));
    kept.chain(other).copied().collect()
}

fn refused(answer: &Answer, why: &str) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    assert!(answer.body.contains(why), "{why}: {}", answer.body);
}

fn done(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location().to_owned()
}

async fn places(room: &Room, number: &str) -> Vec<(String, String, String)> {
    let found = room.app.store.locate(Locate { label: None, mrn: Mrn::parse(number) }).await.unwrap();
    found.into_iter().map(|volume| (volume.label, volume.home.code, volume.at.code)).collect()
}

fn place(label: &str, home: &str, at: &str) -> (String, String, String) {
    (label.to_owned(), home.to_owned(), at.to_owned())
}

#[tokio::test]
async fn a_clerk_puts_a_chart_on_file_and_scans_it_at_once() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    let nothing = room.post_as(Some(Role::Clerk), "/locate", &[("q", "65-43-21")]).await.body;
    assert!(nothing.contains("Put the chart on file") && nothing.contains("action=\"/charts/new\""));
    let begun = room.post_as(Some(Role::Clerk), "/charts/new", &[("begin", "65-43-21")]).await;
    assert_eq!(begun.status, StatusCode::OK);
    assert!(begun.body.contains("value=\"65-43-21\""), "the number is in the form: {}", begun.body);
    assert!(places(&room, "65-43-21").await.is_empty(), "nothing is on file by looking");
    let added = room.post_as(Some(Role::Clerk), "/charts/new", &with(CHART, &[("at", "CLIN")])).await;
    let chart = done(&added);
    assert!(chart.starts_with("/charts/"), "{chart}");
    assert_eq!(places(&room, "654321").await, [place("V700", "FILE", "CLIN")]);
    let page = room.page(&chart).await;
    assert!(
        page.contains("Doe, Jane") && page.contains("31 Dec 1956") && page.contains("put on file"),
        "{page}"
    );
    assert_eq!(room.scan("desk", "V700").await, Some(Verdict::Moved));
    assert_eq!(room.locate("jane doe").await.location(), format!("{chart}?by=name"));
    assert_eq!(room.count("select count(*) from audit where action = 'chart' and actor is not null"), 1);
    assert_eq!(
        room.count("select count(*) from audit where detail like '%Doe%' or detail like '%65%43%'"),
        0
    );
}

#[tokio::test]
async fn what_was_looked_for_in_vain_fills_the_form() {
    let room = Room::new(&[]).await;
    for (text, expect) in [
        ("doe jane 31.12.1956", ["value=\"doe jane\"", "value=\"1956-12-31\""]),
        ("V77", ["id=\"label\"", "value=\"V77\""]),
        ("<b>", ["name=\"mrn\"", "name=\"name\""]),
    ] {
        let form = room.post("/charts/new", &[("begin", text)]).await;
        assert_eq!(form.status, StatusCode::OK);
        for part in expect {
            assert!(form.body.contains(part), "{text}: {part} {}", form.body);
        }
        assert!(!form.body.contains("<b>"));
    }
}

#[tokio::test]
async fn a_chart_without_a_label_gets_one_to_print() {
    let room = Room::new(&[]).await;
    let printed = done(&room.post("/charts/new", &with(CHART, &[("label", "")])).await);
    assert_eq!(printed, "/volumes/1/label");
    let due = room.app.store.labels_due().await.unwrap();
    assert_eq!((due[0].area.code.as_str(), due[0].to_print, due[0].to_stick), ("FILE", 1, 0));
}

#[tokio::test]
async fn the_same_chart_twice_and_the_same_patient_twice_are_told() {
    let room = Room::of_patients(&[("12-34-56", "V1", "Doe, Jane", "1956-12-31")]).await;
    let again = room.post("/charts/new", &with(CHART, &[("mrn", "123456"), ("label", "V2")])).await;
    refused(&again, "is on file already");
    assert!(again.body.contains("href=\"/charts/1?volume=1\""), "{}", again.body);
    // Of another kind, the number must be the same patient's.
    assert_eq!(
        done(&room.post("/record-types", &[("name", "dental"), ("title", "Dental record")]).await),
        "/record-types"
    );
    let dental = with(CHART, &[("mrn", "12 34 56"), ("record_type", "dental"), ("label", "V2")]);
    let other = room.post("/charts/new", &with(&dental, &[("name", "Roe, Richard")])).await;
    refused(&other, "a patient of another name or date of birth");
    refused(&room.post("/charts/new", &with(&dental, &[("born", "1956-12-30")])).await, "of another name");
    done(&room.post("/charts/new", &with(&dental, &[("name", "JANE DOE")])).await);
    assert_eq!(room.rows("select count(*) from patient"), ["1"]);
    // Another number for the same name and date of birth.
    let namesake = room.post("/charts/new", CHART).await;
    refused(&namesake, "Is it the same patient?");
    assert!(namesake.body.contains("href=\"/charts/1\"") && namesake.body.contains("value=\"65-43-21\""));
    assert!(places(&room, "65-43-21").await.is_empty());
    done(&room.post("/charts/new", &with(CHART, &[("other_patient", "yes")])).await);
    assert_eq!(room.rows("select count(*) from patient"), ["2"]);
}

#[tokio::test]
async fn what_cannot_be_put_on_file_leaves_nothing_behind() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    for (fields, why) in [
        (vec![("mrn", "")], "the record number is missing"),
        (vec![("born", "1956-31-12")], "is no date"),
        (vec![("born", "2056-12-31")], "still to come"),
        (vec![("home", "")], "it has no home yet"),
        (vec![("label", "4711")], "no label of this file room"),
        (vec![("label", "V1")], "this label is on another folder"),
        (vec![("record_type", "tax")], "no such kind of record"),
        (vec![("name", "a\u{7}b")], "has odd ones"),
    ] {
        refused(&room.post("/charts/new", &with(CHART, &fields)).await, why);
    }
    room.post("/custodians/3/close", &[]).await;
    refused(&room.post("/charts/new", &with(CHART, &[("home", "EVIL")])).await, "it is closed");
    assert_eq!(room.rows("select count(*) from chart"), ["1"]);
    assert_eq!(room.rows("select count(*) from patient"), ["0"]);
}

#[tokio::test]
async fn a_name_is_put_right_and_what_it_was_is_kept() {
    let room = Room::of_patients(&[("12-34-56", "V1", "Deo, Jane", "1956-12-31")]).await;
    let right = [("name", "Doe, Jane"), ("born", "1956-12-13")];
    assert_eq!(done(&room.post_as(Some(Role::Clerk), "/charts/1/patient", &right).await), "/charts/1");
    assert_eq!(room.locate("doe 13.12.1956").await.location(), "/charts/1?by=name");
    assert!(room.locate("deo jane").await.location() != "/charts/1?by=name", "the old name finds nobody");
    let page = room.page("/charts/1/change").await;
    assert!(page.contains("Deo, Jane") && page.contains("1956-12-31"), "{page}");
    assert_eq!(room.post("/charts/1/patient", &right).await.status, StatusCode::CONFLICT);
    assert_eq!(room.post("/charts/9/patient", &right).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_number_that_was_typed_wrong_is_put_right_and_finds_the_chart_for_ever() {
    let room = Room::new(&[("12-34-56", "V1"), ("65-43-21", "V2")]).await;
    let taken = room.post("/charts/1/number", &[("number", "654321")]).await;
    assert!(
        taken.status == StatusCode::CONFLICT && taken.body.contains("merge the two numbers"),
        "{}",
        taken.body
    );
    done(&room.post("/charts/1/number", &[("number", "12-34-65")]).await);
    assert_eq!(places(&room, "12-34-65").await, [place("V1", "FILE", "FILE")]);
    assert_eq!(
        room.locate("12-34-56").await.location(),
        "/charts/1?by=number",
        "the wrong one finds it, too"
    );
    let page = room.page("/charts/1").await;
    assert!(page.contains("12-34-65") && page.contains("12-34-56</span> (former)"), "{page}");
    // Terminal digit order: 65 34 12.
    assert_eq!(room.rows("select filing_key > (select filing_key from volume where volume_id = 2) from volume where volume_id = 1"), ["1"]);
    // And back again.
    done(&room.post("/charts/1/number", &[("number", "123456")]).await);
    assert_eq!(room.locate("12-34-65").await.location(), "/charts/1?by=number");
    assert_eq!(room.rows("select count(*) from patient_change where what = 'number'"), ["2"]);
    assert_eq!(
        room.post_as(Some(Role::Clerk), "/charts/1/number", &[("number", "7")]).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_folder_gets_another_home_and_stays_where_it_is() {
    let room = Room::new(&[("12-34-56", "V1"), ("12-34-56", "V2"), ("12-34-56", "V3")]).await;
    room.scan("clinic", "V3").await;
    done(&room.post("/volumes/1/home", &[("home", "3")]).await);
    assert_eq!(
        places(&room, "123456").await,
        [place("V1", "EVIL", "FILE"), place("V2", "FILE", "FILE"), place("V3", "FILE", "CLIN")]
    );
    done(&room.post("/volumes/2/home", &[("home", "2"), ("all", "yes")]).await);
    assert_eq!(
        places(&room, "123456").await,
        [place("V1", "EVIL", "FILE"), place("V2", "CLIN", "FILE"), place("V3", "CLIN", "CLIN")]
    );
    let page = room.page("/charts/1").await;
    assert!(page.contains("belongs elsewhere since then") && page.contains("from FILE to CLIN"), "{page}");
    assert_eq!(room.post("/volumes/2/home", &[("home", "2")]).await.status, StatusCode::CONFLICT);
    assert_eq!(room.post("/volumes/2/home", &[("home", "99")]).await.status, StatusCode::CONFLICT);
    assert_eq!(room.rows("select volumes_home from custodian order by custodian_id"), ["0", "2", "1"]);
    room.sound();
}

#[tokio::test]
async fn a_folder_is_retired_taken_into_use_again_and_destroyed_in_two_steps() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    let life =
        async |life: &str, why: &str| room.post("/volumes/1/life", &[("life", life), ("why", why)]).await;
    let state = || room.rows("select v.state || ' ' || c.state from volume v join chart c using (chart_id)");
    assert!(life("retired", " ").await.body.contains("say why"));
    assert!(life("destroyed", "old").await.body.contains("retire it first"));
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
    assert!(life("retired", "ten years").await.body.contains("somebody waits for this folder"));
    done(&room.post("/custodians/2/cancel-requests", &[]).await);
    done(&life("retired", "ten years").await);
    assert_eq!(state(), ["retired retired"]);
    assert_ne!(room.scan("desk", "V1").await, Some(Verdict::Moved));
    done(&life("active", "the patient came back").await);
    assert_eq!(state(), ["active active"]);
    done(&life("retired", "ten years").await);
    done(&life("destroyed", "certificate 12").await);
    assert_eq!(state(), ["destroyed destroyed"]);
    let page = room.page("/charts/1").await;
    for told in ["volume 1 retired", "ten years", "taken into use again", "destroyed", "certificate 12"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert_eq!(
        room.post_as(Some(Role::Clerk), "/volumes/1/life", &[("life", "active")]).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(room.count("select count(*) from audit where action = 'lifecycle'"), 4);
}

#[tokio::test]
async fn labels_are_worked_off_in_shelf_order_and_leave_with_their_first_scan() {
    let room = Room::new(&[]).await;
    for number in ["00-00-30", "00-00-10", "00-00-20"] {
        let chart = [("mrn", number), ("home", "FILE"), ("record_type", "medical")];
        done(&room.post("/charts/new", &chart).await);
    }
    let numbers = async |due| {
        let rows = room.app.store.labels_due_at(CustodianId(1), due, None, 10).await.unwrap();
        rows.into_iter().map(|volume| volume.mrn).collect::<Vec<_>>()
    };
    assert_eq!(numbers(LabelDue::Print).await, ["00-00-10", "00-00-20", "00-00-30"]);
    let page = room.page("/labels/initial").await;
    assert!(page.find("00-00-10") < page.find("00-00-30") && page.contains("File area A"), "{page}");
    let go = [("area", "1"), ("count", "2"), ("on", "sheet:l7160"), ("start", "1"), ("symbology", "code128")];
    let sheet = room.post("/labels/initial", &go).await;
    assert!(sheet.status == StatusCode::OK && sheet.body.contains("2 labels on 1 page"), "{}", sheet.body);
    assert_eq!(numbers(LabelDue::Print).await, ["00-00-30"], "broken off here, it goes on here");
    assert_eq!(numbers(LabelDue::Stick).await, ["00-00-10", "00-00-20"]);
    assert!(room.page("/labels/initial?area=1&which=stick").await.contains("Print again"));
    let label = places(&room, "00-00-10").await[0].0.clone();
    room.scan("desk", &label).await;
    assert_eq!(numbers(LabelDue::Stick).await, ["00-00-20"]);
    // A label from the stock that is stuck on instead.
    done(&room.post("/volumes/3/labels", &[("label", "V900")]).await);
    assert_eq!(numbers(LabelDue::Stick).await, [""; 0]);
    let third = places(&room, "00-00-30").await[0].0.clone();
    room.scan("desk", &third).await;
    assert!(room.page("/labels/initial").await.contains("Every folder on file has a label"));
    refused(&room.post("/labels/initial", &go).await, "no label is left");
}

#[tokio::test]
async fn who_closes_hands_over_what_is_there() {
    let room = Room::new(&[("12-34-56", "V1"), ("65-43-21", "V2")]).await;
    room.scan("clinic", "V1").await;
    room.post("/people", &[("code", "ANN"), ("name", "Ann Miller")]).await;
    let ann = [
        ("code", "ANN"),
        ("name", "Ann Miller"),
        ("kind", "person"),
        ("parent", "CLIN"),
        ("filing", "td-2-2"),
    ];
    done(&room.post("/custodians/new", &ann).await);
    let page = room.page("/custodians/2").await;
    assert!(page.contains("What is part of it") && page.contains("Ann Miller"), "{page}");
    done(&room.post("/custodians/2/hand-over", &[("to", "4")]).await);
    assert_eq!(places(&room, "123456").await, [place("V1", "FILE", "ANN")]);
    assert!(room.post("/custodians/2/hand-over", &[("to", "4")]).await.body.contains("no chart of others"));
    assert_eq!(done(&room.post("/people/1/leave", &[]).await), "/custodians/4/close");
    let closing = room.page("/custodians/4/close").await;
    assert!(closing.contains("12-34-56") && closing.contains("Hand all 1 over"), "{closing}");
    assert!(room.post("/custodians/4/hand-over", &[("to", "4")]).await.body.contains("choose another"));
    done(&room.post("/custodians/4/hand-over", &[("to", "3")]).await);
    assert!(room.page("/custodians/4/close").await.contains("Nothing is left here"));
    assert_eq!(places(&room, "123456").await, [place("V1", "FILE", "EVIL")]);
    let history = room.page("/charts/1").await;
    assert!(history.contains("handed on, typed"), "{history}");
    assert_eq!(
        room.count("select count(*) from audit where detail = '1 charts handed over from ANN to EVIL'"),
        1
    );
    room.sound();
}

#[tokio::test]
async fn kinds_of_records_have_a_home_and_a_rule() {
    let room = Room::new(&[]).await;
    let dental = [("name", "dental"), ("title", "Dental record"), ("home", "2"), ("due", "5wd")];
    done(&room.post("/record-types", &dental).await);
    let page = room.page("/record-types").await;
    assert!(page.contains("Dental record") && page.contains("value=\"5wd\""), "{page}");
    for (field, value, why) in [
        ("due", "soon", "no due-back rule"),
        ("name", "a<b", "letters, digits"),
        ("home", "77", "not on file"),
    ] {
        refused(&room.post("/record-types", &with(&dental, &[(field, value)])).await, why);
    }
    let clerk = room.post_as(Some(Role::Clerk), "/record-types", &dental).await;
    assert_eq!(clerk.status, StatusCode::FORBIDDEN);
    let chart = room.app.store.chart(ChartId(1)).await.unwrap();
    assert!(chart.is_none());
}
