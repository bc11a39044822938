//! A schedule of appointments as a clinic's system exports it: bytes in, lines out. Unlike the other lists it comes while the
//! daemon runs, every day, so it is read whole and given to the store as one change.

use super::columns::{Columns, Mapping};
use super::date::{DateOrder, NoDate, date};
use super::names::{Field, SCHEDULE};
use super::table::separator;
use crate::store::{AppointmentLine, Unread};
use crate::tracking::Mrn;
use csv::StringRecord;
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Most lines of a schedule: a week of a large hospital's clinics.
pub const LINES_MAX: usize = 20_000;
/// Bytes in which the separator is looked for.
const HEAD_BYTES: usize = 4096;

/// How a schedule is to be read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Which columns say what, beyond what their names tell.
    pub mapping: Mapping,
    /// How dates between slashes are read; `None`: only where there is one way.
    pub dates: Option<DateOrder>,
    /// The zone of the room's clocks.
    pub zone: TimeZone,
    /// When it came.
    pub now: Timestamp,
}

/// What a schedule says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schedule {
    /// Its appointments.
    pub lines: Vec<AppointmentLine>,
    /// Lines that make no sense, and why.
    pub refused: Vec<Unread>,
    /// Columns whose name is not the field's own, and what they were read as.
    pub read_as: Vec<(String, &'static str)>,
}

/// Reads a schedule.
///
/// # Errors
/// Its header does not say what is needed, or it is longer than a schedule can be; the text says what to do.
pub fn read(bytes: &[u8], reading: &Reading) -> Result<Schedule, String> {
    let (encoding, _) = Encoding::for_bom(bytes)
        .unwrap_or((if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 }, 0));
    let (text, ..) = encoding.decode(bytes);
    let (delimiter, skip) = separator(text.as_bytes().get(..HEAD_BYTES).unwrap_or(text.as_bytes()));
    let mut table = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut records = table.records().skip(usize::from(skip));
    let header = records.next().ok_or("the schedule is empty; its first line must name the columns")?;
    let header = header.map_err(|error| format!("the header cannot be read: {error}"))?;
    // The advice for the command line is none here.
    let columns = Columns::find(SCHEDULE, &header, &reading.mapping).map_err(|why| {
        why.replace("--map 'field=column' names a column", "say start=Appt Time for another name")
    })?;
    let says_when = columns.has(Field::Start) || (columns.has(Field::Date) && columns.has(Field::Time));
    if !says_when {
        return Err("no column says when: there must be `start`, or `date` and `time`; map them, such as \
                    start=Appointment Time"
            .to_owned());
    }
    let mut schedule = Schedule { read_as: columns.read_as().to_vec(), ..Schedule::default() };
    for (record, number) in records.zip(2_u64..) {
        if schedule.lines.len() + schedule.refused.len() >= LINES_MAX {
            return Err(format!(
                "the schedule has more than {LINES_MAX} lines; send it in parts, by clinic and day"
            ));
        }
        let number =
            record.as_ref().ok().and_then(StringRecord::position).map_or(number, csv::Position::line);
        let unread = |why, of| Unread { line: number, why, of };
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                schedule.refused.push(unread(format!("cannot be read: {error}"), None));
                continue;
            }
        };
        if record.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        match line(number, &record, &columns, reading) {
            Ok(line) => schedule.lines.push(line),
            Err(why) => schedule.refused.push(unread(why, of(&record, &columns, reading))),
        }
    }
    Ok(schedule)
}

fn line(
    number: u64,
    record: &StringRecord,
    columns: &Columns,
    reading: &Reading,
) -> Result<AppointmentLine, String> {
    let mrn = columns.required(record, Field::Mrn)?;
    let mrn = Mrn::parse(&mrn).ok_or_else(|| {
        "mrn: write letters and digits, with `-`, `.`, `/` or blanks between them".to_owned()
    })?;
    let clinic = columns.required(record, Field::Clinic)?.into_owned();
    let start = start(record, columns, reading)?;
    let text = |field| Ok::<_, String>(columns.optional(record, field)?.map(|text| text.into_owned()));
    Ok(AppointmentLine {
        line: number,
        id: text(Field::Appointment)?,
        mrn,
        clinic,
        start,
        provider: text(Field::Provider)?,
        is_cancelled: text(Field::State)?.is_some_and(|state| is_cancelled(&state)),
    })
}

/// Of which clinic and day a line is that cannot be read as a whole.
fn of(record: &StringRecord, columns: &Columns, reading: &Reading) -> Option<(String, Date)> {
    let clinic = columns.required(record, Field::Clinic).ok()?.into_owned();
    let start = columns.optional(record, Field::Start).ok()?;
    let day = match &start {
        Some(start) => match start.parse::<Timestamp>() {
            Ok(at) => at.to_zoned(reading.zone.clone()).date(),
            Err(_) => self::day(start.split([' ', 'T']).next()?, reading).ok()?,
        },
        None => self::day(&columns.required(record, Field::Date).ok()?, reading).ok()?,
    };
    Some((clinic, day))
}

/// Words that schedules write for what does not take place, English and German.
fn is_cancelled(state: &str) -> bool {
    let state = state.to_lowercase();
    ["cancel", "no show", "no-show", "noshow", "deleted", "storniert", "abgesagt", "gelöscht"]
        .iter()
        .any(|word| state.contains(word))
}

fn start(record: &StringRecord, columns: &Columns, reading: &Reading) -> Result<Timestamp, String> {
    let (day, hour) = match columns.optional(record, Field::Start)? {
        Some(start) => {
            // An RFC 3339 time needs no zone of ours.
            if let Ok(at) = start.parse::<Timestamp>() {
                return Ok(at);
            }
            let (day, hour) =
                start.split_once([' ', 'T']).ok_or("start: write date and time, such as 2026-11-22 10:40")?;
            (day.to_owned(), hour.to_owned())
        }
        None => (
            columns.required(record, Field::Date)?.into_owned(),
            columns.required(record, Field::Time)?.into_owned(),
        ),
    };
    let day = self::day(&day, reading)?;
    let hour = time(hour.trim()).ok_or("time: write it as 10:40 or 10:40 AM")?;
    // An hour that the clocks leave out or show twice is the later or the earlier: near enough to pull a chart for.
    let at = day.to_datetime(hour).to_zoned(reading.zone.clone());
    at.map(|at| at.timestamp()).map_err(|_| "the time is none that clocks show".to_owned())
}

fn day(text: &str, reading: &Reading) -> Result<Date, String> {
    let today = reading.now.to_zoned(reading.zone.clone()).date();
    let latest = today.checked_add(2.years()).unwrap_or(today);
    date(text, reading.dates, latest).map_err(|error| match error {
        NoDate::Bad(why) => {
            format!("date: {}", why.replace("is in the future", "is more than two years ahead"))
        }
        NoDate::Ambiguous => {
            "date: could be day/month or month/day; say which when you send the schedule".to_owned()
        }
    })
}

/// Times as exports write them: 9:00, 09:00:00, 0900, 9.00, 9:00 AM.
fn time(text: &str) -> Option<Time> {
    let lower = text.to_lowercase();
    let (digits, noon) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(digits), _) => (digits, Some(0)),
        (_, Some(digits)) => (digits, Some(12)),
        _ => (lower.as_str(), None),
    };
    let digits = digits.trim().trim_end_matches("uhr").trim();
    let parts: Vec<&str> = digits.split([':', '.']).collect();
    let (hour, minute) = match parts.as_slice() {
        [both] if both.len() == 4 => both.split_at_checked(2)?,
        [hour] if noon.is_some() => (*hour, "0"),
        [hour, minute] | [hour, minute, _] => (*hour, *minute),
        _ => return None,
    };
    let (hour, minute): (i8, i8) = (hour.parse().ok()?, minute.parse().ok()?);
    let hour = match noon {
        Some(noon) if (1..=12).contains(&hour) => hour % 12 + noon,
        Some(_) => return None,
        None => hour,
    };
    Time::new(hour, minute, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading() -> Reading {
        Reading {
            mapping: Mapping::default(),
            dates: None,
            zone: TimeZone::get("Europe/Zurich").unwrap(),
            now: "2026-11-22T09:42:00Z".parse().unwrap(),
        }
    }

    fn check(bytes: &[u8], expect: &[&str]) {
        let told = match read(bytes, &reading()) {
            Err(why) => vec![why],
            Ok(schedule) => {
                let line = |line: &AppointmentLine| {
                    let (id, provider) = (line.id.as_deref(), line.provider.as_deref());
                    let gone = if line.is_cancelled { " cancelled" } else { "" };
                    format!(
                        "{} {} {} {} {id:?} {provider:?}{gone}",
                        line.line,
                        line.mrn.key(),
                        line.clinic,
                        line.start
                    )
                };
                let refused = schedule.refused.iter().map(|unread| {
                    let of = unread.of.as_ref().map(|(clinic, day)| format!(" (of {clinic}, {day})"));
                    format!("{}: {}{}", unread.line, unread.why, of.unwrap_or_default())
                });
                schedule.lines.iter().map(line).chain(refused).collect()
            }
        };
        assert_eq!(told.len(), expect.len(), "{told:?}");
        for (told, expect) in told.iter().zip(expect) {
            assert!(told.starts_with(expect), "{told}");
        }
    }

    #[test]
    fn schedules_as_systems_write_them() {
        check(
            b"mrn,clinic,start\n00-12,CLIN,2026-11-23 09:00\n13,CLIN,2026-11-23T10:40:00Z\n",
            &["2 12 CLIN 2026-11-23T08:00:00Z None None", "3 13 CLIN 2026-11-23T10:40:00Z"],
        );
        check(
            "Termin-Nr;Patientennummer;Klinik;Datum;Uhrzeit;Arzt;Status\nA7;12;Auge;23.11.2026;9.30;Dr. Lä;abgesagt\n".as_bytes(),
            &["2 12 Auge 2026-11-23T08:30:00Z Some(\"A7\") Some(\"Dr. Lä\") cancelled"],
        );
        check(
            b"Appt ID\tMRN\tDepartment\tDate\tTime\tDoctor\n1\t=\"0012\"\tHeart\t11/23/2026\t1:05 PM\tL\xe4\n",
            &["2 12 Heart 2026-11-23T12:05:00Z Some(\"1\") Some(\"Lä\")"],
        );
    }

    #[test]
    fn what_makes_no_sense_is_told_with_its_line() {
        check(
            "mrn,clinic,date,time\n,A,2026-11-23,9:00\n1,,2026-11-23,9:00\n1,A,3/4/2026,9:00\n1,A,2026-11-23,25:00\n\
             1,A,2226-11-23,9:00\n1,\u{202e}A,2026-11-23,9:00\n<b>,A,2026-11-23,9:00\n1,A,2026-11-23,noon\n"
                .as_bytes(),
            &[
                "2: mrn is empty",
                "3: clinic is empty",
                "4: date: could be day/month",
                "5: time: write it as 10:40 or 10:40 AM (of A, 2026-11-23)",
                "6: date: is more than two years ahead",
                "7: clinic has control characters",
                "8: mrn: write letters",
                "9: time: write it",
            ],
        );
        check(b"", &["the schedule is empty"]);
        check(b"mrn,clinic\n1,A\n", &["no column says when"]);
        check(b"mrn,start\n1,A\n", &["the header lacks `clinic`"]);
    }

    #[test]
    fn times() {
        for (text, expect) in [
            ("9:00", "09:00:00"),
            ("0930", "09:30:00"),
            ("9.30", "09:30:00"),
            ("23:59:59", "23:59:00"),
            ("12:00 AM", "00:00:00"),
            ("12:05pm", "12:05:00"),
            ("3 PM", "15:00:00"),
            ("10:40 Uhr", "10:40:00"),
        ] {
            assert_eq!(time(text).map(|time| time.to_string()).as_deref(), Some(expect), "{text}");
        }
        for text in ["", "930", "24:00", "13:00 PM", "9:60", "x", "-1:00", "0 am"] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
