//! The schedule as the file room gets it: each visit is a request when it is booked, and a chart that was looked for in vain is
//! told on its request.

use super::{Play, SimulateError};
use crate::demo::file_room::Day;
use crate::store::{NewRequest, NotRecorded, PageStep, Unchanged, Volumes, Whose};
use crate::tracking::VolumeId;
use crate::tracking::request::{Channel, Priority, RequestStep};

impl Play {
    /// Requests what was booked until today and is not requested yet, and ends what is over.
    pub(super) async fn book(&mut self, day: Day) -> Result<(), SimulateError> {
        self.store.expire_requests().await?;
        let is_new = |booked: Day| booked == day || (day == 1 && booked < 1);
        for visit in self.visits(|visit| is_new(visit.booked) && visit.day >= day) {
            let new = NewRequest {
                volumes: Volumes::One(visit.volume),
                to: visit.clinic,
                needed_at: self.time(visit.day, visit.minute),
                channel: Channel::Appointment,
                requester: "clinic".to_owned(),
                requester_id: Some(visit.clinic),
                purpose: "appointment".to_owned(),
                comment: String::new(),
                priority: Priority::Routine,
                form: None,
                actor: None,
            };
            match self.store.ask(new).await {
                Ok(taken) => {
                    let of = self.requests.entry(visit.volume).or_default();
                    of.extend(taken.requests);
                }
                // The clinic has it, or has asked already.
                Err(Unchanged::Refused(_)) => {}
                Err(Unchanged::NotRecorded(why)) => return Err(NotRecorded::into(why)),
            }
        }
        Ok(())
    }

    /// Tells on the next request of a chart that it was looked for in vain; false if nobody asked for it.
    pub(super) async fn not_found(&mut self, volume: VolumeId) -> Result<bool, SimulateError> {
        let requests = self.requests.get(&volume).cloned().unwrap_or_default();
        for request in requests {
            let step = PageStep {
                request,
                step: RequestStep::NotFound,
                why: Some("not where it should be".to_owned()),
                seen_steps: None,
                whose: Whose::Anybodys,
                actor: None,
            };
            match self.store.step_request(step).await {
                Ok(_) => return Ok(true),
                // It is over.
                Err(Unchanged::Refused(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(false)
    }
}
