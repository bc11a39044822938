//! Lists of charts, line by line.

use super::*;

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
