//! Spreadsheet exports as they come, and what no list should hold.

use super::*;
use proptest::prelude::*;

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect()
}

#[test]
fn spreadsheets_export_in_many_ways() {
    check(b"\xef\xbb\xbfMRN;Label;Home;Remark\r\n12-34;V1;FILE;x\r\n", "+1 ~0 =0");
    check(b"\xef\xbb\xbf\"mrn\",\"label\",\"home\"\r\n1,V1,FILE\r\n", "+1 ~0 =0");
    check(b"Label\tMRN\tRecord type\tHome\nV1\t1\tdental\tFILE\n\n", "+1 ~0 =0");
    check(b"mrn|label|home\n1|V1|FILE", "+1 ~0 =0");
    check(
        b"sep=;\r\nmrn;label;home\r\n1;V1;FILE\r\n2;V2;ATTIC\r\n",
        "+1 ~0 =0 4: home ATTIC is not on file; import custodians first",
    );
    check(b"mrn,label,home\n\"1\",\"V\"\"1\",FILE\n", "+1 ~0 =0");
    check(b"mrn,label,home,location\n1,V1,FILE,CLIN\n", "+1 ~0 =0");
    check(b"\n,,\nmrn,label,home\n,,\n 1 ,\xc2\xa0V1\xc2\xa0,FILE\n", "+1 ~0 =0");
    check(b"mrn,label,home,address\n1,V1,FILE,\"A street 1\nB town\"\n2,V2,FILE,\n", "+2 ~0 =0");
    check(
        b"mrn,label,home\r\n\r\n1,V1,FILE\r\n2,\"V2\",ATTIC\r\n",
        "+1 ~0 =0 4: home ATTIC is not on file; import custodians first",
    );
    check(
        b"mrn,label,home\r1,V1,FILE\r2,V2,\"ATTIC\"\r",
        "+1 ~0 =0 3: home ATTIC is not on file; import custodians first",
    );
    check(&utf16("mrn;label;home\r\n1;V1;FILE\r\n", u16::to_le_bytes), "+1 ~0 =0");
    check(&utf16("mrn\tlabel\thome\r\n1\tV1\tFILE\r\n", u16::to_be_bytes), "+1 ~0 =0");
}

#[test]
fn zeros_and_names_survive() {
    let room = Room::new();
    let list = "mrn,label,home,name\n=\"00123\",=\"000V1\",FILE,\"Núñez, Zoë\"\n";
    let latin: Vec<u8> = list.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let report = room.run(&room.list(Kind::Charts, &latin)).unwrap();
    assert!(
        report.encoding.starts_with("windows-1252, because the bytes are no UTF-8"),
        "{}",
        report.encoding
    );
    let sql =
        "select mrn, label, name from volume join chart using (chart_id) join patient using (patient_id)";
    assert_eq!(room.ask(sql), "00123 000V1 Núñez, Zoë");
    let list = List { encoding: Some("windows-1250".to_owned()), ..room.list(Kind::Charts, &latin) };
    assert_eq!(room.said(room.run(&list)), "+0 ~1 =0");
    assert_eq!(room.ask(sql), "00123 000V1 Núńez, Zoë", "as told, even if it is wrong");
    let list = List { encoding: Some("klingon".to_owned()), ..room.list(Kind::Charts, &latin) };
    assert!(room.said(room.run(&list)).starts_with("`klingon` is no encoding"));
}

#[test]
fn an_empty_file_is_no_list() {
    check(b"", "/charts.csv:1: the file is empty; the first line must name the columns");
    check(b"\n\n,,\n", "/charts.csv:1: the file is empty; the first line must name the columns");
}

#[test]
fn bad_lines_name_their_reason() {
    check(
        b"mrn,label,home,name\n1,V1,FILE,M\xc3\xbcller\n2,V2,FILE,Z\xc3\xb6e\n3,V3,FILE,M\xfcller\n",
        "+2 ~0 =0 4: is not UTF-8; export the list as UTF-8 (\"CSV UTF-8\"), or name its encoding with --encoding",
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
    check(
        b"mrn,label,home\n1.23E+05,V1,FILE\n",
        "+0 ~0 =0 2: mrn holds 1.23E+05: the spreadsheet shortened a number and its digits are lost; format the column as text and export again",
    );
    check(
        b"mrn,label,home,born\n1,V1,FILE,2031-01-01\n",
        "+0 ~0 =0 2: born is in the future; correct the date",
    );
}

#[test]
fn an_ambiguous_date_stops_the_import_until_somebody_says_how_to_read_it() {
    let text = b"mrn,label,home,born\n1,V1,FILE,31/12/1970\n2,V2,FILE,3/4/1970\n";
    let room = Room::new();
    let list = room.list(Kind::Charts, text);
    assert_eq!(
        room.said(room.run(&list)),
        "/charts.csv:3: born could be day/month/year or month/day/year; say which with --dates dmy or --dates mdy"
    );
    assert_eq!(room.ask("select count(*) from chart"), "0");
    let list = List { dates: Some(DateOrder::DayFirst), ..list };
    assert_eq!(room.said(room.run(&list)), "+2 ~0 =0");
    assert_eq!(room.ask("select born from patient"), "1970-12-31 | 1970-04-03");
    let list = List { dates: Some(DateOrder::MonthFirst), ..list };
    assert_eq!(
        room.said(room.run(&list)),
        "+0 ~1 =0 2: born is no date; write it as year-month-day, such as 1970-12-31"
    );
    assert_eq!(room.ask("select born from patient"), "1970-12-31 | 1970-03-04");
}

/// Bytes that look like a list, and bytes that do not.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "mrn",
        "label",
        "home",
        "name",
        "born",
        "code",
        "parent",
        "closed",
        "temporary_for",
        "state",
        "FILE",
        "CLIN",
        "1",
        "V1",
        "12/12/2000",
        "3/4/1970",
        "=\"01\"",
        "1E+05",
        "\"",
        "\n",
        "\r\n",
        "\r",
        ",",
        ";",
        "\t",
        "|",
        "\u{feff}",
        "ü",
        "-",
        "yes",
        "\0",
        "sep=",
        " ",
    ]);
    let listlike = prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes());
    let headed =
        listlike.clone().prop_map(|rest| [b"mrn,label,home,code,name,parent\n".to_vec(), rest].concat());
    let marks = prop::sample::select(vec![&b""[..], b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xfc"]);
    let any = prop::collection::vec(any::<u8>(), 0..200);
    (marks, prop_oneof![listlike, headed, any]).prop_map(|(mark, rest)| [mark.to_vec(), rest].concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_a_file_holds_there_is_a_report(bytes in bytes(), kind in prop::sample::select(Kind::ALL.to_vec())) {
        let room = Room::new();
        let list = room.list(kind, &bytes);
        match room.run(&list) {
            Ok(report) => {
                let ImportReport { lines, added, changed, unchanged, refused, .. } = report;
                prop_assert_eq!(lines, added + changed + unchanged + refused);
                // What was good is on file now, and says nothing new.
                if report.refused == 0 && changed == 0 {
                    let again = room.run(&list).unwrap();
                    prop_assert_eq!((again.added, again.refused), (0, 0));
                }
            }
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}
