//! Lists of charts, line by line.

use super::*;

#[test]
fn folders_without_a_label_get_one_to_print_only_where_that_is_asked_for() {
    // The first has what would be the second one's own label.
    let text = b"mrn,home,name,label\n00-00-30,FILE,Poe,V2K\n00-00-20,FILE,Doe,\n00-00-10,FILE,Roe,\n";
    check(
        b"mrn,home\n1,FILE\n",
        "/charts.csv:1: the header lacks `label`; it has `mrn`, `home`; if the folders have no labels yet, add --own-labels; \
         --map 'field=column' names a column",
    );
    let room = Room::new();
    let list = List { own_labels: true, ..room.list(Kind::Charts, text) };
    assert_eq!(room.said(room.run(&list)), "+3 ~0 =0");
    let due =
        "select mrn, volume.label, label_due from volume join chart using (chart_id) order by volume_id";
    let labelled = room.ask(due);
    assert_eq!(labelled, "00-00-30 V2K - | 00-00-20 V3I 1 | 00-00-10 V4G 1");
    assert_eq!(room.said(room.run(&list)), "+0 ~0 =3", "once more it changes nothing");
    // A list that has the labels by now.
    assert_eq!(room.import(Kind::Charts, b"mrn,label,home\n00-00-20,V900,FILE\n"), "+0 ~1 =0");
    assert_eq!(room.ask("select label, label_due from volume where volume_id = 2"), "V900 -");
    assert_eq!(room.ask("select count(*) from label where kind = 'volume' and target_id = 2"), "2");
    assert_eq!(room.ask("select record_type from record_type"), "medical");
}

#[test]
fn good_lines_go_in_and_bad_ones_are_numbered() {
    check(
        b"mrn,label,home\n1,V1,FILE\n2,V2,ATTIC\n3,V3,FILE\n",
        "+2 ~0 =0 3: home ATTIC is not on file; import custodians first",
    );
    check(b"mrn,label,home\n1,V1,FILE\n1,V1,FILE\n", "+1 ~0 =1");
    check(b"mrn,label,home\n1,,FILE\n", "+0 ~0 =0 2: label is empty; fill it in");
    check(b"mrn,label,home\n1,V1,FILE\n-,V2,FILE\n", "+1 ~0 =0 3: mrn is empty; fill it in");
    check(b"mrn,label,home,volume\n1,V1,FILE,0\n", "+0 ~0 =0 2: volume: write a number from 1 to 999");
    check(
        b"mrn,label,home\n1,V1,FILE\n2,V1,FILE\n",
        "+1 ~0 =0 3: label V1 is on another chart already; every volume needs a label of its own",
    );
    check(
        b"mrn,label,home,state\n1,V1,FILE,inactive\n",
        "+0 ~0 =0 2: state: write one of active, merge-due, merged, retired, destroyed",
    );
}

#[test]
fn a_list_restricts_charts_and_never_takes_that_away() {
    let sql = "select mrn, (select made_by || ': ' || why from restriction r where r.chart_id = c.chart_id) from chart c order by mrn";
    let restricted = "1 outguide import: a list says so | 2 -";
    story(
        sql,
        &[
            (Kind::Charts, "mrn,label,home,restricted\n1,V1,FILE,\n2,V2,FILE,no\n", "+2 ~0 =0", "1 - | 2 -"),
            (Kind::Charts, "mrn,label,home,restricted\n1,V1,FILE,yes\n2,V2,FILE,\n", "+0 ~1 =1", restricted),
            (
                Kind::Charts,
                "mrn,label,home,restricted\n1,V1,FILE,ja\n2,V2,FILE,nein\n",
                "+0 ~0 =2",
                restricted,
            ),
            (
                Kind::Charts,
                "mrn,label,home,confidential\n1,V1,FILE,no\n2,V2,FILE,perhaps\n",
                "+0 ~0 =1 3: restricted: write yes or no",
                restricted,
            ),
            (
                Kind::Charts,
                "mrn,label,home,restricted\n3,V3,FILE,1\n",
                "+1 ~0 =0",
                "1 outguide import: a list says so | 2 - | 3 outguide import: a list says so",
            ),
        ],
    );
}

#[test]
fn a_list_says_who_is_in_a_ward_and_discharges_nobody() {
    let sql =
        "select mrn, inpatient_since_us is not null from chart join patient using (patient_id) order by mrn";
    story(
        sql,
        &[
            (Kind::Charts, "mrn,label,home,name\n1,V1,FILE,Ada\n2,V2,FILE,Bo\n", "+2 ~0 =0", "1 0 | 2 0"),
            (Kind::Patients, "mrn,inpatient\n1,yes\n2,no\n", "+0 ~1 =1", "1 1 | 2 0"),
            (
                Kind::Patients,
                "mrn,inpatient\n1,yes\n2,\n1,no\n",
                "+0 ~0 =2 4: inpatient: the record has the patient in a ward; discharge them on the chart's page, which says \
                 when charts are due back",
                "1 1 | 2 0",
            ),
        ],
    );
}
