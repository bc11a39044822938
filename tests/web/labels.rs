//! Labels: which are printed on what, and that nothing is printed by halves.

use crate::room::{Answer, HOSTILE, Room};
use axum::body::Body;
use axum::http::{StatusCode, header};
use outguide::access::Role;
use outguide::config::default_formats;
use outguide::intake::Settings;
use outguide::label::{Formats, LabelKind, ReadOptions};
use outguide::paper::{Grid, LabelSize};
use outguide::printer::{Patience, Printer, Printers, Way};
use outguide::tracking::Command;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

const MRN: &str = "12-34-56";

fn key(number: u64) -> String {
    LabelKind::Volume.own_key(number)
}

/// A room that reads Outguide's own labels, with these charts `(record number, number of its label)`.
async fn room(charts: &[(&str, u64)]) -> Room {
    let labels: Vec<(&str, String)> = charts.iter().map(|(mrn, number)| (*mrn, key(*number))).collect();
    let labels: Vec<(&str, &str)> = labels.iter().map(|(mrn, label)| (*mrn, label.as_str())).collect();
    let room = Room::new(&labels).await;
    let settings = room.app.intake.settings();
    let formats = Formats::new(default_formats(), ReadOptions::default()).unwrap();
    let (numbered, station_of) = (settings.numbered.clone(), settings.station_of.clone());
    room.app.intake.set_settings(Settings { formats, numbered, station_of });
    room
}

/// Gives the room one printer.
fn set_printer(room: &Room, way: Way, take: Duration) {
    let printer = Printer {
        name: "zebra".to_owned(),
        title: "Zebra at desk 1".to_owned(),
        way,
        grid: Grid::of_dpi(203),
        label: LabelSize { width_um: 57_000, height_um: 32_000 },
    };
    let patience = Patience { take, ..Patience::default() };
    let mut site = room.app.site.write().unwrap();
    Arc::get_mut(&mut site).unwrap().printers = Printers::new(vec![printer], patience);
}

async fn post(room: &Room, fields: &[(&str, &str)]) -> Answer {
    let encoded = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let usual = [("on", "sheet:l7160"), ("symbology", "code128")];
    let rest = usual.into_iter().filter(|(name, _)| fields.iter().all(|(given, _)| given != name));
    let form: Vec<String> =
        fields.iter().copied().chain(rest).map(|(name, text)| format!("{name}={}", encoded(text))).collect();
    let request = room
        .request("POST", Some(Role::Supervisor), "/labels")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    room.send(request.body(Body::from(form.join("&"))).unwrap()).await
}

/// What stands on the labels of a page, label by label: the keys.
fn keys(answer: &Answer) -> Vec<String> {
    let names = answer.body.split("aria-label=\"Label ").skip(1);
    names.map(|rest| rest.split([',', '"']).next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn folders_are_printed_by_label_and_by_number_where_the_sheet_goes_on() {
    let room = room(&[(MRN, 1), (MRN, 2), ("77-88-99", 3)]).await;
    let list = format!("{}\r\n\r\n 12 34 56 \n{}\n", key(3), key(1));
    let answer = post(&room, &[("what", "volumes"), ("list", &list), ("start", "3")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(keys(&answer), [key(3), key(1), key(2)], "each once, in the order of the lines");
    let empty = answer.body.split("<svg xmlns").next().unwrap().matches("paper-slot").count() - 1;
    assert_eq!(empty, 2);
    for expect in ["3 labels on 1 page", "/labels/sheets/l7160.css", "Volume 2 · medical", "File area A"] {
        assert!(answer.body.contains(expect), "no {expect}");
    }
    assert!(!answer.body.contains(" style="));
    let css = room.get("/labels/sheets/l7160.css").await;
    assert_eq!(css.headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
    assert!(css.body.contains("size: 210.000mm 297.000mm"), "{}", css.body);
    for address in ["/labels/sheets/l7160", "/labels/sheets/none.css"] {
        assert_eq!(room.get(address).await.status, StatusCode::NOT_FOUND, "{address}");
    }
}

#[tokio::test]
async fn nothing_is_printed_unless_every_line_can_be() {
    let room = room(&[(MRN, 1)]).await;
    let directory = tempfile::tempdir().unwrap();
    set_printer(&room, Way::File { directory: directory.path().to_owned() }, Duration::from_secs(5));
    let list = format!("{MRN}\n99-99-99\n<b>\n{}\nV1?", Command::Undo.key());
    let fields = [("what", "volumes"), ("list", list.as_str()), ("on", "printer:zebra")];
    let answer = post(&room, &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for expect in [
        "Nothing was printed",
        "line 2, 99-99-99: no chart has this label or number",
        "line 3, &#60;b&#62;: this is neither a label nor a record number",
        "this is not the label of a folder",
        "line 5, V1?: ",
        ">12-34-56\n99-99-99\n&#60;b&#62;",
        "<option value=\"printer:zebra\" selected>Zebra at desk 1</option>",
    ] {
        assert!(answer.body.contains(expect), "no {expect} in {}", answer.body);
    }
    assert_eq!(directory.path().read_dir().unwrap().count(), 0, "a part of it was printed");
    let many = format!("{MRN}\n").repeat(301);
    for (fields, expect) in [
        (&[("what", "volumes")][..], "nothing was chosen"),
        (&[("what", "volumes"), ("list", &many)], "more than 300 lines"),
        (&[("what", "shelf")], "no shelf was chosen"),
        (&[("what", "shelf"), ("custodian", "99")], "this custodian is not on file"),
        (&[("what", "shelf"), ("custodian", "2")], "no folder belongs there"),
        (&[("what", "shelf"), ("custodian", "1"), ("from", "<")], "is no record number"),
        (&[("what", "badges")], "no person is on file"),
        (&[("what", "custodians"), ("codes", "file\nNOBODY")], "line 2, NOBODY: no custodian on file"),
        (&[("what", "commands"), ("on", "sheet:none")], "this sheet is not known"),
        (&[("what", "commands"), ("on", "printer:none")], "this printer is not in the configuration"),
    ] {
        let answer = post(&room, fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        assert!(answer.body.contains(expect), "no {expect} in {}", answer.body);
    }
    for fields in [
        &[("what", "else")][..],
        &[("what", "commands"), ("symbology", "x")],
        &[("what", "shelf"), ("custodian", "x")],
    ] {
        assert_eq!(post(&room, fields).await.status, StatusCode::BAD_REQUEST, "{fields:?}");
    }
}

#[tokio::test]
async fn a_shelf_is_printed_in_its_order_from_one_number_to_another() {
    let room =
        room(&[("45-50-99", 1), ("60-49-99", 2), ("45-49-99", 3), ("44-50-99", 4), ("44-51-99", 5)]).await;
    for (from, to, expect) in [
        ("", "", vec![3, 2, 4, 1, 5]),
        ("60-49-99", "45 50 99", vec![2, 4, 1]),
        ("445099", "", vec![4, 1, 5]),
        ("", "60-49-99", vec![3, 2]),
        // Numbers that are on no folder are places on the shelf all the same.
        ("00-50-99", "99-50-99", vec![4, 1]),
    ] {
        let answer = post(&room, &[("what", "shelf"), ("custodian", "1"), ("from", from), ("to", to)]).await;
        let expect: Vec<String> = expect.into_iter().map(key).collect();
        assert_eq!(keys(&answer), expect, "{from} to {to}");
    }
    let page = room.page("/custodians/1").await;
    assert!(page.contains("/labels?what=shelf&amp;custodian=1"), "{page}");
    let form = room.page("/labels?what=shelf&custodian=1").await;
    assert!(form.contains("value=\"1\" selected"), "{form}");
    assert!(form.contains("id=\"shelf\" name=\"what\" value=\"shelf\" checked"), "{form}");
}

#[tokio::test]
async fn custodians_have_the_label_on_file_or_outguides_own() {
    let room = room(&[]).await;
    let own = |number| LabelKind::Custodian.own_key(number);
    room.sql(&format!(
        "insert into label values ('custodian', '{}', 1, 9000000000000001), ('custodian', '{}', 1, 9000000000000002)",
        own(71),
        own(70)
    ));
    let answer = post(&room, &[("what", "custodians")]).await;
    assert_eq!(keys(&answer).len(), 3, "{}", answer.body);
    for expect in [&own(70), &own(2), &own(3), "File area A", ">FILE<"] {
        assert!(answer.body.contains(expect), "no {expect} in {}", answer.body);
    }
    assert!(!answer.body.contains(&own(71)), "the newest label is the one");
    assert!(!answer.body.contains("<img") && !answer.body.contains('\u{202e}'), "{HOSTILE:?} is at work");
    // The own label of one is already on file for another.
    room.sql(&format!("update label set target_id = 1, created_at_us = 0 where key = '{}'", own(2)));
    let answer = post(&room, &[("what", "custodians"), ("codes", "clin")]).await;
    assert!(answer.body.contains("is the label of somebody else"), "{}", answer.body);
}

#[tokio::test]
async fn badges_are_for_people_only() {
    let room = room(&[]).await;
    room.sql("insert into person (person_id, code, name, created_at_us) values (2, 'CLIN', 'Ann Clerk', 0)");
    let answer = post(&room, &[("what", "badges"), ("symbology", "qr")]).await;
    let badge = LabelKind::Person.own_key(2);
    assert!(answer.body.contains(&format!("aria-label=\"Badge {badge}, Ann Clerk\"")), "{}", answer.body);
    assert_eq!(answer.body.matches("aria-label=\"Badge ").count(), 1);
}

#[tokio::test]
async fn a_label_that_nobody_could_scan_is_not_printed() {
    // This room's formats know volumes without a check character, and no commands.
    let room = Room::new(&[(MRN, "V1"), ("1", "1X")]).await;
    let answer = post(&room, &[("what", "commands")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let expect = "a command label in Code 128 would not be read as K1T; add a [[label]] for it";
    assert!(answer.body.contains(expect), "{}", answer.body);
    let page = room.get("/volumes/2/label").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("a volume label in Code 128 would not be read as 1X"), "{}", page.body);
    assert_eq!(keys(&post(&room, &[("what", "volumes"), ("list", MRN)]).await), ["V1"]);
}

#[tokio::test]
async fn one_volume_gets_a_new_label() {
    let room = room(&[(MRN, 1), (MRN, 2)]).await;
    let chart = room.page("/charts/1").await;
    assert!(chart.contains("href=\"/volumes/2/label\""), "{chart}");
    let page = room.page("/volumes/2/label").await;
    assert!(page.contains(&format!("aria-label=\"Label {}, volume 2\"", key(2))), "{page}");
    assert!(page.contains("name=\"volume\" value=\"2\""), "{page}");
    assert!(page.contains("<title>Label of a volume"), "{page}");
    let answer = post(&room, &[("what", "volume"), ("volume", "2")]).await;
    assert_eq!(keys(&answer), [key(2)]);
    let picture = room.get("/volumes/2/label.svg?symbology=qr").await;
    assert_eq!(picture.headers[header::CONTENT_TYPE], "image/svg+xml");
    assert!(picture.body.starts_with("<svg xmlns=") && picture.body.contains(&key(2)), "{}", picture.body);
    for address in ["/volumes/99/label", "/volumes/99/label.svg"] {
        assert_eq!(room.get(address).await.status, StatusCode::NOT_FOUND, "{address}");
    }
    assert_eq!(room.get("/volumes/2/label.svg?symbology=x").await.status, StatusCode::BAD_REQUEST);
    let gone = post(&room, &[("what", "volume"), ("volume", "99"), ("on", "printer:zebra")]).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_label_printer_gets_zpl() {
    let room = room(&[(MRN, 1)]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    set_printer(&room, Way::ZplTcp { address, answers: false }, Duration::from_secs(5));
    let printer = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut job = String::new();
        stream.read_to_string(&mut job).await.unwrap();
        job
    });
    let page = room.page("/volumes/1/label").await;
    assert!(page.contains("<option value=\"printer:zebra\" selected>"), "{page}");
    let fields = [("what", "volume"), ("volume", "1"), ("on", "printer:zebra")];
    let answer = post(&room, &fields).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("Zebra at desk 1 was sent 1 label."), "{}", answer.body);
    let job = printer.await.unwrap();
    assert!(job.starts_with("^XA") && job.contains(&format!("^FD>:{}^FS", key(1))), "{job}");
}

#[tokio::test]
async fn a_printer_that_is_off_or_stuck_is_said_so_and_the_form_stays() {
    let room = room(&[(MRN, 1)]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    set_printer(&room, Way::ZplTcp { address: address.clone(), answers: true }, Duration::from_millis(50));
    let fields = [("what", "volumes"), ("list", MRN), ("on", "printer:zebra")];
    // It accepts, by its kernel, and never says a word.
    let stuck = post(&room, &fields).await;
    assert_eq!(stuck.status, StatusCode::BAD_GATEWAY);
    assert!(stuck.body.contains("Not printed") && stuck.body.contains("does not answer"), "{}", stuck.body);
    drop(listener);
    let off = post(&room, &fields).await;
    assert_eq!(off.status, StatusCode::BAD_GATEWAY);
    let expect =
        "Zebra at desk 1 cannot be reached (it refuses the connection); is it off, or its cable out?";
    assert!(off.body.contains(expect), "{}", off.body);
    assert!(off.body.contains(">12-34-56</textarea>"), "{}", off.body);
}

#[tokio::test]
async fn record_numbers_stay_out_of_addresses_and_titles() {
    let room = room(&[(MRN, 1)]).await;
    let pages = [
        room.get("/volumes/1/label").await,
        post(&room, &[("what", "volumes"), ("list", MRN)]).await,
        post(&room, &[("what", "volumes"), ("list", "12-34-56\n99-99-99")]).await,
        post(&room, &[("what", "shelf"), ("custodian", "1"), ("from", MRN), ("to", MRN)]).await,
    ];
    for page in pages {
        assert!(page.body.contains("12-34-56") || page.body.contains(">5</text>"), "{}", page.body);
        let links = page.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let title = page.body.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next());
        let location = page.headers.get(header::LOCATION).map(|value| value.to_str().unwrap());
        for text in links.chain(title).chain(location) {
            assert!(!text.contains("34-56") && !text.contains("123456"), "{text}");
        }
    }
}
