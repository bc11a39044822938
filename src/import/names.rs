//! What lists can say, and by which names columns say it.

use super::Kind;

/// Something that a column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Mrn,
    Label,
    Home,
    Location,
    Volume,
    RecordType,
    Name,
    LastName,
    FirstName,
    Born,
    State,
    TemporaryFor,
    Restricted,
    Inpatient,
    Assigner,
    OtherMrns,
    Code,
    Kind,
    Parent,
    Phone,
    Mail,
    Due,
    Filing,
    Closed,
    Left,
    Room,
    Appointment,
    Clinic,
    Start,
    Date,
    Time,
    Provider,
}

/// The columns of a schedule: those that must be there (and `start`, or `date` and `time`), then those that may.
pub(super) const SCHEDULE: (&[Field], &[Field]) = (
    &[Field::Mrn, Field::Clinic],
    &[Field::Start, Field::Date, Field::Time, Field::Appointment, Field::Provider, Field::State],
);

/// The columns of a list of charts whose folders get labels of Outguide's own.
const CHARTS_TO_LABEL: (&[Field], &[Field]) = (
    &[Field::Mrn, Field::Home],
    &[
        Field::Label,
        Field::Volume,
        Field::RecordType,
        Field::Location,
        Field::Name,
        Field::LastName,
        Field::FirstName,
        Field::Born,
        Field::State,
        Field::TemporaryFor,
        Field::Restricted,
    ],
);

/// The columns of a kind of list where folders without a label may get Outguide's own.
pub(super) fn fields_of(kind: Kind, own_labels: bool) -> (&'static [Field], &'static [Field]) {
    if own_labels && kind == Kind::Charts { CHARTS_TO_LABEL } else { fields(kind) }
}

/// The columns of a kind of list: those that must be there, then those that may.
pub(super) fn fields(kind: Kind) -> (&'static [Field], &'static [Field]) {
    use Field as F;
    match kind {
        Kind::Charts => (
            &[F::Mrn, F::Label, F::Home],
            &[
                F::Volume,
                F::RecordType,
                F::Location,
                F::Name,
                F::LastName,
                F::FirstName,
                F::Born,
                F::State,
                F::TemporaryFor,
                F::Restricted,
            ],
        ),
        Kind::Custodians => (
            &[F::Code, F::Name],
            &[F::Kind, F::Parent, F::Phone, F::Mail, F::Due, F::Filing, F::Label, F::Closed, F::Room],
        ),
        Kind::People => (&[F::Code, F::Name], &[F::Label, F::Left]),
        Kind::Patients => (
            &[F::Mrn],
            &[F::Name, F::LastName, F::FirstName, F::Born, F::Assigner, F::OtherMrns, F::Inpatient],
        ),
    }
}

impl Field {
    /// What the column is called in Outguide's own lists.
    pub(super) fn name(self) -> &'static str {
        match self {
            Field::Mrn => "mrn",
            Field::Label => "label",
            Field::Home => "home",
            Field::Location => "location",
            Field::Volume => "volume",
            Field::RecordType => "record_type",
            Field::Name => "name",
            Field::LastName => "last_name",
            Field::FirstName => "first_name",
            Field::Born => "born",
            Field::State => "state",
            Field::TemporaryFor => "temporary_for",
            Field::Restricted => "restricted",
            Field::Inpatient => "inpatient",
            Field::Assigner => "assigner",
            Field::OtherMrns => "other_mrns",
            Field::Code => "code",
            Field::Kind => "kind",
            Field::Parent => "parent",
            Field::Phone => "phone",
            Field::Mail => "mail",
            Field::Due => "due",
            Field::Filing => "filing",
            Field::Closed => "closed",
            Field::Left => "left",
            Field::Room => "room",
            Field::Appointment => "id",
            Field::Clinic => "clinic",
            Field::Start => "start",
            Field::Date => "date",
            Field::Time => "time",
            Field::Provider => "provider",
        }
    }

    /// Other names that spreadsheets give it, as [`plain`] writes them.
    pub(super) fn other_names(self) -> impl Iterator<Item = &'static str> + Clone {
        let names = OTHER_NAMES.iter().find(|(field, _)| *field == self).map_or("", |(_, names)| names);
        names.split_ascii_whitespace()
    }
}

/// Other names of columns, English and German.
const OTHER_NAMES: [(Field, &str); 32] = [
    (
        Field::Mrn,
        "medicalrecordnumber medicalrecordno medrecno mrnumber mrno recordnumber recordno \
         patientid patientno patientnumber patientnr pid chartno chartnumber chartid \
         hospitalnumber hospitalno unitnumber unitno aktennummer aktennr aktenzeichen \
         patientennummer patientennr patientenid patnr",
    ),
    (Field::Room, "roomno roomnumber raum zimmer raumnummer"),
    (
        Field::Label,
        "barcode barcodelabel labelcode labelno volumelabel tag badge badgeno etikett \
         etikettennummer strichcode ausweis ausweisnummer ausweisnr",
    ),
    (
        Field::Home,
        "homelocation filearea filingarea permanentlocation belongsto heimatstandort \
         stammstandort aktenarchiv archiv ablageort",
    ),
    (
        Field::Location,
        "currentlocation locatedat at chargedto chargedoutto signedoutto borrower holder \
         aktuellerstandort standort entleiher ausgeliehenan",
    ),
    (Field::Volume, "vol volumeno volumenumber band bandnr bandnummer"),
    (Field::RecordType, "charttype type aktenart aktentyp art typ"),
    (Field::Name, "patientname patient fullname displayname description patientenname bezeichnung"),
    (Field::LastName, "surname familyname lname nachname familienname zuname"),
    (Field::FirstName, "givenname givennames forename fname vorname vornamen"),
    (
        Field::Born,
        "dob dateofbirth birthdate birthday geburtsdatum geburtstag geboren geborenam gebdatum \
         gebdat",
    ),
    (Field::State, "status chartstatus recordstatus aktenstatus zustand"),
    (Field::TemporaryFor, "temporarychartfor standsinfor ersatzfür ersatzaktefür"),
    (Field::Restricted, "isrestricted confidential vip sperre gesperrt vertraulich"),
    (Field::Inpatient, "isinpatient admitted inward stationär aufgenommen"),
    (Field::Assigner, "assigningauthority issuer issuedby numberedby vergabestelle vergebenvon"),
    (
        Field::OtherMrns,
        "othernumbers othermrn aliases alias oldnumbers oldnumber oldmrn oldmrns formernumbers \
         previousmrn previousmrns weiterenummern altenummern altenummer frühere",
    ),
    (
        Field::Code,
        "custodiancode locationcode id shortname userid login staffid staffno employeeid \
         employeeno kürzel kurzzeichen personalnummer personalnr mitarbeiternummer",
    ),
    (Field::Kind, "type category art typ kategorie"),
    (Field::Parent, "partof parentcode department gehörtzu teilvon übergeordnet abteilung"),
    (Field::Phone, "telephone tel telno phoneno phonenumber extension telefon telefonnummer durchwahl"),
    (Field::Mail, "email emailaddress mailaddress emailadresse"),
    (Field::Due, "duerule dueback loanperiod leihfrist frist rückgabefrist"),
    (Field::Filing, "filingscheme filingorder filingsystem ablagesystem ablageordnung"),
    (Field::Closed, "isclosed closedat closedon geschlossen geschlossenam"),
    (
        Field::Appointment,
        "appointmentid appointmentno appointmentnumber apptid apptno visitid visitno terminid terminnr terminnummer",
    ),
    (
        Field::Clinic,
        "cliniccode clinicname department resource location klinik sprechstunde abteilung ambulanz",
    ),
    (Field::Start, "startsat datetime appointmentstart apptstart begin beginn termin"),
    (Field::Date, "appointmentdate apptdate visitdate day datum termindatum tag"),
    (Field::Time, "appointmenttime appttime visittime starttime uhrzeit zeit terminzeit"),
    (Field::Provider, "doctor physician clinician seenby arzt ärztin behandler"),
    (Field::Left, "leftat lefton leavingdate enddate ausgeschieden ausgeschiedenam austritt"),
];

/// A column's name without case, blanks and punctuation, as names are compared.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_columns_of_one_list() {
        for (required, optional) in Kind::ALL.map(fields).into_iter().chain([SCHEDULE]) {
            let kind = required;
            let mut seen = std::collections::BTreeMap::new();
            for field in required.iter().chain(optional) {
                let own = plain(field.name());
                for name in field.other_names().map(str::to_owned).chain([own]) {
                    assert_eq!(plain(&name), name, "{name} cannot match");
                    let other = seen.insert(name.clone(), *field);
                    assert_eq!(other, None, "{kind:?}: {name} also means {field:?}");
                }
            }
        }
    }
}
