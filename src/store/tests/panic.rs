//! A writer that ends by a bug.

use super::*;

#[tokio::test]
async fn a_writer_that_panics_answers_nobody_and_the_next_one_goes_on() {
    let room = Room::new();
    let open = room.open().await;
    let panicked = open.store.change(|_| -> Result<(), change::Stop<NotOpen>> { panic!("a bug") }).await;
    assert_eq!(panicked, Err(Unchanged::NotRecorded(NotRecorded::Closed)));
    assert_eq!(open.store.record(open.scan("clinic", "V2")).await, Err(NotRecorded::Closed));
    open.close();
    let open = Open { count: 10.into(), ..room.open().await };
    assert_eq!(open.verdict("clinic", "V2").await, Verdict::Moved);
    open.close();
}
