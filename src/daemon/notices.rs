//! Asks for charts: decides what is owed, writes it down, and sends what is written, one turn after the other.
//!
//! A turn owes nothing to the turn before: everything follows from what is on disk and the time. Exactly one task takes
//! turns, so that no notice is sent twice at once.

use crate::config::{Config, Notices};
use crate::mail::{Delivery, Message, Sender, Transport, templates};
use crate::notice::{Channel, Content, Kind, Letter, NoticeId, Rules, Templates};
use crate::store::{Decided, Mark, NoticeView, Store, StoreError, TryEnd, Unchanged};
use crate::webhook::{Posting, Webhook};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Time between two turns.
const TURN: Duration = Duration::from_secs(20);
/// Turns in a minute.
const TURNS_A_MINUTE: usize = 3;
/// Most pages of a sweep in one turn: what is beyond waits for the next.
const PAGES_MAX: usize = 1000;

/// Everything that a turn needs, from the configuration in force.
#[derive(Clone)]
pub struct Post {
    /// The record.
    pub store: Store,
    /// What decides.
    pub rules: Arc<Rules>,
    /// The words.
    pub templates: Templates,
    /// How mail leaves, and who sends it; `None`: there is no mail.
    pub mail: Option<(Transport, Sender)>,
    /// The site's program that gets some or all of them.
    pub webhook: Option<Webhook>,
    /// Zone of the times in notices.
    pub zone: TimeZone,
    /// Name of the file room.
    pub site: String,
    /// Names of patients may stand in bodies.
    pub names: bool,
    /// Address of the pages as recipients reach it.
    pub link: Option<String>,
    /// Codes of recipients of the ladder that were told to be closed or not on file.
    pub unheard: Arc<Mutex<BTreeSet<String>>>,
}

/// How notices go out by one channel.
#[derive(Clone, Copy)]
enum Way<'a> {
    Mail(&'a Transport, &'a Sender),
    Webhook(&'a Webhook),
}

/// What a turn came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Turn {
    /// Charts that somebody is now asked for, or told of.
    pub asked: usize,
    /// Notices that were taken.
    pub sent: usize,
    /// Notices that will never be.
    pub refused: usize,
    /// The server could not be reached, or took none: the rest waits.
    pub is_down: bool,
}

impl Post {
    /// What the configuration asks for, with the templates of the site; what is wrong with those is told.
    pub fn new(store: Store, config: &Config, last_good: &Templates) -> (Post, Vec<String>) {
        let Notices { rules, names, link, templates: directory, mail, webhook } = &config.notices;
        let (templates, problems) = templates::load(directory, &rules.ladder, last_good);
        for problem in &problems {
            tracing::error!(problem, "a template of notices is not used");
        }
        let post = Post {
            store,
            rules: Arc::new(rules.clone()),
            templates,
            mail: mail.clone(),
            webhook: webhook.clone(),
            zone: config.time_zone.clone(),
            site: config.site_name.clone(),
            names: *names,
            link: link.clone(),
            unheard: Arc::default(),
        };
        (post, problems)
    }

    /// Decides, writes down and sends. `all`: also what waits for its time, as after a start.
    ///
    /// # Errors
    /// The database failed; what was not done is done by the next turn.
    pub async fn turn(&self, all: bool) -> Result<Turn, StoreError> {
        let mut turn = Turn { asked: self.decide().await?, ..Turn::default() };
        for channel in [Channel::Mail, Channel::Webhook] {
            match self.way(channel) {
                Some(way) => self.send_waiting(channel, way, all, &mut turn).await?,
                None => {
                    let slips = self.store.slips_instead(channel).await?;
                    if slips > 0 {
                        let way = channel.as_str();
                        tracing::warn!(
                            slips,
                            way,
                            "notices cannot go out this way any more: they are slips now"
                        );
                    }
                }
            }
        }
        Ok(turn)
    }

    /// Sends what waits to go out one way, until the other side takes no more.
    async fn send_waiting(
        &self,
        channel: Channel,
        way: Way<'_>,
        all: bool,
        turn: &mut Turn,
    ) -> Result<(), StoreError> {
        let pace = self.rules.caps.per_minute.div_ceil(TURNS_A_MINUTE);
        for notice in self.store.notices_to_send(channel, all, pace).await? {
            match self.send(notice, way).await? {
                None | Some(Delivery::Later(_)) => {}
                Some(Delivery::Taken(_)) => turn.sent += 1,
                Some(Delivery::Refused(_)) => turn.refused += 1,
                Some(Delivery::Down(why)) => {
                    let way = channel.as_str();
                    tracing::warn!(notice = notice.0, way, why, "no notice can be sent now; they wait");
                    turn.is_down = true;
                    break;
                }
            }
        }
        Ok(())
    }

    /// Decides and writes down; sends nothing. How many charts somebody is now asked for.
    ///
    /// # Errors
    /// The database failed; what was not done is done by the next turn.
    pub async fn decide(&self) -> Result<usize, StoreError> {
        let (mut asked, mut unheard) = (0, BTreeSet::new());
        let mut from = Some(Mark::START);
        for _ in 0..PAGES_MAX {
            let Some(mark) = from else { break };
            let decided = self.store.settle_notices(Arc::clone(&self.rules), mark).await?;
            (asked, from) = (asked + decided.asked, decided.next);
        }
        let mut from = Some(Mark::START);
        for _ in 0..PAGES_MAX {
            let Some(mark) = from else { break };
            let decided = self.store.notice_needs(Arc::clone(&self.rules), mark).await?;
            (asked, from) = (asked + decided.asked, decided.next);
        }
        let mut from = Some(Mark::START);
        for _ in 0..PAGES_MAX {
            let Some(mark) = from else { break };
            let Decided { asked: more, nobody, next } =
                self.store.decide_notices(Arc::clone(&self.rules), mark).await?;
            unheard.extend(nobody);
            (asked, from) = (asked + more, next);
        }
        self.tell_unheard(unheard);
        Ok(asked)
    }

    /// Says once who should be asked and cannot be.
    fn tell_unheard(&self, unheard: BTreeSet<String>) {
        let mut told = self.unheard.lock().unwrap_or_else(PoisonError::into_inner);
        for code in unheard.difference(&told) {
            tracing::warn!(
                code,
                "a step of the ladder goes to a custodian that is closed or not on file: the next step is taken"
            );
        }
        told.extend(unheard);
    }

    /// Sends one notice; `None` if it need not be sent any more.
    async fn send(&self, notice: NoticeId, way: Way<'_>) -> Result<Option<Delivery>, StoreError> {
        let view = self.store.notice(notice, self.rules.caps.charts, self.names).await?;
        let Some(view) = view else { return Ok(None) };
        let written = view.line.created_at;
        let (letter, id) = match way {
            Way::Mail(_, sender) => (self.letter(&view), Message::id_of(notice.0, written, &sender.from)),
            Way::Webhook(_) => (self.payload(&view), Posting::id_of(notice.0, written)),
        };
        let attempt = match self.store.begin_try(notice, letter, id).await {
            Ok(Some(attempt)) => attempt,
            Ok(None) | Err(Unchanged::Refused(_)) => return Ok(None),
            Err(Unchanged::NotRecorded(_)) => return Err(StoreError::Busy),
        };
        let tries = attempt.tries;
        let delivery = match way {
            Way::Mail(transport, sender) => {
                let message = Message {
                    number: notice.0,
                    id: attempt.message_id,
                    sender: sender.clone(),
                    to: attempt.address,
                    subject: attempt.letter.subject,
                    body: attempt.letter.body,
                    date: attempt.written_at,
                };
                transport.send(&message).await
            }
            Way::Webhook(webhook) => {
                let (id, at, body) = (attempt.message_id, attempt.tried_at, attempt.letter.body);
                webhook.send(&Posting { id, at, body }).await
            }
        };
        let ended = match &delivery {
            Delivery::Taken(told) => TryEnd::Sent(told.clone()),
            Delivery::Refused(why) => TryEnd::Refused(why.clone()),
            Delivery::Later(why) | Delivery::Down(why) => TryEnd::Later(why.clone()),
        };
        self.store.end_try(notice, ended).await?;
        tracing::info!(notice = notice.0, tries, outcome = delivery.word(), "notice tried");
        Ok(Some(delivery))
    }

    /// How notices go out by a channel; `None`: not at all.
    fn way(&self, channel: Channel) -> Option<Way<'_>> {
        match channel {
            Channel::Mail => self.mail.as_ref().map(|(transport, sender)| Way::Mail(transport, sender)),
            Channel::Webhook => self.webhook.as_ref().map(Way::Webhook),
            Channel::Slip => None,
        }
    }

    fn content(&self, view: &NoticeView) -> Content {
        Content {
            notice: view.line.id,
            site: self.site.clone(),
            step: view.line.step.clone(),
            recipient: view.line.to.name.clone(),
            recipient_code: view.line.to.code.clone(),
            count: view.line.charts,
            charts: view.charts.clone(),
            link: self.link.as_ref().map(|link| format!("{link}/notices/{}", view.line.id)),
        }
    }

    /// The notice as a program gets it.
    fn payload(&self, view: &NoticeView) -> Letter {
        let kind = Kind::of(&view.line.step, &self.rules.ladder);
        let payload = self.content(view).payload(kind, view.line.created_at, self.names);
        Letter { subject: format!("notice.{}", kind.as_str()), body: payload.to_string() }
    }

    /// The notice in words; a template that fails all the same gives way to the built-in one.
    pub fn letter(&self, view: &NoticeView) -> Letter {
        let step = &view.line.step;
        let content = self.content(view);
        let kind = Kind::of(step, &self.rules.ladder);
        let built_in = Templates::default();
        let made = self.templates.letter(step, kind, &content, &self.zone).or_else(|why| {
            tracing::error!(step, why, "a template failed; the built-in one is used");
            built_in.letter(step, kind, &content, &self.zone)
        });
        made.unwrap_or_else(|_| Letter {
            subject: format!("Charts are asked for (notice {})", view.line.id),
            body: "See the page of this notice.\n".to_owned(),
        })
    }
}

/// The post in force; replaced when the configuration is read again.
pub(super) type InForce = Arc<Mutex<Post>>;

/// Takes turns until `stop`.
pub(super) async fn run(post: InForce, stop: CancellationToken) {
    let mut is_first = true;
    loop {
        let now = post.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let turn = tokio::select! {
            () = stop.cancelled() => return,
            turn = now.turn(is_first) => turn,
        };
        drop(now);
        match turn {
            Ok(_) => is_first = false,
            Err(error) => tracing::error!(%error, "notices could not be decided; tried again"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(TURN) => {}
        }
    }
}
