//! No statement behind a page, a scan or a task walks through a table that grows with the file room. The statements are
//! read from the sources of this room, so that a new one is looked at without anybody thinking of it.

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Tables with a row for each patient, folder, scan or view.
const LARGE: [&str; 12] = [
    "volume",
    "movement",
    "scan",
    "audit",
    "audit_chart",
    "patient",
    "patient_word",
    "patient_change",
    "mrn",
    "chart",
    "label",
    "missing_case",
];

/// What may walk through all, because nobody waits for it at a page or a scanner.
const WHOLE: [(&str, &str, &str); 9] = [
    ("moving.rs", "", "some numbers at a time, in two files"),
    ("verify.rs", "", "checks every row"),
    ("contents.rs", "", "copies and compares every row"),
    ("upgrade.rs", "", "compares every row with a copy"),
    ("drill.rs", "", "the last row, by its number"),
    ("migrate.rs", "", "changes the schema"),
    ("figures.rs", "", "figures over all cases and notices"),
    ("before_since.rs", "select count(*) from missing_case", "a figure over all cases"),
    (
        "told.rs",
        "select case_id, chart_id, closed_at_us from missing_case",
        "the newest cases, until there are enough",
    ),
];

/// What stands for a part of a statement that the code chooses.
const CHOSEN: [(&str, &str, &[&str]); 8] = [
    (
        "lists.rs",
        "condition",
        &[
            "volume.at_id = :id and volume.at_id <> volume.home_id",
            "volume.home_id = :id and volume.at_id = :id",
        ],
    ),
    ("filing.rs", "charts", &["select ?1"]),
    ("chart.rs", "which", &["chart_id = ?1"]),
    ("facts.rs", "which", &["custodian_id = ?1"]),
    ("facts.rs", "PLACES_MAX", &["9"]),
    ("views.rs", "column", &["answerable_id", "needed_by_id"]),
    (
        "veil.rs",
        "sql",
        &[
            "?1",
            "select chart_id from volume where volume_id = ?1",
            "select chart_id from missing_case join volume using (volume_id) where case_id = ?1",
            "select chart_id from request join volume using (volume_id) where request_id = ?1",
            "select chart_id from chart where mrn_key = ?1",
        ],
    ),
    ("ask.rs", "which", &["volume_id = ?1", "chart_id = ?1"]),
];

/// A string of a source file.
struct Text {
    file: PathBuf,
    /// Of the constant that it is.
    name: Option<String>,
    text: String,
}

fn name_of(file: &Path) -> &str {
    file.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// All files of this room that ship.
fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "tests") {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") && name_of(&path) != "tests.rs" {
            found.push(path);
        }
    }
}

/// The strings of the part of a file that ships, with continued lines joined, as the compiler reads them.
fn strings(file: &Path) -> Vec<Text> {
    let source = std::fs::read_to_string(file).unwrap();
    let ships = source.split("\nmod tests {").next().unwrap_or_default();
    let code: String =
        ships.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let code = code.replace("'\"'", "' '").replace("b'\"'", "' '");
    let mut found = Vec::new();
    let mut rest = code.as_str();
    while let Some(start) = rest.find('"') {
        let (before, after) = (&rest[..start], &rest[start + 1..]);
        let (mut text, mut end, mut letters) = (String::new(), after.len(), after.char_indices().peekable());
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    end = at + 1;
                    break;
                }
                '\\' => match letters.next() {
                    Some((_, '\n')) => while letters.next_if(|(_, next)| next.is_whitespace()).is_some() {},
                    Some((_, other)) => text.push(other),
                    None => {}
                },
                other => text.push(other),
            }
        }
        let declared = before.trim_end().strip_suffix("=").and_then(|head| {
            let (_, constant) = head.rsplit_once("const ")?;
            let (name, kind) = constant.split_once(':')?;
            kind.trim().ends_with("str").then(|| name.trim().to_owned())
        });
        found.push(Text { file: file.to_owned(), name: declared, text });
        rest = &after[end..];
    }
    found
}

fn is_statement(text: &str) -> bool {
    let start = text.trim_start();
    ["select ", "with ", "update ", "delete ", "insert "].iter().any(|word| start.starts_with(word))
}

/// The statements that a string stands for: constants put in, and whatever the code may choose.
fn statements(text: &Text, constants: &HashMap<(PathBuf, String), String>) -> Vec<String> {
    let mut open = vec![text.text.clone()];
    let mut done = Vec::new();
    while let Some(sql) = open.pop() {
        let hole = sql.find('{').and_then(|start| Some((start, start + sql[start..].find('}')?)));
        let Some((start, end)) = hole else {
            done.push(sql);
            continue;
        };
        let name = &sql[start + 1..end];
        let put = |with: &str| format!("{}{with}{}", &sql[..start], &sql[end + 1..]);
        let chosen = CHOSEN.iter().find(|(file, hole, _)| *file == name_of(&text.file) && *hole == name);
        let of_file = constants.get(&(text.file.clone(), name.to_owned())).map(String::as_str);
        // Of another file: only one can be meant.
        let others: HashSet<&str> = constants
            .iter()
            .filter_map(|((_, known), value)| (known == name).then_some(value.as_str()))
            .collect();
        let constant = of_file.or_else(|| others.iter().copied().next().filter(|_| others.len() == 1));
        match (chosen, constant) {
            (Some((_, _, values)), _) => open.extend(values.iter().map(|value| put(value))),
            (None, Some(value)) => open.push(put(value)),
            (None, None) => panic!("say in CHOSEN what {{{name}}} of {} stands for", text.file.display()),
        }
    }
    done
}

/// The table that a name in a statement means.
fn meant<'a>(sql: &'a str, name: &'a str) -> Vec<&'a str> {
    let ends = |c: char| !c.is_alphanumeric() && c != '_';
    // What a statement names itself is as small as what it is made from.
    if sql.contains(&format!(" {name} (")) || sql.contains(&format!("{name} as (")) {
        return Vec::new();
    }
    let words: Vec<&str> = sql.split(ends).filter(|word| !word.is_empty() && *word != "as").collect();
    let pairs = words.iter().zip(words.iter().skip(1));
    let mut meant: Vec<_> = pairs
        .filter(|(table, alias)| **alias == name && LARGE.contains(*table))
        .map(|(table, _)| *table)
        .collect();
    meant.extend(LARGE.iter().find(|table| **table == name));
    meant
}

/// The steps of a statement's plan that walk through a large table. A partial index is small.
fn walks(conn: &Connection, sql: &str) -> Result<Vec<String>, rusqlite::Error> {
    let mut statement = conn.prepare(&format!("explain query plan {sql}"))?;
    let steps: Vec<String> = statement.raw_query().mapped(|row| row.get(3)).collect::<Result<_, _>>()?;
    let is_partial = |index: &str| -> bool {
        let text = "select exists (select 1 from sqlite_schema where name = ?1 and sql like '% where %')";
        conn.query_row(text, [index], |row| row.get(0)).unwrap()
    };
    let walks = |step: &String| {
        let words: Vec<&str> = step.split(' ').collect();
        let is_walk = words.first() == Some(&"SCAN") || step.contains("AUTOMATIC");
        let index = words.iter().skip_while(|word| **word != "INDEX").nth(1);
        // A view over both files shows what it reads of each.
        let table = words.get(1).copied().unwrap_or_default().trim_start_matches("main.");
        is_walk && !meant(sql, table).is_empty() && !index.is_some_and(|index| is_partial(index))
    };
    Ok(steps.into_iter().filter(walks).collect())
}

#[test]
fn no_statement_walks_through_what_grows() {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(include_str!("../schema.sql")).unwrap();
    crate::store::archive::attach_none(&conn).unwrap();
    // As the store asks: plans do not depend on values.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).unwrap();
    let mut sources = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store"), &mut sources);
    let texts: Vec<Text> = sources.iter().flat_map(|file| strings(file)).collect();
    let constants: HashMap<_, _> = texts
        .iter()
        .filter_map(|text| Some(((text.file.clone(), text.name.clone()?), text.text.clone())))
        .collect();
    let is_used = |name: &str| texts.iter().any(|text| text.text.contains(&format!("{{{name}}}")));
    let (mut count, mut wrong) = (0, Vec::new());
    for text in &texts {
        let begins_with_constant = text.text.trim_start().strip_prefix('{').and_then(|rest| {
            let name = rest.split('}').next()?.to_owned();
            constants.get(&(text.file.clone(), name)).filter(|value| is_statement(value))
        });
        let is_part = text.name.as_deref().is_some_and(is_used);
        let begins = |start: &str| text.text.trim_start().starts_with(start);
        let is_whole = WHOLE.iter().any(|(file, start, _)| *file == name_of(&text.file) && begins(start))
            || text.file.components().any(|part| part.as_os_str() == "import");
        if is_part || is_whole || !(is_statement(&text.text) || begins_with_constant.is_some()) {
            continue;
        }
        for sql in statements(text, &constants) {
            count += 1;
            match walks(&conn, &sql) {
                Ok(steps) if steps.is_empty() => {}
                Ok(steps) => wrong.push(format!("{}: {steps:?}\n{sql}", text.file.display())),
                Err(error) => wrong.push(format!("{}: {error}\n{sql}", text.file.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(count > 450, "the statements have moved: {count}");
}

#[test]
fn a_walk_is_seen() {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(include_str!("../schema.sql")).unwrap();
    crate::store::archive::attach_none(&conn).unwrap();
    let check = |sql: &str, expect: usize| assert_eq!(walks(&conn, sql).unwrap().len(), expect, "{sql}");
    check("select 1 from volume v where v.worn_at_us > ?1", 1);
    check("select 1 from patient where name = ?1", 1);
    check("select 1 from movement as m join volume using (volume_id) where m.operator = ?1", 1);
    check("select count(*) from any_movement m join volume using (volume_id) where m.operator = ?1", 1);
    check("select count(*) from any_movement m join volume using (volume_id) where m.movement_no > ?1", 0);
    check("select 1 from volume where volume_id = ?1", 0);
    check("select 1 from volume where due_at_us < ?1", 0);
    check("select count(*) from volume where at_id <> home_id", 0);
}
