//! Notices, for programs: what waits, what one asks for, and answers.

use super::extract::{Body, Part};
use super::requests::TEXT_MAX;
use super::search::Custodian;
use crate::changes::Change;
use crate::notice::{Answer, Asked, Given, NoticeId};
use crate::store::{NoticeFigures, NoticeLine, Viewed};
use crate::tracking::VolumeId;
use crate::web::problem::{FieldError, Problem};
use crate::web::{App, door};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Charts of one notice that are listed.
const CHARTS: usize = 500;

/// The outbox.
#[derive(Serialize, ToSchema)]
pub(super) struct NoticesAnswer {
    /// What waits or was refused first, then the newest; at most 200.
    notices: Vec<Notice>,
}

/// A message to one recipient about one or more charts.
#[derive(Serialize, ToSchema)]
struct Notice {
    /// Its number.
    id: i64,
    /// Step of the ladder; `needed`: somebody else needs the charts; `found`: nobody has to look any more.
    step: String,
    /// Who gets it.
    to: Custodian,
    /// mail, webhook (to a program of the site), slip.
    channel: String,
    /// queued, sent, refused, withdrawn.
    state: String,
    /// How many charts it is about.
    charts: u64,
    /// How often it was tried.
    tries: u32,
    /// What the server said last.
    told: Option<String>,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// A notice with what it asks for.
#[derive(Serialize, ToSchema)]
pub(super) struct NoticeAnswer {
    #[serde(flatten)]
    notice: Notice,
    /// The first 500 charts that are still asked for, in the order of the shelves.
    asked: Vec<AskedChart>,
    /// What was answered, the newest first.
    answers: Vec<Reply>,
}

/// A chart that is asked for.
#[derive(Serialize, ToSchema)]
struct AskedChart {
    /// Id of the volume.
    volume: i64,
    /// The patient's number as the site writes it.
    mrn: String,
    /// 1 for the first volume.
    number: u32,
    /// Key of its newest label.
    label: String,
    /// Who has it by the record.
    holder: String,
    /// When it was due back.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    /// When somebody else needs it.
    #[schema(value_type = Option<String>, format = DateTime)]
    needed_at: Option<Timestamp>,
    /// Who that is.
    needed_by: Option<String>,
}

/// An answer as it was given.
#[derive(Serialize, ToSchema)]
struct Reply {
    /// Id of the volume.
    volume: i64,
    /// here, returned, passed, never.
    answer: &'static str,
    /// The day, or to whom.
    detail: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// By whom.
    actor: Option<String>,
}

/// Answers to a notice: all are taken, or none.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswersBody {
    /// One for each chart.
    answers: Vec<AnswerBody>,
}

/// What is said of a chart. Evidence: only a scan moves it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnswerBody {
    /// Id of the volume.
    volume: i64,
    /// here, returned, passed, never.
    answer: String,
    /// The day, or to whom.
    detail: Option<String>,
}

/// Figures of 90 days.
#[derive(Serialize, ToSchema)]
pub(super) struct FiguresAnswer {
    /// Who was asked for most charts first; at most 200.
    custodians: Vec<Figures>,
}

/// What came of asking a custodian.
#[derive(Serialize, ToSchema)]
struct Figures {
    #[serde(flatten)]
    custodian: Custodian,
    /// Notices to them; notices of what was found are left out.
    notices: u64,
    /// Of these, refused or returned by the mail server.
    refused: u64,
    /// Charts in them, each once a step.
    charts: u64,
    /// Of these, scanned elsewhere since.
    came_back: u64,
    /// Answers of theirs.
    answers: u64,
}

/// Lists notices.
#[utoipa::path(
    get, path = "/api/v1/notices", tag = "notices",
    responses(
        (status = 200, description = "The outbox; it names no chart.", body = NoticesAnswer),
    )
)]
pub(super) async fn list(State(app): State<App>) -> Result<Json<NoticesAnswer>, Problem> {
    let notices = app.store.notices().await?.lines.into_iter().map(Notice::from).collect();
    Ok(Json(NoticesAnswer { notices }))
}

/// Shows a notice with its charts and answers.
#[utoipa::path(
    get, path = "/api/v1/notices/{id}", tag = "notices",
    params(("id" = i64, Path, description = "Its number.")),
    responses(
        (status = 200, description = "The notice.", body = NoticeAnswer),
    )
)]
pub(super) async fn show(
    State(app): State<App>,
    Part(notice): Part<NoticeId>,
    headers: HeaderMap,
) -> Result<Json<NoticeAnswer>, Problem> {
    let view = app.store.notice(notice, CHARTS, false).await?.ok_or_else(Problem::not_found)?;
    super::seen(&app, Viewed::List, &format!("notice {notice}"))?;
    let charts = super::veil(&app, &headers, view.charts).await?;
    let reply = |view: crate::store::AnswerView| Reply {
        volume: view.volume.0,
        answer: view.answer.as_str(),
        detail: view.detail,
        at: view.at,
        actor: view.actor,
    };
    Ok(Json(NoticeAnswer {
        notice: view.line.into(),
        asked: charts.into_iter().map(AskedChart::from).collect(),
        answers: view.answers.into_iter().map(reply).collect(),
    }))
}

/// Answers a notice.
#[utoipa::path(
    post, path = "/api/v1/notices/{id}/answers", tag = "notices", request_body = AnswersBody,
    params(("id" = i64, Path, description = "Its number.")),
    responses(
        (status = 204, description = "They are written down."),
    )
)]
pub(super) async fn answer(
    State(app): State<App>,
    Part(notice): Part<NoticeId>,
    Body(body): Body<AnswersBody>,
) -> Result<StatusCode, Problem> {
    let given = body.answers.into_iter().map(Given::try_from).collect::<Result<Vec<_>, _>>()?;
    app.store.answer_notice(notice, given, door::actor()).await?;
    app.changes.announce(Change::FileRoom);
    Ok(StatusCode::NO_CONTENT)
}

/// Counts notices and what came of them, by custodian.
#[utoipa::path(
    get, path = "/api/v1/notice-figures", tag = "notices",
    responses(
        (status = 200, description = "The last 90 days.", body = FiguresAnswer),
    )
)]
pub(super) async fn figures(State(app): State<App>) -> Result<Json<FiguresAnswer>, Problem> {
    let custodians = app.store.notice_figures().await?.into_iter().map(Figures::from).collect();
    Ok(Json(FiguresAnswer { custodians }))
}

impl TryFrom<AnswerBody> for Given {
    type Error = Problem;

    fn try_from(body: AnswerBody) -> Result<Given, Problem> {
        let wrong =
            |field: &'static str, what: &'static str| Problem::of_fields(vec![FieldError::new(field, what)]);
        let answer = Answer::parse(&body.answer)
            .ok_or_else(|| wrong("answer", "is one of here, returned, passed, never"))?;
        if body
            .detail
            .as_ref()
            .is_some_and(|text| text.chars().count() > TEXT_MAX || text.contains(char::is_control))
        {
            return Err(wrong("detail", "is a line of at most 200 characters"));
        }
        Ok(Given {
            volume: VolumeId(body.volume),
            answer,
            detail: body.detail.filter(|text| !text.is_empty()),
        })
    }
}

impl From<NoticeLine> for Notice {
    fn from(line: NoticeLine) -> Notice {
        Notice {
            id: line.id.0,
            step: line.step,
            to: line.to.into(),
            channel: line.channel,
            state: line.state,
            charts: line.charts,
            tries: line.tries,
            told: line.told,
            created_at: line.created_at,
        }
    }
}

impl From<Asked> for AskedChart {
    fn from(asked: Asked) -> AskedChart {
        AskedChart {
            volume: asked.volume.0,
            mrn: asked.mrn,
            number: asked.number,
            label: asked.label,
            holder: asked.holder,
            due_at: asked.due_at,
            needed_at: asked.needed_at,
            needed_by: asked.needed_by,
        }
    }
}

impl From<NoticeFigures> for Figures {
    fn from(figures: NoticeFigures) -> Figures {
        Figures {
            custodian: figures.custodian.into(),
            notices: figures.notices,
            refused: figures.refused,
            charts: figures.charts,
            came_back: figures.came_back,
            answers: figures.answers,
        }
    }
}
