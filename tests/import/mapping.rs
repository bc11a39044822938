//! Which column says what.

use super::*;

/// The report of one line of charts under a header and a mapping.
fn check(header: &str, map: &str, expect: &str) {
    let room = Room::new();
    let found = Mapping::parse(map).and_then(|mapping| {
        let list = List { mapping, ..room.list(Kind::Charts, format!("{header}\n").as_bytes()) };
        room.run(&list).map_err(|error| error.to_string())
    });
    let said = match found {
        Ok(report) => {
            let read: Vec<_> =
                report.read_as.iter().map(|(column, field)| format!("{column}={field}")).collect();
            format!("{} / {}", read.join(","), report.ignored_columns.join(","))
        }
        Err(error) => error.rsplit_once("csv:1: ").map_or(error.as_str(), |(_, what)| what).to_owned(),
    };
    assert_eq!(said, expect, "{header} with {map:?}");
}

#[test]
fn common_names_are_recognised() {
    check("mrn,label,home", "", " / ");
    check("MRN,Label,Home,Record-Type", "", " / ");
    check(
        "Medical Record Number,Barcode,File Area,DOB,Patient Name,Blood group",
        "",
        "Medical Record Number=mrn,Barcode=label,File Area=home,Patient Name=name,DOB=born / Blood group",
    );
    check(
        "Akten-Nr.;Strichcode;Archiv;Nachname;Vorname;Geburtsdatum;Kasse",
        "",
        "Akten-Nr.=mrn,Strichcode=label,Archiv=home,Nachname=last_name,Vorname=first_name,Geburtsdatum=born / Kasse",
    );
    // The field's own name wins over another that it goes by.
    check("mrn,Patient ID,label,home", "", " / Patient ID");
    check("mrn,label,home,name,Surname", "", " / Surname");
}

#[test]
fn a_mapping_says_what_names_do_not() {
    check("No,Code,Area", "mrn=No, label = code ,home=AREA", "No=mrn,Code=label,Area=home / ");
    check("No,Code,Area", "# remark\nmrn=No\n\nlabel=Code\nhome=Area\n", "No=mrn,Code=label,Area=home / ");
    // What the mapping says wins over names.
    check("mrn,Patient ID,label,home", "mrn=Patient ID", "Patient ID=mrn / mrn");
    check("mrn,Patient ID,Chart No,label,home", "mrn=Chart No", "Chart No=mrn / mrn,Patient ID");
}

#[test]
fn mistakes_name_the_column_and_the_nearest() {
    check(
        "mrn,label",
        "",
        "the header lacks `home`; it has `mrn`, `label`; --map 'field=column' names a column",
    );
    check(
        "mrn,label,Home area",
        "",
        "the header lacks `home`; it has `mrn`, `label`, `Home area`; is `Home area` meant? then --map 'home=Home area'; --map 'field=column' names a column",
    );
    check(
        "mrn:label:home",
        "",
        "the header lacks `mrn`, `label`, `home`; it has `mrn:label:home`; is `mrn:label:home` really one column? columns are separated by , ; | or tabs; --map 'field=column' names a column",
    );
    check("mrn,MRN,label,home", "", "the header names column `mrn` twice; keep one of them");
    check(
        "Patient ID,Chart No,label,home",
        "",
        "both `Patient ID` and `Chart No` could be mrn; say which with --map 'mrn=Patient ID'",
    );
    check(
        "mrn,label,home",
        "mrn=Pat No",
        "the mapping names column `Pat No`, which the header does not have; it has `mrn`, `label`, `home`",
    );
    check(
        "Patient No.,label,home",
        "mrn=Patient Nr",
        "the mapping names column `Patient Nr`, which the header does not have; is `Patient No.` meant?; it has `Patient No.`, `label`, `home`",
    );
    check("a,b,label,home", "mrn=a,mrn=b", "the mapping reads both `a` and `b` as mrn; keep one of them");
    check(
        "a,b,c",
        "mrn=a,label=a,home=c",
        "the mapping reads `a` both as mrn and as label; keep one of them",
    );
    check(
        "a,b,c",
        "mrn=a,colour=b",
        "the mapping names the field `colour`, which this list does not have; it has `mrn`, `label`, `home`, `volume`, `record_type`, `location`, `name`, `last_name`, `first_name`, `born`, `state`, `temporary_for`, `restricted`",
    );
    check("a", "mrn", "`mrn` in the mapping is no pair; write field=column, such as mrn=Patient No");
}
