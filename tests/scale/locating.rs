//! Questions to the real daemon over HTTP, beside an axum server that says hello, which is a process of its own too.

use crate::names::Person;
use crate::scale::building::STRIDE;
use crate::scale::http::Site;
use crate::scale::table::{Figures, rounds, row};
use crate::scale::whole::Running;

/// Clients that ask at once where the rate counts.
const MANY: usize = 8;

/// A question: what it is called, by how many it is asked at once, and what the `count`th client sends to a room with so
/// many charts.
struct Question {
    name: &'static str,
    clients: usize,
    request: fn(&Site, usize, usize) -> String,
}

const QUESTIONS: [Question; 17] = [
    Question {
        name: "JSON, by record number",
        clients: MANY,
        request: |site, _, n| site.search(&format!("{n:07}")),
    },
    Question {
        name: "JSON, by bar code",
        clients: MANY,
        request: |site, _, n| site.search(&format!("V{n}")),
    },
    Question {
        name: "HTML, search by bar code",
        clients: MANY,
        request: |site, _, n| site.post("/locate", "application/x-www-form-urlencoded", &format!("q=V{n}")),
    },
    Question {
        name: "HTML, page of a chart",
        clients: MANY,
        request: |site, _, n| site.get(&format!("/charts/{n}")),
    },
    Question { name: "JSON, by bar code", clients: 1, request: |site, _, n| site.search(&format!("V{n}")) },
    Question {
        name: "JSON, by record number",
        clients: 1,
        request: |site, _, n| site.search(&format!("{n:07}")),
    },
    Question { name: "JSON, by name", clients: 1, request: |site, _, n| site.search(&person(n).name()) },
    Question {
        name: "JSON, by a misspelt name",
        clients: 1,
        request: |site, _, n| site.search(&misspelt(n)),
    },
    Question {
        name: "HTML, search by a misspelt name",
        clients: 1,
        request: |site, _, n| {
            let query = misspelt(n).replace(' ', "+");
            site.post("/locate", "application/x-www-form-urlencoded", &format!("q={query}"))
        },
    },
    Question {
        name: "JSON, history of a volume",
        clients: 1,
        request: |site, _, n| site.get(&format!("/api/v1/volumes/{n}/history")),
    },
    Question {
        name: "HTML, what a clinic has, by terminal digits",
        clients: 1,
        request: |site, _, _| site.get("/custodians/2"),
    },
    Question {
        name: "HTML, shelves of the file room",
        clients: 1,
        request: |site, _, _| site.get("/custodians/1"),
    },
    Question {
        name: "HTML, pull list of 200 by terminal digits",
        clients: 1,
        request: |site, _, _| site.get("/pulls/1"),
    },
    Question { name: "HTML, first page", clients: 1, request: |site, _, _| site.get("/") },
    Question {
        name: "HTML, wall: pulls, overdue, missing",
        clients: 1,
        request: |site, _, _| site.get("/wall"),
    },
    Question {
        name: "HTML, sent and never arrived",
        clients: 1,
        request: |site, _, _| site.get("/arrivals"),
    },
    Question { name: "HTML, missing charts", clients: 1, request: |site, _, _| site.get("/missing") },
];

/// Pages that clerks have open, and how many bytes each may have.
const PAGES: [&str; 14] = [
    "/",
    "/charts/1",
    "/custodians",
    "/custodians/1",
    "/custodians/2",
    "/pulls",
    "/pulls/1",
    "/requests",
    "/missing",
    "/arrivals",
    "/notices",
    "/work",
    "/stations/s1",
    "/help",
];
const PAGE_BYTES_MAX: usize = 50_000;

/// Rows of the table, and what they are to hello.
pub(crate) fn measure(rooms: [&Running; 2], hello: &Site) {
    let greeted = rounds(|_| hello.load(MANY, &|_| hello.get("/")));
    let hello_rate = greeted[0].rate.max(greeted[1].rate);
    row("axum hello, 8 at once", greeted);
    let mut of_hello = Vec::new();
    for Question { name, clients, request } in &QUESTIONS {
        let figures = rounds(|which| {
            let (site, charts) = (&rooms[which].site, rooms[which].charts);
            site.load(*clients, &|count| request(site, count, count * STRIDE % charts + 1))
        });
        row(&format!("{name}, {clients} at once"), figures);
        if *clients == MANY {
            of_hello.push((*name, figures));
        }
    }
    println!();
    println!("| of axum hello's rate, 8 at once | small | large |");
    println!("| --- | --- | --- |");
    for (name, [few, many]) in of_hello {
        let share = |one: Figures| 100.0 * one.rate / hello_rate;
        println!("| {name} | {:.0} % | {:.0} % |", share(few), share(many));
    }
}

/// What the main pages of the large room weigh.
pub(crate) fn weigh(room: &Running) {
    println!("| page | bytes | below {PAGE_BYTES_MAX} |");
    println!("| --- | --- | --- |");
    for page in PAGES {
        let bytes = room.site.ask(&room.site.get(page)).len();
        println!("| {page} | {bytes} | {} |", if bytes < PAGE_BYTES_MAX { "yes" } else { "NO" });
    }
}

fn person(number: usize) -> Person {
    Person::new(number as u64)
}

/// Given name and surname with two letters of the latter swapped.
fn misspelt(number: usize) -> String {
    let person = person(number);
    let mut letters: Vec<char> = person.surname.chars().collect();
    let middle = letters.len() / 2;
    letters.swap(middle - 1, middle);
    format!("{} {}", person.given, letters.into_iter().collect::<String>())
}
