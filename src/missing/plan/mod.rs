//! Where to look for a chart, in which order, and why. Pure.
//!
//! Each [`Clue`] points to places, with a share of belief: the defaults of [`Clue::finds_by_default`] and this site's own
//! finds are counts of one Dirichlet distribution, of which the mean is taken. What was looked through is Bayes' rule with
//! the chance of noticing. The next place is the one with the largest probability × chance of noticing ÷ minutes: for
//! places that are looked at one after the other this is the order of least expected time (D. Blackwell; see Stone,
//! *Theory of Optimal Search*, chapter 4; B. O. Koopman, *Search and Screening*).

mod clue;
mod facts;
mod misfile;
mod place;
mod point;

pub use clue::{Clue, ELSEWHERE, LastSeen, PRIOR_FINDS};
pub use facts::{Companion, Facts, Finds, Slot, Visit, Who};
pub use misfile::misfiles;
pub use place::{Effort, Efforts, Look, Place, Thoroughness};

use crate::tracking::CustodianId;
use facts::Pointer;

/// What a glance notices, against a look folder by folder.
const GLANCE: f64 = 0.6;
/// What whoever is asked notices on their own desk.
const ASKED: f64 = 0.9;
/// What a look folder by folder notices of a chart inside another, against one that stands free.
const INSIDE: f64 = 0.6;
/// What a glance notices of a chart inside another.
const INSIDE_GLANCE: f64 = 0.1;
/// What a glance at the right slot notices of a chart that stands a few places off.
const SLID_GLANCE: f64 = 0.35;

/// One reason for a place: with the others it makes its probability.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// Of which kind.
    pub clue: Clue,
    /// The probability that the chart is here for this reason, now.
    pub probability: f64,
    /// The same before anybody looked.
    pub at_first: f64,
    /// This site's finds by this clue.
    pub finds: f64,
    /// The reason in a sentence.
    pub why: String,
}

/// A place to look at, and what a look is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Where.
    pub place: Place,
    /// What people call it.
    pub name: String,
    /// The room that it is in; none: the file room.
    pub room: Option<CustodianId>,
    /// Why, the weightiest reason first.
    pub factors: Vec<Factor>,
    /// What a look takes and gives.
    pub effort: Effort,
    /// How often it was looked at.
    pub looks: u32,
}

/// Candidate places with their probabilities, which with [`Plan::elsewhere`] add up to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    candidates: Vec<Candidate>,
    elsewhere: f64,
}

impl Candidate {
    /// The probability that the chart is here.
    pub fn probability(&self) -> f64 {
        self.factors.iter().map(|factor| factor.probability).sum()
    }

    /// The chance that a look folder by folder notices it, if it is here.
    pub fn notices(&self) -> f64 {
        let noticed: f64 = self
            .factors
            .iter()
            .map(|factor| factor.probability * self.chance(factor.clue, Thoroughness::ShelfByShelf))
            .sum();
        let probability = self.probability();
        if probability > 0.0 { noticed / probability } else { self.effort.notices }
    }

    /// What a minute spent here is worth: the probability of finding the chart in it.
    pub fn worth(&self) -> f64 {
        self.probability() * self.notices() / self.minutes().max(0.1)
    }

    /// Minutes of a look, the way there from the file room included.
    pub fn minutes(&self) -> f64 {
        self.minutes_from(None)
    }

    /// Minutes of a look for somebody who is in a room; none: the file room.
    pub fn minutes_from(&self, here: Option<CustodianId>) -> f64 {
        self.effort.looking + if self.room == here { 0.0 } else { self.effort.way }
    }

    /// The reason in a sentence.
    pub fn why(&self) -> &str {
        self.factors.first().map_or("", |factor| factor.why.as_str())
    }

    /// All numbers in a sentence, for who asks how the place got its rank.
    pub fn explained(&self) -> String {
        let percent = |share: f64| format!("{:.0} %", share * 100.0);
        let factors: Vec<String> = self
            .factors
            .iter()
            .map(|factor| {
                let finds = if factor.finds > 0.0 {
                    format!(", {:.1} finds here", factor.finds)
                } else {
                    String::new()
                };
                format!("{} ({}{finds})", factor.why, percent(factor.probability))
            })
            .collect();
        let looked = match self.looks {
            0 => String::new(),
            1 => "; looked at once".to_owned(),
            times => format!("; looked at {times} times"),
        };
        format!(
            "{}: it is here with {}, a look of {:.0} min notices it with {}{looked}",
            factors.join("; "),
            percent(self.probability()),
            self.minutes(),
            percent(self.notices())
        )
    }

    fn chance(&self, clue: Clue, how: Thoroughness) -> f64 {
        let of_clue = match (clue, how) {
            (Clue::InsideNeighbour, Thoroughness::ShelfByShelf) => INSIDE,
            (Clue::InsideNeighbour, Thoroughness::Glance | Thoroughness::Asked) => INSIDE_GLANCE,
            (Clue::Slid, Thoroughness::Glance | Thoroughness::Asked) => SLID_GLANCE,
            (_, Thoroughness::Glance) => GLANCE,
            (_, Thoroughness::Asked) => ASKED,
            (_, Thoroughness::ShelfByShelf) => 1.0,
        };
        self.effort.notices * of_clue
    }
}

impl Plan {
    /// The plan for a chart, after all looks that are known already.
    pub fn new(facts: &Facts, finds: &Finds, efforts: &Efforts) -> Plan {
        let pointed: Vec<(Clue, Vec<Pointer>)> = Clue::ALL
            .into_iter()
            .map(|clue| (clue, point::point(clue, facts)))
            .filter(|(clue, pointers)| !pointers.is_empty() && clue.finds_by_default(facts.seen) > 0.0)
            .collect();
        let defaults: f64 = pointed.iter().map(|(clue, _)| clue.finds_by_default(facts.seen)).sum();
        let believed = |clue: Clue| {
            clue.finds_by_default(facts.seen) / defaults * PRIOR_FINDS + finds.of(facts.seen, clue)
        };
        let all: f64 = pointed.iter().map(|(clue, _)| believed(*clue)).sum();
        let mut plan = Plan { candidates: Vec::new(), elsewhere: ELSEWHERE };
        for (clue, pointers) in pointed {
            let share = believed(clue) / all * (1.0 - ELSEWHERE);
            let weights: f64 = pointers.iter().map(|pointer| pointer.weight).sum();
            for pointer in pointers {
                let probability = share * pointer.weight / weights;
                let finds = finds.of(facts.seen, clue);
                let factor = Factor { clue, probability, at_first: probability, finds, why: pointer.why };
                plan.add(pointer.place, pointer.room, pointer.name, factor, efforts);
            }
        }
        if plan.candidates.is_empty() {
            plan.elsewhere = 1.0;
        }
        facts.looks.iter().for_each(|look| plan.looked(*look));
        plan.sort();
        plan
    }

    fn add(
        &mut self,
        place: Place,
        room: Option<CustodianId>,
        name: String,
        factor: Factor,
        efforts: &Efforts,
    ) {
        match self.candidates.iter_mut().find(|candidate| candidate.place == place) {
            Some(candidate) => candidate.factors.push(factor),
            None => {
                let effort = efforts.of(place);
                self.candidates.push(Candidate {
                    place,
                    name,
                    room,
                    factors: vec![factor],
                    effort,
                    looks: 0,
                });
            }
        }
    }

    /// The places, the next one to look at first.
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// The place to look at next for somebody who is in a room (none: the file room): the way to another one counts.
    pub fn next_from(&self, here: Option<CustodianId>) -> Option<&Candidate> {
        let worth = |candidate: &Candidate| {
            candidate.probability() * candidate.notices() / candidate.minutes_from(here).max(0.1)
        };
        let best = self.candidates.iter().rev();
        best.max_by(|one, other| worth(one).total_cmp(&worth(other)))
    }

    /// The worthiest places in the order of a walk: the file room first, its shelves in their order, then each room once.
    pub fn walk(&self, count: usize) -> Vec<&Candidate> {
        let worthiest: Vec<&Candidate> = self.candidates.iter().take(count).collect();
        let mut rooms: Vec<Option<CustodianId>> = vec![None];
        for candidate in &worthiest {
            if !rooms.contains(&candidate.room) {
                rooms.push(candidate.room);
            }
        }
        let mut walk = worthiest;
        walk.sort_by_key(|candidate| {
            let room = rooms.iter().position(|room| *room == candidate.room);
            let slot = matches!(candidate.place, Place::Slot { .. }).then(|| candidate.name.clone());
            (room, slot.is_none(), slot)
        });
        walk
    }

    /// The probability that it is at none of the places.
    pub fn elsewhere(&self) -> f64 {
        self.elsewhere
    }

    /// Somebody looked at a place and the chart was not there: lowers that place and raises the rest.
    pub fn looked(&mut self, look: Look) {
        let Some(candidate) = self.candidates.iter_mut().find(|candidate| candidate.place == look.place)
        else {
            return;
        };
        candidate.looks += 1;
        let chances: Vec<f64> =
            candidate.factors.iter().map(|factor| candidate.chance(factor.clue, look.how)).collect();
        for (factor, chance) in candidate.factors.iter_mut().zip(chances) {
            factor.probability *= 1.0 - chance;
        }
        let left = self.elsewhere + self.candidates.iter().map(Candidate::probability).sum::<f64>();
        if left > 0.0 {
            self.elsewhere /= left;
            let factors = self.candidates.iter_mut().flat_map(|candidate| candidate.factors.iter_mut());
            factors.for_each(|factor| factor.probability /= left);
        }
        self.sort();
    }

    /// Places for people who search at once, so that they do not meet: each list in its order, no place on two.
    pub fn shared(&self, people: usize) -> Vec<Vec<Place>> {
        let mut lists: Vec<(f64, Vec<Place>)> = vec![(0.0, Vec::new()); people];
        for candidate in &self.candidates {
            // Whoever has the least to do takes the next.
            let least = lists.iter_mut().min_by(|one, other| one.0.total_cmp(&other.0));
            if let Some((minutes, places)) = least {
                *minutes += candidate.minutes();
                places.push(candidate.place);
            }
        }
        lists.into_iter().map(|(_, places)| places).collect()
    }

    /// What a find at a place teaches: the clues that explain it, with their shares of it.
    pub fn found_at(&self, place: Place) -> Vec<(Clue, f64)> {
        let Some(candidate) = self.candidates.iter().find(|candidate| candidate.place == place) else {
            return Vec::new();
        };
        let all: f64 = candidate.factors.iter().map(|factor| factor.at_first).sum();
        candidate.factors.iter().map(|factor| (factor.clue, factor.at_first / all)).collect()
    }

    /// The worthiest place first; ties by name of the place, so that a plan is always the same.
    fn sort(&mut self) {
        for candidate in &mut self.candidates {
            candidate.factors.sort_by(|one, other| {
                other.probability.total_cmp(&one.probability).then(one.clue.cmp(&other.clue))
            });
        }
        self.candidates.sort_by(|one, other| {
            other.worth().total_cmp(&one.worth()).then_with(|| one.place.cmp(&other.place))
        });
    }
}

#[cfg(test)]
mod tests;
