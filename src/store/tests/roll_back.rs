//! What the writer knows by heart, after a transaction that failed.

use super::*;

async fn names(open: &Open) -> Vec<String> {
    let named = |ledger: &mut change::Ledger<'_>| {
        let mut names: Vec<_> =
            ledger.memory.stations.values().map(|station| station.here.name.clone()).collect();
        names.sort();
        Ok::<_, change::Stop<NotOpen>>(names)
    };
    open.store.change(named).await.unwrap()
}

#[tokio::test]
async fn a_name_that_was_rolled_back_is_forgotten() {
    let room = Room::new();
    let open = room.open().await;
    let before = names(&open).await;
    let refused = open
        .store
        .change(|ledger| -> Result<(), _> {
            rename(ledger)?;
            Err(change::Stop::Refused(NotOpen))
        })
        .await;
    assert_eq!(refused, Err(Unchanged::Refused(NotOpen)));
    assert_eq!(names(&open).await, before, "refused");
    let failed = open
        .store
        .change(|ledger| -> Result<(), change::Stop<NotOpen>> {
            rename(ledger)?;
            ledger.conn.execute("insert into site (site_id) values (2)", [])?;
            Ok(())
        })
        .await;
    assert!(matches!(failed, Err(Unchanged::NotRecorded(NotRecorded::Database(_)))), "{failed:?}");
    assert_eq!(names(&open).await, before, "failed");
    open.store.change(rename).await.unwrap();
    assert_ne!(names(&open).await, before, "made");
    open.close();
}

fn rename(ledger: &mut change::Ledger<'_>) -> Result<(), change::Stop<NotOpen>> {
    ledger.conn.execute("update custodian set name = 'Eye clinic' where code = 'CLIN'", [])?;
    let id = stations::find_custodian(ledger.conn, "CLIN")?.unwrap();
    Ok(custodians::refresh(ledger, id)?)
}
