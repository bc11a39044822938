//! Lists of custodians and people.

use super::*;

#[test]
fn custodians_say_what_they_say_and_nothing_else() {
    let sql = "select c.code, c.name, c.kind, c.phone, c.mail, c.due_rule, c.filing_scheme, p.code, c.closed_at_us is not null
               from custodian c left join custodian p on p.custodian_id = c.parent_id where c.code like 'W%' order by 1";
    let kind = Kind::Custodians;
    story(
        sql,
        &[
            (
                kind,
                "code,name,kind,parent,phone,mail,due,filing,closed\nW1,Ward,ward,W0,+49 1,w@x.example,3wd,numeric,no\nW0,House,,,,,,,\n",
                "+2 ~0 =0",
                "W0 House other - -  td-2-2 - 0 | W1 Ward ward +49 1 w@x.example 3wd numeric W0 0",
            ),
            (
                kind,
                "code,name\nW1,Ward\n",
                "+0 ~0 =1",
                "W0 House other - -  td-2-2 - 0 | W1 Ward ward +49 1 w@x.example 3wd numeric W0 0",
            ),
            (
                kind,
                "code,name,phone,mail,due,parent,closed\nW1,Ward,,,,,\n",
                "+0 ~0 =1",
                "W0 House other - -  td-2-2 - 0 | W1 Ward ward +49 1 w@x.example 3wd numeric W0 0",
            ),
            (
                kind,
                "code,name,phone,mail,due,parent,closed\nW1,Ward 1,-,-,-,-,yes\n",
                "+0 ~1 =0",
                "W0 House other - -  td-2-2 - 0 | W1 Ward 1 ward - -  numeric - 1",
            ),
            (
                kind,
                "code,name,closed,parent\nW1,Ward 1,2020-01-31,W0\nW0,House,ja,\n",
                "+0 ~2 =0",
                "W0 House other - -  td-2-2 - 1 | W1 Ward 1 ward - -  numeric W0 1",
            ),
            (
                kind,
                "code,name,closed\nW1,Ward 1,nein\nW0,House,vielleicht\n",
                "+0 ~1 =0 3: closed is no date; write it as year-month-day, such as 1970-12-31; or write yes or no",
                "W0 House other - -  td-2-2 - 1 | W1 Ward 1 ward - -  numeric W0 0",
            ),
        ],
    );
}

#[test]
fn a_new_filing_order_orders_the_folders_on_the_shelves_anew() {
    story(
        "select filing_key from volume order by label",
        &[
            (
                Kind::Charts,
                "mrn,label,home\n72248,V1,FILE\n72249,V2,CLIN\n",
                "+2 ~0 =0",
                "48-22-0000000007 | 49-22-0000000007",
            ),
            (
                Kind::Custodians,
                "code,name,filing\nFILE,File room,numeric\n",
                "+0 ~1 =0",
                "0000072248 | 49-22-0000000007",
            ),
            (
                Kind::Custodians,
                "code,name,filing\nFILE,File room,numeric\n",
                "+0 ~0 =1",
                "0000072248 | 49-22-0000000007",
            ),
        ],
    );
}

#[test]
fn whoever_has_no_label_gets_outguides_own() {
    let sql = "select kind, key, target_id from label order by kind, target_id, key";
    story(
        sql,
        &[
            (
                Kind::People,
                "code,name\nmm,Mia\n",
                "+1 ~0 =0",
                "custodian L1P 1 | custodian L2N 2 | person P19 1",
            ),
            (
                Kind::People,
                "code,name,label\nmm,Mia,\nbo,Bo,B-7\n",
                "+1 ~0 =1",
                "custodian L1P 1 | custodian L2N 2 | person P19 1 | person B-7 2",
            ),
            (
                Kind::People,
                "code,name,label\nmm,Mia,B-8\nbo,Bo,\nyi,Yi,B-7\n",
                "+0 ~1 =1 4: label B-7 is bo's already; everyone needs a label of their own",
                "custodian L1P 1 | custodian L2N 2 | person B-8 1 | person P19 1 | person B-7 2",
            ),
            (
                Kind::Custodians,
                "code,name,label\nX,X,L4\nY,Y,L4\nZ,Z,L5H\nQ,Q,\nR,R,R5\nQ,Q,\n",
                "+4 ~0 =0 3: label L4 is X's already; everyone needs a label of their own | \
                 5: outguide's own label for it, L5H, is in use already; give this custodian another label",
                "custodian L1P 1 | custodian L2N 2 | custodian L4 3 | custodian L5H 4 | custodian R5 5 | custodian L6F 6 | person B-8 1 | \
                 person P19 1 | person B-7 2",
            ),
        ],
    );
}

#[test]
fn people_come_and_go() {
    story(
        "select code, name, left_at_us from person",
        &[
            (
                Kind::People,
                "code,name,left\nmm,Mia Mu,2020-01-31\n",
                "+1 ~0 =0",
                "mm Mia Mu 1580428800000000",
            ),
            (Kind::People, "code,name,left\nmm,Mia Mu,yes\n", "+0 ~0 =1", "mm Mia Mu 1580428800000000"),
            (Kind::People, "code,name,left\nmm,Mia My,no\n", "+0 ~1 =0", "mm Mia My -"),
            (
                Kind::People,
                "code,name\nm m,Mia My\n",
                "+0 ~0 =0 2: code: write it without blanks",
                "mm Mia My -",
            ),
        ],
    );
}
