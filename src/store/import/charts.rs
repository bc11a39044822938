//! One line of a list of charts.

use super::flags::Flags;
use super::known::{OnFile, Volume, by_label, by_number, is_retired};
use super::labels::{add_label, close_work_item, free_own_key};
use super::patients::{self, Said};
use super::shelves::{Area, Shelves};
use super::{ChartLine, ChartState, Effect, LineResult};
use crate::store::chain::Heads;
use crate::store::filing::refile_patient;
use crate::store::history::{MovementRow, append_movement, update_whereabouts};
use crate::store::label_work::LabelDue;
use crate::store::requests::unfillable::{self, Gone};
use crate::tracking::grammar::MovementKind;
use crate::tracking::{CustodianId, Filed, FilingScheme, MovementNo, VolumeId};
use rusqlite::{Connection, OptionalExtension, params};

/// One line at work.
pub(super) struct Desk<'a> {
    pub(super) conn: &'a Connection,
    pub(super) heads: &'a mut Heads,
    pub(super) shelves: &'a mut Shelves,
    pub(super) now_us: i64,
}

/// What decides where the folder of a line stands.
fn filed(line: &ChartLine) -> Filed<'_> {
    Filed {
        mrn_key: line.mrn.key(),
        name: line.name.as_deref(),
        born: line.born,
        slot: None,
        volume: line.volume,
    }
}

impl Desk<'_> {
    /// Adds or changes a chart and one of its volumes.
    pub(super) fn chart(&mut self, line: &ChartLine) -> rusqlite::Result<LineResult> {
        let Some(home) = self.shelves.area(self.conn, &line.home)? else {
            return Ok(Err(not_on_file("home", &line.home)));
        };
        let at = match &line.at {
            None => None,
            Some(code) => match self.shelves.area(self.conn, code)? {
                Some(at) => Some(at.id),
                None => return Ok(Err(not_on_file("location", code))),
            },
        };
        let labelled = match &line.label {
            Some(label) => by_label(self.conn, label)?,
            None => None,
        };
        let known = match labelled {
            Some(known) if known.is_of(line) => Some(known.on_file),
            // The list has the number, and the volume's, from before a merge: what has been done since counts.
            Some(known) if known.came_from(self.conn, line)? => return Ok(Ok(Effect::Unchanged)),
            Some(_) => {
                return Ok(Err(format!(
                    "label {} is on another chart already; every volume needs a label of its own",
                    line.label.as_deref().unwrap_or_default()
                )));
            }
            None => by_number(self.conn, line)?.map(|mut on_file| {
                on_file.is_new_label = line.label.is_some();
                on_file
            }),
        };
        match known {
            Some(OnFile { chart, patient, is_new_label, volume: Some(volume) }) => {
                let known = self.patient(line, chart, &patient)?;
                let moved = self.change((line, chart), &volume, &home, at, is_new_label)?;
                let ended = self.state(line, chart, &volume)?;
                Ok(Ok(known.max(moved).max(ended).max(self.restrict(line, chart)?)))
            }
            None | Some(OnFile { volume: None, .. })
                if self.shelves.merges && is_retired(self.conn, &line.mrn)? =>
            {
                let label =
                    line.label.as_deref().map(|label| format!(" with label {label}")).unwrap_or_default();
                Ok(Err(format!(
                    "the number of the folder{label} was retired by a merge; give the folder under the number that survives"
                )))
            }
            Some(OnFile { chart, patient, volume: None, .. }) => {
                self.patient(line, chart, &patient)?;
                self.add(line, chart, &home, at)?;
                self.reopen(line, chart)?;
                self.restrict(line, chart)?;
                Ok(Ok(Effect::Added))
            }
            None => {
                let chart = self.add_chart(line)?;
                self.add(line, chart, &home, at)?;
                self.restrict(line, chart)?;
                Ok(Ok(Effect::Added))
            }
        }
    }

    fn restrict(&mut self, line: &ChartLine, chart: i64) -> rusqlite::Result<Effect> {
        if !line.is_restricted {
            return Ok(Effect::Unchanged);
        }
        Flags { conn: self.conn, heads: self.heads, now_us: self.now_us }.restrict(chart)
    }

    fn add_chart(&mut self, line: &ChartLine) -> rusqlite::Result<i64> {
        self.shelves.know_record_type(self.conn, &line.record_type)?;
        let said = said(line);
        let patient = match patients::by_number(self.conn, "", &line.mrn)? {
            Some(patient) => {
                patients::update(self.conn, patient, said)?;
                Some(patient)
            }
            None if said.is_nothing() => None,
            None => Some(patients::of_number(self.conn, &line.mrn, said, self.now_us)?.0),
        };
        let state = line.state.unwrap_or(ChartState::Active);
        self.conn
            .prepare_cached(
                "insert into chart (mrn, mrn_key, record_type, created_at_us, patient_id, state)
                 values (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                line.mrn.written(),
                line.mrn.key(),
                line.record_type,
                self.now_us,
                patient,
                state.as_str()
            ])?;
        Ok(self.conn.last_insert_rowid())
    }

    /// Takes what a line says of the patient of a chart on file.
    fn patient(&mut self, line: &ChartLine, chart: i64, known: &Patient) -> rusqlite::Result<Effect> {
        let said = said(line);
        let born = line.born.map(|date| date.to_string());
        let is_news = (said.name.is_some() && said.name != known.name.as_deref())
            || (born.is_some() && born != known.born);
        match known.id {
            Some(patient) if is_news => patients::update(self.conn, patient, said),
            Some(_) => Ok(Effect::Unchanged),
            None if said.is_nothing() => Ok(Effect::Unchanged),
            None => {
                let (patient, _) = patients::of_number(self.conn, &line.mrn, said, self.now_us)?;
                self.conn
                    .prepare_cached("update chart set patient_id = ?2 where chart_id = ?1")?
                    .execute(params![chart, patient])?;
                patients::link_charts(self.conn, &line.mrn, patient)?;
                refile_patient(self.conn, patient)?;
                Ok(Effect::Changed)
            }
        }
    }

    /// Where a folder of a chart stands on the shelves of its home. By its name, it is the patient's on file: the line may
    /// leave it away.
    fn filing_key(&self, line: &ChartLine, chart: i64, home: &Area) -> rusqlite::Result<String> {
        if home.filing != FilingScheme::Alphabetic {
            return Ok(home.filing.sort_key(&filed(line)));
        }
        let (name, born): (Option<String>, Option<String>) = self
            .conn
            .prepare_cached(
                "select name, born from chart left join patient using (patient_id) where chart_id = ?1",
            )?
            .query_row(params![chart], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let born = born.and_then(|born| born.parse().ok());
        Ok(home.filing.sort_key(&Filed { name: name.as_deref(), born, ..filed(line) }))
    }

    fn add(
        &mut self,
        line: &ChartLine,
        chart: i64,
        home: &Area,
        at: Option<CustodianId>,
    ) -> rusqlite::Result<()> {
        let state = volume_state(line.state.unwrap_or(ChartState::Active));
        let (key, label_due) = match &line.label {
            Some(label) => (label.clone(), None),
            // What is out of use is not labelled.
            None => (free_own_key(self.conn)?, (state == "active").then(|| LabelDue::Print.code())),
        };
        self.conn
            .prepare_cached(
                "insert into volume (chart_id, number, label, home_id, filing_key, at_id, created_at_us, state, label_due)
                 values (?1, ?2, ?3, ?4, ?5, ?4, ?6, ?7, ?8)",
            )?
            .execute(params![
                chart,
                line.volume,
                key,
                home.id.0,
                self.filing_key(line, chart, home)?,
                self.now_us,
                state,
                label_due,
            ])?;
        let volume = VolumeId(self.conn.last_insert_rowid());
        self.shelves.count_home(home.id, 1);
        self.label(&key, volume)?;
        match at.filter(|at| *at != home.id) {
            Some(at) => self.place(volume, home.id, at, None),
            None => Ok(()),
        }
    }

    fn label(&mut self, key: &str, volume: VolumeId) -> rusqlite::Result<()> {
        add_label(self.conn, "volume", key, volume.0, self.now_us)?;
        if self.shelves.labels_wait {
            close_work_item(self.conn, key, self.now_us)?;
        }
        Ok(())
    }

    fn change(
        &mut self,
        (line, chart): (&ChartLine, i64),
        known: &Volume,
        home: &Area,
        at: Option<CustodianId>,
        is_new_label: bool,
    ) -> rusqlite::Result<Effect> {
        let mut effect = Effect::Unchanged;
        let mut now_at = known.at;
        if let Some(label) = line.label.as_ref().filter(|_| is_new_label) {
            self.conn
                .prepare_cached("update volume set label = ?2, label_due = null where volume_id = ?1")?
                .execute(params![known.id.0, label])?;
            self.label(label, known.id)?;
            effect = Effect::Changed;
        }
        if known.home != home.id {
            self.shelves.count_home(known.home, -1);
            self.shelves.count_home(home.id, 1);
            if known.movement.is_none() {
                now_at = home.id;
            }
            self.conn
                .prepare_cached(
                    "update volume set home_id = ?2, filing_key = ?3, at_id = ?4 where volume_id = ?1",
                )?
                .execute(params![known.id.0, home.id.0, self.filing_key(line, chart, home)?, now_at.0])?;
            effect = Effect::Changed;
        }
        match at.filter(|at| *at != now_at) {
            None => Ok(effect),
            Some(at) => Ok(effect.max(self.relocate(known, now_at, at)?)),
        }
    }

    /// A list moves a chart that no scan has moved since the last list; whoever scanned it knew better.
    fn relocate(&mut self, known: &Volume, from: CustodianId, to: CustodianId) -> rusqlite::Result<Effect> {
        if let Some(last) = known.movement {
            let kind: Option<String> = self
                .conn
                .prepare_cached("select kind from movement where movement_no = ?1")?
                .query_row(params![last.0], |row| row.get(0))
                .optional()?;
            if kind.as_deref() != Some(MovementKind::Import.as_str()) {
                self.shelves.outranked += 1;
                return Ok(Effect::Unchanged);
            }
        }
        self.place(known.id, from, to, known.movement)?;
        Ok(Effect::Changed)
    }

    /// Records that a list says who has a volume.
    fn place(
        &mut self,
        volume: VolumeId,
        from: CustodianId,
        to: CustodianId,
        previous: Option<MovementNo>,
    ) -> rusqlite::Result<()> {
        let row = MovementRow {
            volume,
            previous,
            kind: MovementKind::Import,
            from,
            to,
            scanned_us: self.now_us,
            recorded_us: self.now_us,
            entry: "keyed",
            ..MovementRow::empty()
        };
        let no = append_movement(self.conn, &mut self.heads.movement, &row)?;
        update_whereabouts(self.conn, &row, no)
    }

    /// Takes a folder out of use, and its chart when no folder of it is in use any more. A list takes nothing back into
    /// use: it may be older than what made an end of it.
    fn state(&mut self, line: &ChartLine, chart: i64, known: &Volume) -> rusqlite::Result<Effect> {
        let Some(state) = line.state.filter(|state| *state != ChartState::Active) else {
            return Ok(Effect::Unchanged);
        };
        // A merge that was made here is done by whoever has the folders in hand.
        if self.shelves.merges && is_retired(self.conn, &line.mrn)? {
            return Ok(Effect::Unchanged);
        }
        let mut changed = 0;
        let of_volume = volume_state(state);
        if known.is_active && of_volume != ChartState::Active.as_str() {
            changed += self
                .conn
                .prepare_cached("update volume set state = ?2 where volume_id = ?1")?
                .execute(params![known.id.0, of_volume])?;
            let why = format!("a list says that the folder is {of_volume}");
            unfillable::end(self.conn, Gone::Volume(known.id), &why, Some("outguide import"), self.now_us)?;
        }
        changed += self
            .conn
            .prepare_cached(
                "update chart set state = ?2 where chart_id = ?1 and state in ('active', 'merge-due') and state <> ?2
                   and (?2 = 'merge-due' or not exists
                        (select 1 from volume where volume.chart_id = ?1 and volume.state = 'active'))",
            )?
            .execute(params![chart, state.as_str()])?;
        Ok(Effect::changed(changed))
    }

    /// A chart that gets a folder in use is in use.
    fn reopen(&mut self, line: &ChartLine, chart: i64) -> rusqlite::Result<()> {
        match line.state.unwrap_or(ChartState::Active) {
            ChartState::Active => {
                self.conn
                    .prepare_cached(
                        "update chart set state = 'active' where chart_id = ?1 and state in ('retired', 'destroyed')",
                    )?
                    .execute(params![chart])?;
                Ok(())
            }
            ChartState::MergeDue => {
                self.conn
                    .prepare_cached(
                        "update chart set state = 'merge-due' where chart_id = ?1 and state = 'active'",
                    )?
                    .execute(params![chart])?;
                Ok(())
            }
            ChartState::Merged | ChartState::Retired | ChartState::Destroyed => Ok(()),
        }
    }
}

/// The patient of a chart on file.
#[derive(Debug, Default)]
pub(super) struct Patient {
    pub(super) id: Option<i64>,
    pub(super) name: Option<String>,
    pub(super) born: Option<String>,
}

fn said(line: &ChartLine) -> Said<'_> {
    Said { name: line.name.as_deref(), born: line.born }
}

fn not_on_file(what: &str, code: &str) -> String {
    format!("{what} {code} is not on file; import custodians first")
}

/// What a folder of a chart in this state is: only a chart as a whole waits to be united with another.
fn volume_state(state: ChartState) -> &'static str {
    if state == ChartState::MergeDue { ChartState::Active.as_str() } else { state.as_str() }
}
