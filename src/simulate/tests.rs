//! A small room through the real pipeline.

use super::*;

async fn play(seed: u64, errors: Errors) -> (Report, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let report = run(dir.path(), seed, errors, 300, 8).await.unwrap();
    let verified = store::verify(&Place::new(dir.path().join("data")), &mut |_, _| ()).unwrap();
    (report, verified.findings)
}

#[tokio::test]
async fn without_errors_hardly_anything_is_missed() {
    let (report, findings) = play(1, Errors::default()).await;
    assert_eq!(findings, [""; 0]);
    assert!(report.scans > 500 && report.lost == 0, "{report:?}");
}

#[tokio::test]
async fn what_goes_wrong_is_noticed_searched_and_found_and_a_seed_gives_the_same_figures() {
    let errors =
        Errors { transpose: 0.05, slide: 0.05, skip_check_in: 0.1, take_along: 0.1, ..Errors::default() };
    let (report, findings) = play(1, errors).await;
    assert_eq!(findings, [""; 0]);
    let plan = report.ways.get(&Way::Plan).unwrap();
    assert!(report.mattered > 5 && plan.searches > 5 && plan.found > 0, "{report:?}");
    assert_eq!(play(1, errors).await.0, report);
}
