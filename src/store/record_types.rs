//! The kinds of records that are kept here: where a new one belongs, and so in which order it is filed, and when it is due
//! back.

use super::change::{Ledger, Stop, Unchanged};
use super::custodians::NotAllowed;
use super::views::Named;
use super::{Store, StoreError};
use crate::tracking::{CustodianId, DueRule};
use rusqlite::params;

/// Longest name and title, in characters.
const NAME_CHARS_MAX: usize = 32;
const TITLE_CHARS_MAX: usize = 80;
/// Most kinds of records.
const TYPES_MAX: i64 = 200;

/// A kind of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordTypeView {
    /// As charts and lists call it.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Where a new one belongs.
    pub home: Option<Named>,
    /// In which order it is filed there.
    pub filing: Option<String>,
    /// When it is due back from holders without a rule of their own; empty: as the file room says.
    pub due: String,
    /// Codes of the places that want it for appointments.
    pub wanted_by: Vec<String>,
}

/// A kind of record as a form has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordTypeForm {
    /// As charts and lists call it.
    pub name: String,
    /// What people call it; empty: the same.
    pub title: String,
    /// Where a new one belongs.
    pub home: Option<CustodianId>,
    /// When it is due back; empty: as the file room says.
    pub due: String,
}

impl Store {
    /// All kinds of records, by name.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn record_types(&self) -> Result<Vec<RecordTypeView>, StoreError> {
        self.read("list the kinds of records", |conn| {
            let mut wants = conn.prepare_cached(
                "select code from clinic_wants join custodian using (custodian_id) where record_type = ?1 order by code",
            )?;
            conn.prepare_cached(
                "select record_type, title, record_type.due_rule, custodian_id, code, name, phone, filing_scheme
                 from record_type left join custodian on custodian_id = home_id order by record_type limit ?1",
            )?
            .query_map(params![TYPES_MAX], |row| {
                let home = row.get::<_, Option<i64>>(3)?;
                Ok(RecordTypeView {
                    name: row.get(0)?,
                    title: row.get(1)?,
                    due: row.get(2)?,
                    home: home.map(|_| super::read::named(row, 3)).transpose()?,
                    filing: row.get(7)?,
                    wanted_by: Vec::new(),
                })
            })?
            .map(|view| {
                let view = view?;
                let wanted_by =
                    wants.query_map(params![view.name], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
                Ok(RecordTypeView { wanted_by, ..view })
            })
            .collect()
        })
        .await
    }

    /// Adds a kind of record, or changes everything of it but its name.
    ///
    /// # Errors
    /// A field cannot be, or the database failed; nothing is changed.
    pub async fn set_record_type(
        &self,
        form: RecordTypeForm,
        actor: Option<String>,
    ) -> Result<(), Unchanged<NotAllowed>> {
        self.change(move |ledger| set(ledger, &form, actor.as_deref())).await
    }
}

fn refuse<T>(why: impl Into<String>) -> Result<T, Stop<NotAllowed>> {
    Err(Stop::Refused(NotAllowed(why.into())))
}

fn set(ledger: &mut Ledger<'_>, form: &RecordTypeForm, actor: Option<&str>) -> Result<(), Stop<NotAllowed>> {
    let (name, title) = (form.name.trim(), form.title.trim());
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_ ".contains(letter);
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || !name.chars().all(is_plain) {
        return refuse(format!(
            "the name of a kind of record has 1 to {NAME_CHARS_MAX} letters, digits, blanks and hyphens"
        ));
    }
    if title.chars().count() > TITLE_CHARS_MAX || title.contains(char::is_control) {
        return refuse(format!("the title is longer than {TITLE_CHARS_MAX} characters; write it shorter"));
    }
    if !form.due.trim().is_empty()
        && let Err(error) = DueRule::parse(&form.due)
    {
        return refuse(error.to_string());
    }
    if let Some(home) = form.home
        && !ledger.is_open_custodian(home)?
    {
        return refuse("the home is not on file, or it is closed; choose another");
    }
    ledger
        .conn
        .prepare_cached(
            "insert into record_type (record_type, title, home_id, due_rule) values (?1, ?2, ?3, ?4)
             on conflict (record_type) do update set title = ?2, home_id = ?3, due_rule = ?4",
        )?
        .execute(params![
            name,
            if title.is_empty() { name } else { title },
            form.home.map(|id| id.0),
            form.due.trim()
        ])?;
    Ok(ledger.audit("record-type", actor, &format!("kind of record {name} set"))?)
}

impl Ledger<'_> {
    pub(super) fn is_record_type(&self, name: &str) -> rusqlite::Result<bool> {
        self.conn
            .prepare_cached("select exists (select 1 from record_type where record_type = ?1)")?
            .query_row(params![name], |row| row.get(0))
    }
}
