//! How backups fare, where people and programs look.

use crate::room::Room;
use outguide::access::Role;
use outguide::backups::{Backup, Keep, Plan, Recipients};
use std::time::Duration;

async fn room() -> Room {
    let room = Room::new(&[("1", "V1")]).await;
    let plan = Plan {
        directory: "/var/backups/outguide".into(),
        at: vec!["02:00".parse().unwrap()],
        keep: Keep::default(),
        recipients: Recipients::default(),
        zone: room.app.site().time_zone.clone(),
    };
    room.app.backups.set_plan(Some(plan));
    let at = room.app.clock.now();
    let file = "/var/backups/outguide/outguide-20261122T094200Z.db".into();
    room.app.backups.note(|state| {
        state.last_good = Some(Backup { at, file, bytes: 4711, proven: None });
        state.count = 3;
    });
    room
}

#[tokio::test]
async fn a_late_backup_is_on_every_page_and_in_readiness() {
    let room = room().await;
    assert!(!room.page("/").await.contains("tell the administrator"));
    let page = room.page("/backups").await;
    assert!(
        page.contains("4711") && page.contains("02:00") && !page.contains("older than it should be"),
        "{page}"
    );
    room.app.clock.advance(Duration::from_secs(30 * 3600));
    let failed = (room.app.clock.now(), "the disk is full: make room".to_owned());
    room.app.backups.note(|state| state.failed = Some(failed));
    for address in ["/", "/work", "/backups"] {
        let page = room.page(address).await;
        assert!(
            page.contains("the last good backup is 30 hours old: the disk is full: make room"),
            "{address}: {page}"
        );
    }
    let screen = room.get_as(Some(Role::Display), "/stations/desk").await.body;
    assert!(!screen.contains("backup"), "a screen is looked at by everybody: {screen}");
    let ready = room.get_as(None, "/readyz").await;
    // By this clock the recorder has been silent for a day, too.
    assert!(
        ready.body.contains("\"part\":\"backup\"") && ready.body.contains("30 hours old"),
        "{}",
        ready.body
    );
    let metrics = room.get_as(None, "/metrics").await.body;
    assert!(
        metrics.contains("outguide_backup_late 1\n") && metrics.contains("outguide_backup_failed 1\n"),
        "{metrics}"
    );
    assert!(metrics.contains("outguide_backup_age_seconds 108000\n"), "{metrics}");
}

#[tokio::test]
async fn without_a_plan_the_page_says_so_and_nobody_is_alarmed() {
    let room = Room::new(&[]).await;
    room.app.clock.advance(Duration::from_secs(100 * 3600));
    assert!(room.page("/backups").await.contains("No backups are made by themselves"));
    assert!(!room.page("/").await.contains("tell the administrator"));
}
