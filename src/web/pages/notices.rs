//! Notices: what waits, what was refused, what was answered; slips to print; and the page on which a notice is answered.

use super::extract::{Form, Path};
use super::filters;
use super::requests::bar_codes;
use super::times::{Times, When};
use super::{Frame, Page, PageError, page, seen};
use crate::access::Permission::{Request, Work};
use crate::changes::Change;
use crate::notice::{Answer, Asked, Given, Kind, NoticeId};
use crate::store::{
    AnswerView, BeforeAndSince, NoticeFigures, NoticeLine, NoticeView, Side, Viewed, reply_key,
};
use crate::symbol::Size;
use crate::tracking::VolumeId;
use crate::web::door::actor;
use crate::web::routes::Needs::May;
use crate::web::routes::Routes;
use crate::web::{App, Site, SiteNotices, glass};
use askama::Template;
use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;

/// Most characters of what belongs to an answer.
const DETAIL_MAX: usize = 80;
/// Charts that the page of one notice lists.
const CHARTS: usize = 500;
/// Answers that a slip has bar codes for; "here" is the scan of the chart itself.
const ON_PAPER: [Answer; 3] = [Answer::Returned, Answer::Passed, Answer::Never];
/// For hand-held scanners close to the paper, three in a row.
const CODE: Size = Size { module_um: 250, bars_um: 7_000, text_um: 0 };
/// Slips of one print.
const SLIPS: usize = 50;

/// The pages.
pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/notices", May(Work), list)
        .get("/notices/figures", May(Work), figures)
        .get("/notices/slips", May(Work), slips)
        .post("/notices/slips", May(Work), printed)
        .get("/notices/{notice}", May(Request), show)
        .post("/notices/{notice}/answer", May(Request), answer)
        .post("/notices/{notice}/came-back", May(Work), came_back)
}

#[derive(Template)]
#[template(path = "notices.html", config = "src/web/askama.toml")]
struct NoticesPage {
    frame: Frame,
    site: SiteNotices,
    /// Codes of recipients of the ladder that are closed or not on file.
    nobody: Vec<String>,
    counts: Vec<(String, u64)>,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "notice.html", config = "src/web/askama.toml")]
struct NoticePage {
    frame: Frame,
    line: Line,
    charts: Vec<Chart>,
    answers: Vec<Said>,
}

#[derive(Template)]
#[template(path = "notice_figures.html", config = "src/web/askama.toml")]
struct FiguresPage {
    frame: Frame,
    figures: Vec<NoticeFigures>,
    compared: Option<(BeforeAndSince, When)>,
}

#[derive(Template)]
#[template(path = "slips.html", config = "src/web/askama.toml")]
struct SlipsPage {
    frame: Frame,
    slips: Vec<(Line, Vec<Chart>)>,
    last: NoticeId,
}

/// A notice in a list.
struct Line {
    notice: NoticeLine,
    /// What it is for.
    kind: Kind,
    created: When,
    ended: Option<When>,
}

struct Chart {
    asked: Asked,
    seen: Option<When>,
    due: Option<When>,
    needed: Option<When>,
    /// Where somebody looked in vain.
    searched: Vec<String>,
    /// On paper, the bar codes of [`ON_PAPER`]; none if the site's own label formats would not read them.
    codes: Vec<Option<String>>,
}

/// What was answered, and when.
struct Said {
    answer: AnswerView,
    at: When,
}

/// The outbox.
pub(super) async fn list(State(app): State<App>) -> Page {
    let view = app.store.notices().await?;
    let site = app.site();
    let times = Times::new(&app, &site);
    page(&NoticesPage {
        frame: Frame::new(&app, &site, "/notices"),
        nobody: app.store.nobody_there(site.notices.recipients.clone()).await?,
        site: site.notices.clone(),
        counts: view.counts,
        lines: view.lines.into_iter().map(|notice| Line::new(notice, &site, &times)).collect(),
    })
}

/// Who was asked how much, and what came of it.
pub(super) async fn figures(State(app): State<App>) -> Page {
    let figures = app.store.notice_figures().await?;
    let site = app.site();
    let times = Times::new(&app, &site);
    let compared = app.store.before_and_since_notices().await?;
    page(&FiguresPage {
        frame: Frame::new(&app, &site, "/notices"),
        figures,
        compared: compared.map(|compared| {
            let since = times.when(compared.since);
            (compared, since)
        }),
    })
}

/// One notice, and the form to answer it.
pub(super) async fn show(State(app): State<App>, Path(notice): Path<NoticeId>) -> Page {
    let site = app.site();
    let found = app.store.notice(notice, CHARTS, site.notices.names).await?;
    let NoticeView { line, charts, answers } = found.ok_or(PageError::NotFound("notice"))?;
    seen(&app, Viewed::List, &format!("notice {notice}"))?;
    let times = Times::new(&app, &site);
    let said = |answer: AnswerView| Said { at: times.when(answer.at), answer };
    page(&NoticePage {
        frame: Frame::new(&app, &site, "/notices"),
        line: Line::new(line, &site, &times),
        charts: glass::veil(&app, charts).await?.into_iter().map(|asked| Chart::new(asked, &times)).collect(),
        answers: answers.into_iter().map(said).collect(),
    })
}

/// What waits for recipients without mail, to be printed.
pub(super) async fn slips(State(app): State<App>) -> Page {
    let site = app.site();
    let times = Times::new(&app, &site);
    let found = app.store.slips(SLIPS, site.notices.charts.max(1), site.notices.names).await?;
    let last = found.last().map_or(NoticeId(0), |slip| slip.line.id);
    seen(&app, Viewed::Print, &format!("{} slips up to notice {last}", found.len()))?;
    let mut slips = Vec::new();
    for slip in found {
        let charts = glass::veil(&app, slip.charts).await?;
        let charts = Chart::on_paper(&app, charts, &times).await?;
        slips.push((Line::new(slip.line, &site, &times), charts));
    }
    page(&SlipsPage { frame: Frame::new(&app, &site, "/notices"), slips, last })
}

/// Up to which notice slips were printed.
#[derive(Deserialize)]
pub(super) struct PrintedTo {
    last: NoticeId,
}

/// Marks slips as given out.
pub(super) async fn printed(
    State(app): State<App>,
    Form(PrintedTo { last }): Form<PrintedTo>,
) -> Result<Redirect, PageError> {
    app.store.slips_printed(last, actor()).await?;
    app.changes.announce(Change::FileRoom);
    Ok(Redirect::to("/notices"))
}

/// Takes answers: of each chart, what is said and what belongs to it.
pub(super) async fn answer(
    State(app): State<App>,
    Path(notice): Path<NoticeId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Redirect, PageError> {
    let given = given(&fields).ok_or(PageError::BadRequest(
        "a day or a name belongs to an answer: it is here, returned on, passed to, never had it; choose one in the same line",
    ))?;
    app.store.answer_notice(notice, given, actor()).await?;
    app.changes.announce(Change::FileRoom);
    Ok(Redirect::to(&format!("/notices/{notice}")))
}

/// A notice came back: the address is wrong.
pub(super) async fn came_back(
    State(app): State<App>,
    Path(notice): Path<NoticeId>,
) -> Result<Redirect, PageError> {
    app.store.notice_came_back(notice, actor()).await?;
    app.changes.announce(Change::FileRoom);
    Ok(Redirect::to(&format!("/notices/{notice}")))
}

/// The answers of a form: `answer-N` and `detail-N` for volume N. `None` if one makes no sense, or says a day or a name
/// without an answer: it would be lost.
fn given(fields: &[(String, String)]) -> Option<Vec<Given>> {
    let mut given = Vec::new();
    for (name, value) in fields {
        if let Some(volume) = name.strip_prefix("detail-") {
            let is_said = |(name, value): &(String, String)| {
                name.strip_prefix("answer-") == Some(volume) && !value.is_empty()
            };
            if !value.trim().is_empty() && !fields.iter().any(is_said) {
                return None;
            }
        }
        let Some(volume) = name.strip_prefix("answer-").filter(|_| !value.is_empty()) else { continue };
        let detail = fields.iter().find(|(name, _)| name.strip_prefix("detail-") == Some(volume));
        let detail: Option<String> = detail
            .map(|(_, text)| text.trim().chars().filter(|c| !c.is_control()).take(DETAIL_MAX).collect());
        given.push(Given {
            volume: VolumeId(volume.parse().ok()?),
            answer: Answer::parse(value)?,
            detail: detail.filter(|detail| !detail.is_empty()),
        });
    }
    Some(given)
}

impl NoticesPage {
    fn to_print(&self) -> usize {
        let waits = |line: &&Line| line.notice.channel == "slip" && line.notice.state == "queued";
        self.lines.iter().filter(waits).count()
    }
}

impl Said {
    fn words(&self) -> String {
        let how = if self.answer.is_scanned { " (slip)" } else { "" };
        let by = self.answer.actor.as_ref().map(|actor| format!(", by {actor}")).unwrap_or_default();
        format!("{}{by}{how}", self.answer.answer.words(self.answer.detail.as_deref()))
    }
}

impl Line {
    fn new(notice: NoticeLine, site: &Site, times: &Times) -> Line {
        Line {
            kind: Kind::of(&notice.step, &site.notices.ladder),
            created: times.when(notice.created_at),
            ended: notice.ended_at.map(|at| times.when(at)),
            notice,
        }
    }

    /// The state in words.
    fn state(&self) -> &'static str {
        match (self.notice.state.as_str(), self.notice.channel.as_str()) {
            ("queued", "slip") => "to be printed",
            ("queued", _) if self.notice.tries > 0 => "tried, waits",
            ("queued", _) => "waits",
            ("sent", "slip") => "printed",
            ("sent", _) => "sent",
            ("refused", _) => "REFUSED",
            _ => "not needed any more",
        }
    }

    fn is_refused(&self) -> bool {
        self.notice.state == "refused"
    }

    /// Charts are asked for, and answers are waited for.
    fn asks(&self) -> bool {
        self.kind != Kind::Found
    }

    /// There are more than so many.
    fn more_than(&self, charts: usize) -> bool {
        usize::try_from(self.notice.open).is_ok_and(|open| open > charts)
    }

    /// Others than the recipient have the charts.
    fn is_about_others(&self) -> bool {
        self.kind == Kind::Told
    }

    /// What a slip with so many charts says first.
    fn words(&self, charts: usize) -> String {
        let one = charts == 1;
        let these = if one { "this chart" } else { "these charts" };
        let (they, are, them) = if one { ("it", "is", "it") } else { ("they", "are", "them") };
        match self.kind {
            Kind::Before => format!(
                "By the record you have {these}, soon due back. Still needed? Show {them} to a scanner, and the time begins anew."
            ),
            Kind::Due => {
                format!("By the record you have {these}, due back now. Please send {them} back today.")
            }
            Kind::Late => format!(
                "By the record you have {these}, and {they} {are} overdue. Please look on the desks, in the trays and inside other charts, and send back what is there."
            ),
            Kind::Told => format!(
                "The holder was asked for {these}, and {they} did not come back. Please see that {they} {are} looked for."
            ),
            Kind::Needed => format!(
                "Somebody else needs {these} that you have by the record. Please send {them} now, or say where {they} {are}."
            ),
            Kind::Found => {
                format!("You were asked for {these}: scanned since. Thank you; nobody has to look any more.")
            }
        }
    }
}

impl Chart {
    fn new(asked: Asked, times: &Times) -> Chart {
        Chart {
            seen: asked.seen_at.map(|at| times.when(at)),
            due: asked.due_at.map(|at| times.due(at)),
            needed: asked.needed_at.map(|at| times.due(at)),
            codes: Vec::new(),
            searched: asked.searched.iter().map(|look| look.words(times.when(look.at).text())).collect(),
            asked,
        }
    }

    async fn on_paper(app: &App, asked: Vec<Asked>, times: &Times) -> Result<Vec<Chart>, PageError> {
        let keys = |asked: &Asked| ON_PAPER.map(|answer| (reply_key(asked.row, answer), CODE));
        let mut codes = bar_codes(app, asked.iter().flat_map(keys).collect()).await?;
        let with_codes = |asked| Chart {
            codes: ON_PAPER.iter().map(|_| codes.next()).collect(),
            ..Chart::new(asked, times)
        };
        Ok(asked.into_iter().map(with_codes).collect())
    }

    fn code(&self, place: usize) -> &str {
        self.codes.get(place).and_then(Option::as_deref).unwrap_or_default()
    }
}

impl FiguresPage {
    /// What is compared: a title, and its figure of a side.
    fn rows(side: &Side) -> [(&'static str, String); 5] {
        let known =
            |figure: Option<f64>| figure.map_or_else(|| "–".to_owned(), |figure| format!("{figure:.1}"));
        [
            ("Days", format!("{:.0}", side.days)),
            ("Cases of missing charts for each 1,000 movements", format!("{:.1}", side.missing_rate())),
            ("Cases", side.cases.to_string()),
            ("Hours until one is found, half take less", known(side.hours_to_find)),
            ("Days until a chart comes home, half take less", known(side.days_away)),
        ]
    }
}

impl NoticePage {
    fn choices(&self) -> [Answer; 4] {
        Answer::ALL
    }
}
