//! What must be so although nobody waits for the answer, or the file room is large.

use super::requests::{CLIN, counter};
use super::*;
use crate::access::{AccountName, Role, SecretHash, SignInRules};
use crate::tracking::CustodianId;
use crate::tracking::request::RequestState;

#[tokio::test]
async fn a_sign_in_that_was_ended_is_over_though_nobody_waited_for_the_answer() {
    let room = Room::new();
    let open = room.open().await;
    let new = NewAccount {
        name: AccountName::parse("ann").unwrap(),
        full_name: "Ann".into(),
        role: Role::Administrator,
        station: None,
    };
    let account = open.store.add_first_account(new, "x".into()).await.unwrap();
    let cookie = SecretHash([7; 32]);
    open.store.sign_in(account, cookie, "192.0.2.7".into()).await.unwrap();
    let worth =
        async || open.store.worth_of_cookie(cookie, "192.0.2.7", SignInRules::default()).await.unwrap();
    assert!(matches!(worth().await, Worth::Good(_)));
    tokio::select! {
        biased;
        _ = open.store.end_sign_ins(account, None, "ann".into()) => panic!("answered at once"),
        () = std::future::ready(()) => {}
    }
    // The writer has come by when it answers what was sent after it.
    open.store.expire_requests().await.unwrap();
    assert!(matches!(worth().await, Worth::Over(..)));
    open.close();
}

#[tokio::test]
async fn shelves_of_many_thousand_folders_are_not_ordered_anew_while_charts_are_scanned() {
    let room = Room::new();
    let open = room.open().await;
    let form = |open: &Open| {
        let store = open.store.clone();
        async move { store.custodian_form(CustodianId(1)).await.unwrap().unwrap() }
    };
    let by_number = CustodianForm { filing: "numeric".into(), ..form(&open).await };
    open.store.change_custodian(CustodianId(1), by_number.clone(), None).await.unwrap();
    room.sql("update custodian set volumes_home = 20001 where custodian_id = 1");
    let same = CustodianForm { name: "File room".into(), ..by_number.clone() };
    open.store.change_custodian(CustodianId(1), same, None).await.unwrap();
    let other = CustodianForm { filing: "td-2-2".into(), ..by_number };
    let told = open.store.change_custodian(CustodianId(1), other, None).await.unwrap_err().to_string();
    assert!(told.contains("20001 folders") && told.contains("outguide import"), "{told}");
    open.close();
}

#[tokio::test]
async fn what_cannot_be_had_any_more_is_not_waited_for() {
    let room = Room::new();
    let (open, eyes) = counter(&room).await;
    let (shut, gone) = (open.ask(1, eyes, 90).await, open.ask(2, CLIN, 90).await);
    open.store.set_custodian_closed(eyes, true, None).await.unwrap();
    assert_eq!(open.request_state(shut).await, RequestState::NotFillable);
    let steps = open.store.request(shut).await.unwrap().unwrap().1;
    assert_eq!(steps[1].why.as_deref(), Some("EYES was closed"));
    open.close();
    let mut importer = Importer::open(&room.place(), room.clock.now(), false).unwrap();
    let line = ChartLine { state: Some(ChartState::Destroyed), ..chart("2", "V2") };
    importer.chart(&line).unwrap().unwrap();
    importer.finish("destroyed").unwrap();
    let (open, _) = counter(&room).await;
    assert_eq!(open.request_state(gone).await, RequestState::NotFillable);
    let steps = open.store.request(gone).await.unwrap().unwrap().1;
    assert_eq!(steps[1].why.as_deref(), Some("a list says that the folder is destroyed"));
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn what_an_import_keeps_on_the_way_is_in_the_audit_log() {
    let room = Room::new();
    let mut importer = Importer::open(&room.place(), room.clock.now(), false).unwrap();
    importer.chart(&chart("51", "V51")).unwrap().unwrap();
    importer.checkpoint().unwrap();
    drop(importer);
    let open = room.open().await;
    let rows = open.store.audit_log(AuditFilter::default(), 100).await.unwrap().rows;
    let told: Vec<_> = rows.iter().filter_map(|row| row.detail.as_deref()).collect();
    assert!(told.contains(&"import, so far: 1 lines of charts"), "{told:?}");
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn a_second_try_goes_through_all_that_lacks_something() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    open.close();
    room.sql(
        "insert into schedule (schedule_id, at_us, source, read, added, moved, cancelled, unchanged, refused)
           values (1, 0, 'page', 0, 0, 0, 0, 0, 0);
         with recursive n (n) as (select 1 union all select n + 1 from n where n < 1200)
         insert into appointment (key, mrn, mrn_key, clinic, day, start_us, state, lacks, schedule_id)
           select 'id ' || n, '1', '1', iif(n = 1200, 'CLIN', 'Nowhere'), '2023-11-15', 1700100000000000, 'booked', 'clinic', 1
           from n",
    );
    let (open, _) = counter(&room).await;
    assert_eq!(open.store.retry_schedule(None).await.unwrap(), 1199);
    let plan: String = open::scratch(&room.place().db())
        .unwrap()
        .query_row(
            "explain query plan select 1 from appointment where lacks is not null and state = 'booked' and start_us > 5",
            [],
            |row| row.get(3),
        )
        .unwrap();
    assert!(plan.contains("appointment_lacking"), "{plan}");
    open.close();
}

#[tokio::test]
async fn lists_and_counts_are_read_from_small_indexes() {
    let room = Room::new();
    let open = room.open().await;
    let conn = open::scratch(&room.place().db()).unwrap();
    for (sql, index) in [
        (
            "select at_id, home_id, count(*) from volume where at_id <> home_id group by at_id, home_id",
            "COVERING INDEX volume_away",
        ),
        ("select max(used_at_us) from sign_in where account_id = 1", "COVERING INDEX sign_in_used"),
    ] {
        let plan: String =
            conn.query_row(&format!("explain query plan {sql}"), [], |row| row.get(3)).unwrap();
        assert!(plan.contains(index), "{plan}");
    }
    open.close();
}
