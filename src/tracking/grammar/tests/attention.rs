//! What a scan is told besides.

use super::*;

#[test]
fn a_chart_that_matters_says_so_once_and_the_most_important_thing_first() {
    let mut door = FileRoom::new(StationKind::Checkpoint, CARDIOLOGY);
    let seen = |attention: Attention, door: &mut FileRoom| {
        door.volumes.get_mut(&VolumeId(1)).unwrap().attention = attention;
        door.volumes.get_mut(&VolumeId(1)).unwrap().at = FILE;
        let told = door.scan("v1");
        (told.verdict, told.why)
    };
    let worn = Attention { label_worn: true, due_passed: true, ..Attention::default() };
    let all = Attention {
        temporary: true,
        others_elsewhere: 2,
        merge_due: true,
        wrong_file_area: true,
        ..worn.clone()
    };
    assert_eq!(seen(worn, &mut door).1.as_deref(), Some("its label is worn: print a new one"));
    let (verdict, why) = seen(all, &mut door);
    assert_eq!(verdict, Verdict::Attention);
    assert!(why.unwrap().starts_with("a temporary chart"));
}
