//! What people do about the cases that Outguide shows them: ask the holder, search.

use super::{Play, SimulateError};
use crate::demo::file_room::{Day, FileRoom, Station};
use crate::missing::case::Level;
use crate::missing::plan::LastSeen;
use crate::store::CaseView;
use crate::tracking::CaseId;

/// Rows of a page of cases.
const CASES: u32 = 200;

impl Play {
    /// Everything that people do about open cases.
    pub(super) async fn work(&mut self, day: Day) -> Result<(), SimulateError> {
        let mut after = CaseId(0);
        loop {
            let page = self.store.open_cases(after, CASES).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id;
            for case in page {
                self.work_at(case, day).await?;
            }
        }
    }

    async fn work_at(&mut self, case: CaseView, day: Day) -> Result<(), SimulateError> {
        if self.known.insert(case.id) {
            match self.episodes.get_mut(&case.volume) {
                Some(episode) => drop(episode.case_at.get_or_insert(case.discovered_at)),
                None => {
                    self.report.false_cases += 1;
                    for sign in &case.signs {
                        *self.report.false_signs.entry(sign.as_str()).or_default() += 1;
                    }
                }
            }
            self.report.cases += 1;
            for sign in &case.signs {
                *self.report.signs.entry(sign.as_str()).or_default() += 1;
            }
        }
        let mut level = case.level;
        if level == Level::Suspected && self.asked.insert(case.id) {
            level = self.ask(&case).await?;
        }
        if matches!(level, Level::Searching | Level::Missing) && self.searched.insert(case.id) {
            self.search(&case, day).await?;
        }
        Ok(())
    }

    /// Asks whoever should have the chart. One that was sent is scanned on this occasion, if there is a door.
    async fn ask(&mut self, case: &CaseView) -> Result<Level, SimulateError> {
        let has_it = self.room.ask(case.volume, case.answerable);
        self.report.asked += 1;
        let door = FileRoom::doors().into_iter().find(|(door, _)| *door == case.answerable);
        if has_it
            && case.last_seen == LastSeen::OnTheWay
            && let Some((door, _)) = door
        {
            let label = self
                .room
                .labels()
                .nth(usize::try_from(case.volume.0 - 1).unwrap_or(0))
                .unwrap_or("")
                .to_owned();
            self.scan(Station::Door(door), &label).await?;
            return Ok(Level::Found);
        }
        Ok(self.store.tell_answer(case.id, has_it, None).await?)
    }
}
