//! Lists of patients and charts.

use super::*;

#[test]
fn patients_have_numbers_and_get_their_charts() {
    let sql = "select c.mrn, p.name, p.born, (select group_concat(assigner || ':' || mrn, ',') from mrn m
                 where m.patient_id = p.patient_id)
               from chart c left join patient p using (patient_id) order by c.mrn";
    story(
        sql,
        &[
            (Kind::Charts, "mrn,label,home\n1,V1,FILE\n2,V2,FILE\n", "+2 ~0 =0", "1 - - - | 2 - - -"),
            (
                Kind::Patients,
                "mrn,name,born,other_mrns\n001,Ada,1915-12-10,\n7,Bo,,2 0-9\n",
                "+2 ~0 =0",
                "1 Ada 1915-12-10 :001 | 2 Bo - :2,:7,:0-9",
            ),
            (
                Kind::Patients,
                "mrn,name,born\n1,Ada,\n9,,\n2,Bo,\n",
                "+0 ~0 =3",
                "1 Ada 1915-12-10 :001 | 2 Bo - :2,:7,:0-9",
            ),
            (
                Kind::Patients,
                "mrn,name,other_mrns,assigner\n1,Ada,2,\n5,Cy,1;6 6,LAB\n6-6,Cyd,,LAB\n",
                "+1 ~1 =0 2: its numbers are on file as those of different patients; a list does not unite patients: correct the numbers",
                "1 Ada 1915-12-10 :001 | 2 Bo - :2,:7,:0-9",
            ),
            (
                Kind::Patients,
                "mrn,name,born\n1,Ada L,31.12.1915\n2,Bo,1/2/70\n",
                "+0 ~1 =0 3: born has a year of two digits; write all four",
                "1 Ada L 1915-12-31 :001 | 2 Bo - :2,:7,:0-9",
            ),
        ],
    );
}

#[test]
fn charts_bring_their_patients() {
    let sql = "select c.mrn, c.record_type, p.patient_id, p.name, p.born from chart c left join patient p using (patient_id)
               order by chart_id";
    story(
        sql,
        &[
            (
                Kind::Charts,
                "mrn,label,home,last name,first name,dob,record type\n1,V1,FILE,Lee,Ada,25569,\n1,V2,FILE,,,,dental\n2,V3,FILE,,,,\n",
                "+3 ~0 =0",
                "1 medical 1 Lee, Ada 1970-01-01 | 1 dental 1 Lee, Ada 1970-01-01 | 2 medical - - -",
            ),
            (
                Kind::Charts,
                "mrn,label,home,name\n1,V1,FILE,\n2,V3,FILE,Bo\n3,V1,FILE,Cy\n",
                "+0 ~1 =1 4: label V1 is on another chart already; every volume needs a label of its own",
                "1 medical 1 Lee, Ada 1970-01-01 | 1 dental 1 Lee, Ada 1970-01-01 | 2 medical 2 Bo -",
            ),
        ],
    );
}

#[test]
fn locations_count_until_somebody_scans() {
    let sql =
        "select label, code, movement_no from volume join custodian on custodian_id = at_id order by label";
    story(
        sql,
        &[
            (
                Kind::Charts,
                "mrn,label,home,location\n1,V1,FILE,\n2,V2,FILE,CLIN\n",
                "+2 ~0 =0",
                "V1 FILE - | V2 CLIN 1",
            ),
            (
                Kind::Charts,
                "mrn,label,home,location\n1,V1,FILE,CLIN\n2,V2,FILE,CLIN\n",
                "+0 ~1 =1",
                "V1 CLIN 2 | V2 CLIN 1",
            ),
            (
                Kind::Charts,
                "mrn,label,home,location\n1,V1,FILE,FILE\n2,V2,FILE,\n",
                "+0 ~1 =1",
                "V1 FILE 3 | V2 CLIN 1",
            ),
            (
                Kind::Charts,
                "mrn,label,home,location\n1,V1,FILE,MOON\n",
                "+0 ~0 =0 2: location MOON is not on file; import custodians first",
                "V1 FILE 3 | V2 CLIN 1",
            ),
        ],
    );
}

#[test]
fn an_old_label_of_a_folder_is_no_news() {
    story(
        "select label, (select group_concat(key) from label where label.kind = 'volume') from volume",
        &[
            (Kind::Charts, "mrn,label,home\n1,V1,FILE\n", "+1 ~0 =0", "V1 V1"),
            (Kind::Charts, "mrn,label,home\n1,W1,FILE\n", "+0 ~1 =0", "W1 V1,W1"),
            (Kind::Charts, "mrn,label,home\n1,V1,FILE\n", "+0 ~0 =1", "W1 V1,W1"),
        ],
    );
}

#[test]
fn states_only_ever_end_a_folder() {
    let sql =
        "select c.mrn, c.state, v.number, v.state from volume v join chart c using (chart_id) order by 1, 3";
    let kind = Kind::Charts;
    story(
        sql,
        &[
            (
                kind,
                "mrn,label,home,volume,state\n1,V1,FILE,1,retired\n1,V2,FILE,2,\n2,V3,FILE,1,Merge due\n",
                "+3 ~0 =0",
                "1 active 1 retired | 1 active 2 active | 2 merge-due 1 active",
            ),
            (
                kind,
                "mrn,label,home,volume,state\n1,V1,FILE,1,active\n1,V2,FILE,2,destroyed\n2,V3,FILE,1,active\n",
                "+0 ~1 =2",
                "1 destroyed 1 retired | 1 destroyed 2 destroyed | 2 merge-due 1 active",
            ),
            (
                kind,
                "mrn,label,home,state\n2,V3,FILE,merged\n",
                "+0 ~1 =0",
                "1 destroyed 1 retired | 1 destroyed 2 destroyed | 2 merged 1 merged",
            ),
            (
                kind,
                "mrn,label,home,state\n2,V3,FILE,merged\n",
                "+0 ~0 =1",
                "1 destroyed 1 retired | 1 destroyed 2 destroyed | 2 merged 1 merged",
            ),
        ],
    );
}

#[test]
fn temporary_charts_name_the_real_one_wherever_it_stands() {
    let sql = "select c.mrn, r.mrn from chart c left join chart r on r.chart_id = c.temporary_for order by c.chart_id";
    let kind = Kind::Charts;
    story(
        sql,
        &[
            (
                kind,
                "mrn,label,home,temporary_for\nT1,V1,FILE,7\n7,V2,FILE,\nT2,V3,FILE,8\nT3,V4,FILE,T-3\n",
                "+2 ~0 =0 4: temporary_for: that chart is neither on file nor on a good line of this list; add a line for it | \
                 5: temporary_for goes round in a circle back to this chart; correct the list",
                "T1 7 | 7 -",
            ),
            (
                kind,
                "mrn,label,home,temporary_for\nT1,V1,FILE,07\nT2,V3,FILE,7\n",
                "+1 ~0 =1",
                "T1 7 | 7 - | T2 7",
            ),
            (
                kind,
                "mrn,label,home,temporary_for\n7,V2,FILE,T1\n",
                "+0 ~0 =0 2: temporary_for goes round in a circle back to this chart; correct the list",
                "T1 7 | 7 - | T2 7",
            ),
        ],
    );
}
