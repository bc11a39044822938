//! Places, holders and people as pages change them, while the daemon runs. What a list may say, a form may say too: the
//! same rules, and an audit row that never holds a telephone number or an address.

use super::change::{Ledger, Stop, Unchanged};
use super::import::{CustodianLine, Ended, PersonLine, custodian_line, person_line};
use super::record::StationFacts;
use super::requests::unfillable::{self, Gone};
use super::{Store, StoreError, filing, hours, known};
use crate::tracking::{CustodianId, DueRule, FilingScheme, Hours, PersonId};
use rusqlite::{OptionalExtension, params};
use std::sync::Arc;

/// Kinds that mean something to the rules; any other word is a holder.
pub const KINDS: [&str; 11] = [
    "site",
    "file-area",
    "shelf",
    "sorting",
    "clinic",
    "ward",
    "person",
    "patient",
    "box",
    "institution",
    "other",
];

/// Longest code and name, in characters.
const CODE_CHARS_MAX: usize = 32;
const TEXT_CHARS_MAX: usize = 120;

/// A custodian as a form has it; empty: none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustodianForm {
    /// What configuration, lists and labels call it; it never changes.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// file-area, clinic, …
    pub kind: String,
    /// Code of the custodian that it is part of.
    pub parent: String,
    /// How to reach it.
    pub phone: String,
    /// Where notices go.
    pub mail: String,
    /// When what it has is due back.
    pub due: String,
    /// Order of its shelves.
    pub filing: String,
    /// Where it is found in the house.
    pub room: String,
    /// When it is open, if not when the file room is; empty: as what it is part of.
    pub hours: Hours,
    /// It takes no charts any more.
    pub is_closed: bool,
}

/// Somebody with a badge, as a page lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    /// Which one.
    pub id: PersonId,
    /// What lists and the journal call them.
    pub code: String,
    /// What people call them.
    pub name: String,
    /// They work here.
    pub is_active: bool,
}

/// Why nothing was changed; says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAllowed(pub String);

pub(super) fn refuse<T>(why: impl Into<String>) -> Result<T, Stop<NotAllowed>> {
    Err(Stop::Refused(NotAllowed(why.into())))
}

impl Store {
    /// What the form of a custodian begins with; `None` if there is none.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn custodian_form(&self, id: CustodianId) -> Result<Option<CustodianForm>, StoreError> {
        self.read("show the form of a custodian", move |conn| {
            conn.prepare_cached(
                "select c.code, c.name, c.kind, coalesce(parent.code, ''), coalesce(c.phone, ''), coalesce(c.mail, ''),
                        c.due_rule, c.filing_scheme, c.closed_at_us is not null, coalesce(c.room, '')
                 from custodian c left join custodian parent on parent.custodian_id = c.parent_id
                 where c.custodian_id = ?1",
            )?
            .query_row(params![id.0], |row| {
                Ok(CustodianForm {
                    code: row.get(0)?,
                    name: row.get(1)?,
                    kind: row.get(2)?,
                    parent: row.get(3)?,
                    phone: row.get(4)?,
                    mail: row.get(5)?,
                    due: row.get(6)?,
                    filing: row.get(7)?,
                    is_closed: row.get(8)?,
                    room: row.get(9)?,
                    hours: hours::own_hours(conn, id)?,
                })
            })
            .optional()
        })
        .await
    }

    /// Adds a custodian, with Outguide's own label.
    ///
    /// # Errors
    /// The code is taken, a field cannot be, or the database failed; nothing is changed.
    pub async fn add_custodian(
        &self,
        form: CustodianForm,
        actor: Option<String>,
    ) -> Result<CustodianId, Unchanged<NotAllowed>> {
        self.change(move |ledger| {
            if find(ledger, &form.code)?.is_some() {
                return refuse(format!(
                    "the code {} is taken; choose another, or change that one",
                    form.code
                ));
            }
            write(ledger, &form)?;
            ledger.audit("custodian", actor.as_deref(), &format!("custodian {} added", form.code))?;
            find(ledger, &form.code)?.map_or_else(|| refuse("the custodian was not added"), Ok)
        })
        .await
    }

    /// Changes everything of a custodian but its code; stations that stand for it know at once.
    ///
    /// # Errors
    /// It is not on file, a field cannot be, it would be part of itself, or the database failed; nothing is changed.
    pub async fn change_custodian(
        &self,
        id: CustodianId,
        form: CustodianForm,
        actor: Option<String>,
    ) -> Result<(), Unchanged<NotAllowed>> {
        self.change(move |ledger| {
            let form = CustodianForm { code: code_of(ledger, id)?, ..form.clone() };
            filing::check_order(ledger, id, &form)?;
            write(ledger, &form)?;
            ledger.audit("custodian", actor.as_deref(), &format!("custodian {} changed", form.code))?;
            Ok(refresh(ledger, id)?)
        })
        .await
    }

    /// A custodian that is closed takes no charts; what is there stays on record there.
    ///
    /// # Errors
    /// It is not on file or is so already, a station stands for it, or the database failed; nothing is changed.
    pub async fn set_custodian_closed(
        &self,
        id: CustodianId,
        is_closed: bool,
        actor: Option<String>,
    ) -> Result<(), Unchanged<NotAllowed>> {
        self.change(move |ledger| {
            let code = code_of(ledger, id)?;
            if is_closed && (ledger.memory.checkpoints.contains(&id) || ledger.memory.desks.contains(&id)) {
                return refuse("a station stands for it; take the station out of the configuration first");
            }
            let at = is_closed.then(|| ledger.now_us());
            let changed = ledger
                .conn
                .prepare_cached(
                    "update custodian set closed_at_us = ?2 where custodian_id = ?1 and (closed_at_us is null) = ?3",
                )?
                .execute(params![id.0, at, is_closed])?;
            let word = if is_closed { "closed" } else { "opened again" };
            if changed == 0 {
                return refuse(format!("it was {word} before; load the page again"));
            }
            if is_closed {
                let why = format!("{code} was closed");
                unfillable::end(ledger.conn, Gone::Place(id), &why, actor.as_deref(), ledger.now_us())?;
            }
            ledger.audit("custodian", actor.as_deref(), &format!("custodian {code} {word}"))?;
            Ok(refresh(ledger, id)?)
        })
        .await
    }

    /// Everybody with a badge, those who left at the end.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn colleagues(&self) -> Result<Vec<Colleague>, StoreError> {
        self.read("list people", |conn| {
            conn.prepare_cached(
                "select person_id, code, name, left_at_us is null from person order by left_at_us is not null, name, code",
            )?
            .query_map([], |row| {
                Ok(Colleague {
                    id: PersonId(row.get(0)?),
                    code: row.get(1)?,
                    name: row.get(2)?,
                    is_active: row.get(3)?,
                })
            })?
            .collect()
        })
        .await
    }

    /// Adds somebody, with a badge of Outguide's own.
    ///
    /// # Errors
    /// The code is taken or cannot be, or the database failed; nothing is changed.
    pub async fn add_person(
        &self,
        code: String,
        name: String,
        actor: Option<String>,
    ) -> Result<PersonId, Unchanged<NotAllowed>> {
        self.change(move |ledger| {
            check_code(&code)?;
            check_name(&name)?;
            let is_taken: bool = ledger
                .conn
                .prepare_cached("select exists (select 1 from person where code = ?1)")?
                .query_row(params![code], |row| row.get(0))?;
            if is_taken {
                return refuse(format!("the code {code} is taken; choose another"));
            }
            let line = PersonLine { code: code.clone(), name: name.clone(), label: None, left: None };
            if let Err(why) = person_line(ledger.conn, &line, ledger.now_us())? {
                return refuse(why);
            }
            ledger.audit("person", actor.as_deref(), &format!("person {code} added"))?;
            Ok(ledger
                .conn
                .prepare_cached("select person_id from person where code = ?1")?
                .query_row(params![code], |row| row.get(0).map(PersonId))?)
        })
        .await
    }

    /// Gives somebody another name; code and badge stay.
    ///
    /// # Errors
    /// Nobody has this number, the name cannot be, or the database failed; nothing is changed.
    pub async fn rename_person(
        &self,
        id: PersonId,
        name: String,
        actor: Option<String>,
    ) -> Result<(), Unchanged<NotAllowed>> {
        self.change(move |ledger| {
            check_name(&name)?;
            let code: Option<String> = ledger
                .conn
                .prepare_cached("update person set name = ?2 where person_id = ?1 returning code")?
                .query_row(params![id.0, name], |row| row.get(0))
                .optional()?;
            let Some(code) = code else { return refuse("nobody has this number; load the page again") };
            Ok(ledger.audit("person", actor.as_deref(), &format!("person {code} has another name"))?)
        })
        .await
    }

    /// Whoever left has a badge that is refused; whoever is back has the same one.
    ///
    /// # Errors
    /// Nobody has this number or it is so already, or the database failed; nothing is changed.
    pub async fn set_person_active(
        &self,
        id: PersonId,
        is_active: bool,
        actor: Option<String>,
    ) -> Result<(), Unchanged<NotAllowed>> {
        self.change(move |ledger| {
            let left = (!is_active).then(|| ledger.now_us());
            let code: Option<String> = ledger
                .conn
                .prepare_cached(
                    "update person set left_at_us = ?2 where person_id = ?1 and (left_at_us is null) <> ?3
                     returning code",
                )?
                .query_row(params![id.0, left, is_active], |row| row.get(0))
                .optional()?;
            let Some(code) = code else { return refuse("nothing to change; load the page again") };
            let word = if is_active { "works here again" } else { "left" };
            Ok(ledger.audit("person", actor.as_deref(), &format!("person {code} {word}"))?)
        })
        .await
    }
}

fn find(ledger: &Ledger<'_>, code: &str) -> rusqlite::Result<Option<CustodianId>> {
    super::stations::find_custodian(ledger.conn, code)
}

fn code_of(ledger: &Ledger<'_>, id: CustodianId) -> Result<String, Stop<NotAllowed>> {
    let code = ledger
        .conn
        .prepare_cached("select code from custodian where custodian_id = ?1")?
        .query_row(params![id.0], |row| row.get(0))
        .optional()?;
    code.map_or_else(|| refuse("this custodian is not on file"), Ok)
}

fn check_code(code: &str) -> Result<(), Stop<NotAllowed>> {
    let odd = |letter: char| letter.is_control() || letter.is_whitespace();
    if code.is_empty() || code.chars().count() > CODE_CHARS_MAX || code.contains(odd) {
        return refuse(format!("a code has 1 to {CODE_CHARS_MAX} letters, digits or signs and no blanks"));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), Stop<NotAllowed>> {
    check_text("name", name)?;
    if name.is_empty() {
        return refuse("the name is empty; write what people call them");
    }
    Ok(())
}

fn check_text(what: &str, text: &str) -> Result<(), Stop<NotAllowed>> {
    if text.chars().count() > TEXT_CHARS_MAX || text.contains(char::is_control) {
        return refuse(format!(
            "the {what} is longer than {TEXT_CHARS_MAX} characters or has odd ones; write it shorter"
        ));
    }
    Ok(())
}

fn write(ledger: &Ledger<'_>, form: &CustodianForm) -> Result<(), Stop<NotAllowed>> {
    check_code(&form.code)?;
    for (what, text) in
        [("name", &form.name), ("phone", &form.phone), ("mail", &form.mail), ("room", &form.room)]
    {
        check_text(what, text)?;
    }
    if form.name.is_empty() {
        return refuse("the name is empty; write what people call it");
    }
    if !KINDS.contains(&form.kind.as_str()) && !is_kind_on_file(ledger, form)? {
        return refuse(format!("{:?} is no kind; write one of {}", form.kind, KINDS.join(", ")));
    }
    if !form.due.is_empty()
        && let Err(error) = DueRule::parse(&form.due)
    {
        return refuse(error.to_string());
    }
    let filing = FilingScheme::parse(&form.filing);
    let filing = filing.map_err(|error| Stop::Refused(NotAllowed(error.to_string())))?;
    let line = CustodianLine {
        kind: Some(form.kind.clone()),
        phone: Some(form.phone.clone()),
        mail: Some(form.mail.clone()),
        due: Some(form.due.clone()),
        filing: Some(filing),
        closed: None::<Ended>,
        ..CustodianLine::new(form.code.clone(), form.name.clone())
    };
    if let Err(why) = custodian_line(ledger.conn, &line, &form.parent, ledger.now_us())? {
        return refuse(why);
    }
    match find(ledger, &form.code)? {
        Some(id) => hours::write(ledger, id, &form.hours, &form.room),
        None => Ok(()),
    }
}

/// A list may have brought a kind of its own, which a form leaves as it is.
fn is_kind_on_file(ledger: &Ledger<'_>, form: &CustodianForm) -> rusqlite::Result<bool> {
    ledger
        .conn
        .prepare_cached("select exists (select 1 from custodian where code = ?1 and kind = ?2)")?
        .query_row(params![form.code, form.kind], |row| row.get(0))
}

/// The writer knows the places of its stations by heart.
pub(super) fn refresh(ledger: &mut Ledger<'_>, id: CustodianId) -> rusqlite::Result<()> {
    let Some(place) = known::place(ledger.conn, ledger.memory, id)? else { return Ok(()) };
    for station in
        Arc::make_mut(&mut ledger.memory.stations).values_mut().filter(|station| station.here.id == id)
    {
        *station = Arc::new(StationFacts { here: place.clone(), ..StationFacts::clone(station) });
    }
    Ok(())
}
