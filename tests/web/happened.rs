//! One list of all that happened to a chart.

use crate::room::Room;
use axum::http::StatusCode;

#[tokio::test]
async fn movements_requests_appointments_and_changes_stand_in_one_list_newest_first() {
    let room = Room::new(&[("12-34-56", "V1"), ("65-43-21", "V2")]).await;
    room.scan("desk", "V1").await;
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
    assert_eq!(room.post("/requests", &wish).await.status, StatusCode::SEE_OTHER);
    room.scan("clinic", "V1").await;
    room.app.clock.advance(std::time::Duration::from_secs(60));
    room.post("/volumes/1/worn", &[("worn", "yes")]).await;
    room.sql(
        "insert into schedule values (1, 1, null, 'page', 1, 1, 0, 0, 0, 0);
         insert into appointment values (1, 'A1', '12-34-56', '123456', 'Heart clinic', 2, '2026-12-24', 1798095600000000, 'Dr Gray', 'booked', null, 1);
         update request set appointment_id = 1;",
    );
    let page = room.page("/charts/1").await;
    let list = page.split("id=\"history\"").nth(1).unwrap();
    let at = |text: &str| list.find(text).unwrap_or_else(|| panic!("{text} is not in {list}"));
    let order = [
        at("Appointment at <strong>Heart clinic</strong>, Dr Gray"),
        at("the label of volume 1 is worn"),
        at(">Request 1</a> for Cardiology: delivered"),
        at("<strong>Cardiology</strong></td>"),
        at(">Request 1</a> for Cardiology: asked"),
    ];
    assert!(order.is_sorted(), "{order:?} {list}");
    assert!(!room.page("/charts/2").await.contains("Request 1<"));
}

#[tokio::test]
async fn cases_looks_notices_and_answers_stand_in_it_and_notices_tell_who_looked() {
    let room = Room::new(&[("12-34-56", "V1"), ("65-43-21", "V2")]).await;
    crate::notices::ask_for_one(&room).await;
    let label = room.rows("select key from label where kind = 'volume' and target_id = 1").remove(0);
    let next = || room.app.clock.advance(std::time::Duration::from_secs(60));
    next();
    room.post("/notices/1/answer", &[("answer-1", "passed"), ("detail-1", "Dr Lee, room 4")]).await;
    next();
    room.post("/volumes/1/missing", &[("sign", "flagged"), ("sure", "yes")]).await;
    next();
    let places = room.page("/missing/1").await;
    let desk = room.rows("select 'desk ' || custodian_id from custodian where code = 'CLIN'").remove(0);
    assert!(places.contains(&desk), "{places}");
    room.post("/missing/1/look", &[("place", desk.as_str()), ("how", "shelf-by-shelf")]).await;
    let notice = room.page("/notices/1").await;
    assert!(
        notice.contains("Looked, not there: Cardiology: desks, trays and shelves, folder by folder, by "),
        "{notice}"
    );
    next();
    room.scan("desk", &label).await;
    let page = room.page("/charts/1").await;
    let list = page.split("id=\"history\"").nth(1).unwrap();
    let at = |text: &str| list.find(text).unwrap_or_else(|| panic!("{text} is not in {list}"));
    let order = [
        at(">Missing, case 1</a>: found: it was scanned"),
        at(
            ">Missing, case 1</a>: looked at Cardiology: desks, trays and shelves (folder by folder), not there, by ",
        ),
        at(">Missing, case 1</a>: missing"),
        at(">Notice 1</a>, late, to Cardiology: answered: passed to Dr Lee, room 4, by "),
        at(">Notice 1</a>, late, to Cardiology: written"),
    ];
    assert!(order.is_sorted(), "{order:?} {list}");
    let other = room.page("/charts/2").await;
    assert!(!other.contains("Notice 1<") && !other.contains("case 1<"));
}

#[tokio::test]
async fn pages_hold_each_entry_once_also_those_of_one_moment() {
    let room = Room::new(&[("12-34-56", "V1"), ("12-34-56", "V2")]).await;
    for number in 0..40 {
        let station = if number % 2 == 0 { "clinic" } else { "desk" };
        room.scan(station, "V1").await;
        room.scan(station, "V2").await;
        room.post("/volumes/1/worn", &[("worn", if number % 2 == 0 { "yes" } else { "no" })]).await;
    }
    let (mut address, mut rows, mut pages) = ("/charts/1".to_owned(), 0, 0);
    loop {
        let page = room.page(&address).await;
        let list = page.split("id=\"history\"").nth(1).unwrap();
        rows += list.matches("<tr").count() - 1;
        pages += 1;
        let Some((_, older)) = list.split_once("/charts/1?before=") else { break };
        address = format!("/charts/1?before={}", older.split('#').next().unwrap());
    }
    let moved: usize = room.rows("select count(*) from movement")[0].parse().unwrap();
    assert_eq!((rows, pages), (moved + 40, 3));
}
