//! The demo's file room: custodians, stations, and charts in terminal-digit order.

use crate::label::CheckScheme;
use std::fmt::Write;

/// How many charts the demo's file room has.
const CHARTS: u32 = 4_000;

/// Code, name, kind, telephone, what it is part of. The custodian at place `n` has the number `n + 1`.
pub(super) const CUSTODIANS: [(&str, &str, &str, &str, &str); 17] = [
    ("FILE", "File room", "file-area", "1100", ""),
    ("CARD", "Cardiology clinic", "clinic", "2210", ""),
    ("SURG", "Surgery clinic", "clinic", "2340", ""),
    ("PEDS", "Pediatrics clinic", "clinic", "2415", ""),
    ("ORTH", "Orthopedics clinic", "clinic", "2522", ""),
    ("EMER", "Emergency", "clinic", "2000", ""),
    ("W3E", "Ward 3 East", "ward", "3301", ""),
    ("W5W", "Ward 5 West", "ward", "3502", ""),
    ("RAD", "Radiology reading room", "clinic", "2780", ""),
    ("CODE", "Coding office", "office", "1140", ""),
    ("ROI", "Release of information", "office", "1150", ""),
    ("OFFS", "Off-site store", "off-site", "1190", ""),
    ("SORT", "Sorting shelf", "sorting", "1101", ""),
    ("CARD-O", "Cardiology offices", "office", "2215", "CARD"),
    ("SURG-O", "Surgery offices", "office", "2345", "SURG"),
    ("PEDS-O", "Pediatrics offices", "office", "2418", "PEDS"),
    ("ORTH-O", "Orthopedics offices", "office", "2528", "ORTH"),
];

/// Names of the demo's patients; nobody's.
const SURNAMES: [&str; 40] = [
    "Garcia",
    "Smith",
    "Nguyen",
    "Johnson",
    "Núñez",
    "Müller",
    "O'Brien",
    "Kowalski",
    "van der Berg",
    "Silva",
    "Kim",
    "Smith-Jones",
    "Rossi",
    "Wałęsa",
    "Haddad",
    "Okafor",
    "Larsen",
    "Møller",
    "McDonald",
    "Tanaka",
    "Cohen",
    "Yilmaz",
    "Petrov",
    "Dubois",
    "Ferrari",
    "Novak",
    "Schmidt",
    "Meyer",
    "Brown",
    "Lopez",
    "Ali",
    "Singh",
    "Chen",
    "Jensen",
    "García Márquez",
    "de la Cruz",
    "St. John",
    "Fischer",
    "Weber",
    "Moreau",
];
const GIVEN_NAMES: [&str; 32] = [
    "Maria", "John", "Anna", "José", "Linh", "Mary-Ann", "Peter", "Fatima", "Jürgen", "Åse", "Łukasz",
    "Grace", "Omar", "Ingrid", "Paul", "Chiara", "David", "Aiko", "Elena", "Thomas", "Zoë", "Samuel", "Nora",
    "Ewan", "Sofia", "Ben", "Carmen", "Jan", "Leila", "Marc", "Ruth", "Henri",
];

/// A station of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Desk {
    /// Its key.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Code of its custodian.
    pub custodian: &'static str,
}

/// The stations of the demo.
const DESKS: [Desk; 3] = [
    Desk { name: "file-room-desk", title: "File room desk", custodian: "FILE" },
    Desk { name: "cardiology-in-tray", title: "Cardiology in-tray", custodian: "CARD" },
    Desk { name: "surgery-in-tray", title: "Surgery in-tray", custodian: "SURG" },
];

/// A station where labels say what is done, to be tried by whoever watches the demo: the script leaves it alone.
const COUNTER: Desk = Desk { name: "file-room-counter", title: "File room counter", custodian: "FILE" };

/// A volume of the demo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Its label.
    pub label: String,
    /// The number of its chart, six digits.
    pub number: u32,
    /// Code of the custodian who has it.
    pub place: &'static str,
}

/// Charts and custodians of a seed.
#[derive(Debug, Clone)]
pub struct World {
    /// Custodians as a CSV file.
    pub custodians_csv: String,
    /// Charts as a CSV file; about one in twelve is away.
    pub charts_csv: String,
    /// All volumes.
    pub volumes: Vec<Volume>,
}

impl World {
    /// The file room of a seed.
    pub fn new(seed: u64) -> World {
        World::with_charts(seed, CHARTS)
    }

    /// The file room of a seed with so many charts, 4,000 at most.
    pub fn with_charts(seed: u64, charts: u32) -> World {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut world = World {
            custodians_csv: custodians_csv(),
            charts_csv: "mrn,volume,label,home,location,last_name,first_name,born\n".into(),
            volumes: Vec::new(),
        };
        let mut numbers: Vec<u32> = (100_000..999_999).step_by(211).collect();
        random.shuffle(&mut numbers);
        for number in numbers.into_iter().take(charts as usize) {
            let volumes = match random.u32(0..100) {
                0..80 => 1,
                80..95 => 2,
                _ => 3,
            };
            let patient = patient(&mut random);
            for volume in 1..=volumes {
                world.add_volume(number, volume, &patient, &mut random);
            }
        }
        world
    }

    /// The stations.
    pub fn desks() -> [Desk; 3] {
        DESKS
    }

    /// The station that is kept free for whoever watches.
    pub fn counter() -> Desk {
        COUNTER
    }

    /// The label of the place that is sent to first when the counter is tried, and of a chart.
    pub fn to_try(&self) -> (String, String) {
        let at_home = self.volumes.iter().find(|volume| volume.place == "FILE");
        (own_label('L', 2), at_home.map_or_else(String::new, |volume| volume.label.clone()))
    }

    fn add_volume(&mut self, number: u32, volume: u32, patient: &str, random: &mut fastrand::Rng) {
        let label = own_label('V', self.volumes.len() as u64 + 1001);
        let away = random.u32(0..12) == 0;
        let place = random.choice(CUSTODIANS).filter(|_| away).map_or("FILE", |(code, ..)| code);
        let (left, middle, right) = (number / 10_000, number / 100 % 100, number % 100);
        // Writing to a string cannot fail.
        let _ = writeln!(
            self.charts_csv,
            "{left:02}-{middle:02}-{right:02},{volume},{label},FILE,{place},{patient}"
        );
        self.volumes.push(Volume { label, number, place });
    }
}

/// Surname, given name and date of birth of somebody; the first names of the lists are more frequent.
fn patient(random: &mut fastrand::Rng) -> String {
    let mut one = |names: &[&'static str]| {
        let at = random.usize(0..names.len()).min(random.usize(0..names.len()));
        names.get(at).copied().unwrap_or_default()
    };
    let (surname, given) = (one(&SURNAMES), one(&GIVEN_NAMES));
    let born = (random.u32(1930..2020), random.u32(1..13), random.u32(1..29));
    format!("{surname},{given},{}-{:02}-{:02}", born.0, born.1, born.2)
}

/// A label of Outguide's own: kind letter, number, ISO 7064 check character.
pub(super) fn own_label(kind: char, number: u64) -> String {
    let text = format!("{kind}{number}");
    let check = CheckScheme::Iso7064Mod37_36.compute(&text).unwrap_or_default();
    format!("{text}{check}")
}

/// Clinics have mail, others get slips; the tote is the last.
fn custodians_csv() -> String {
    let mut csv = "code,name,kind,phone,parent,filing,mail\n".to_owned();
    for (code, name, kind, phone, parent) in CUSTODIANS {
        let mail =
            if kind == "clinic" { format!("{}@demo.example", code.to_lowercase()) } else { String::new() };
        let _ = writeln!(csv, "{code},{name},{kind},{phone},{parent},td-2-2,{mail}");
    }
    csv += "TOTE-1,Tote 1,box,,FILE,td-2-2,\n";
    csv
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_file_room() {
        let (one, again, other) = (World::new(1), World::new(1), World::new(2));
        assert_eq!(one.charts_csv, again.charts_csv);
        assert_ne!(one.charts_csv, other.charts_csv);
        assert!(one.volumes.len() > CHARTS as usize, "some charts have more than one volume");
        let (place, chart) = one.to_try();
        assert!(place.starts_with("L2") && chart.starts_with('V'));
        assert!(World::desks().iter().all(|desk| *desk != World::counter()));
    }
}
