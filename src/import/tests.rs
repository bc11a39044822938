//! Lists as hospitals send them, good and bad.

use super::*;
use crate::store::Place;
use jiff::Timestamp;

/// Imports one file of custodians and one of charts; returns the report of the charts, or the error.
fn check(charts: &[u8], expect: &str) {
    let dir = tempfile::tempdir().unwrap();
    let run = |kind, name: &str, text: &[u8]| {
        let file = dir.path().join(name);
        std::fs::write(&file, text).unwrap();
        let importer =
            Importer::open(&Place::new(dir.path().join("data")), Timestamp::UNIX_EPOCH, false).unwrap();
        import(kind, &file, importer, &mut |_, _| ())
    };
    run(Kind::Custodians, "custodians.csv", b"code,name\nFILE,File room\nCLIN,Clinic\n").unwrap();
    let said = match run(Kind::Charts, "charts.csv", charts) {
        Ok(report) => {
            let bad: Vec<_> = report.bad.iter().map(|(line, why)| format!("{line}: {why}")).collect();
            format!("+{} ~{} ={} {}", report.added, report.changed, report.unchanged, bad.join(" | "))
        }
        Err(error) => error.to_string().replace(&dir.path().display().to_string(), ""),
    };
    assert_eq!(said.trim_end(), expect, "{}", String::from_utf8_lossy(charts));
}

#[test]
fn good_lines_go_in_and_bad_ones_are_numbered() {
    check(
        b"mrn,label,home\n1,V1,FILE\n2,V2,ATTIC\n3,V3,FILE\n",
        "+2 ~0 =0 3: home ATTIC is not on file; import custodians first",
    );
    check(b"mrn,label,home\n1,V1,FILE\n1,V1,FILE\n", "+1 ~0 =1");
    check(b"mrn,label,home\n1,,FILE\n", "+0 ~0 =0 2: label is empty; fill it in");
    check(b"mrn,label,home,volume\n1,V1,FILE,0\n", "+0 ~0 =0 2: volume: write a number from 1 to 999");
    check(
        b"mrn,label,home\n1,V1,FILE\n2,V1,FILE\n",
        "+1 ~0 =0 3: label V1 is on another chart already; every volume needs a label of its own",
    );
}

#[test]
fn spreadsheets_export_in_many_ways() {
    check(b"\xef\xbb\xbfMRN;Label;Home;Remark\r\n12-34;V1;FILE;x\r\n", "+1 ~0 =0");
    check(b"Label\tMRN\tRecord type\tHome\nV1\t1\tdental\tFILE\n\n", "+1 ~0 =0");
    check(b"mrn,label,home\n\"1\",\"V\"\"1\",FILE\n", "+1 ~0 =0");
    check(b"mrn,label,home,location\n1,V1,FILE,CLIN\n", "+1 ~0 =0");
}

#[test]
fn what_no_list_should_hold_is_refused_with_the_next_step() {
    check(b"", "/charts.csv:1: the file is empty; the first line must name the columns");
    check(
        b"mrn,label\n1,V1\n",
        "/charts.csv:1: the header lacks home; the first line must name the columns: mrn,label,home,volume,record_type,location",
    );
    check(b"mrn,mrn,label,home\n", "/charts.csv:1: the header names column `mrn` twice; keep one of them");
    check(
        b"mrn,label,home\n1,V\xdc1,FILE\n2,V2,FILE\n",
        "+1 ~0 =0 2: is not UTF-8; export the list as UTF-8 (\"CSV UTF-8\")",
    );
    check(
        b"mrn,label,home\n1,\"V1,FILE\n2,V2,FILE\n",
        "+0 ~0 =0 2: a quote is opened and not closed; lines 2 to 3 are left out, correct the quote",
    );
    check(
        b"mrn,label,home\n1,V1,FILE,x\n",
        "+0 ~0 =0 2: has 4 fields, the header 3; look for a separator or a quote too many",
    );
    check(
        b"mrn,label,home\n1,=HYPERLINK(1),FILE\n",
        "+0 ~0 =0 2: label begins like a spreadsheet formula; export the values instead of the formulas",
    );
    check(
        b"mrn,label,home\n1,V\x00001,FILE\n",
        "+0 ~0 =0 2: label has control characters in it; export the list again as plain text",
    );
    check(
        b"mrn,label,home\n<b>1</b>,V1,FILE\n",
        "+0 ~0 =0 2: mrn: write letters and digits, with `-`, `.`, `/` or blanks between them",
    );
}
