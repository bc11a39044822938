//! Which labels a form means: looked up, all or none.

use super::wanted::{Wanted, What};
use crate::label::{Formats, LabelKind, Reading, visible_text};
use crate::paper::{Content, Label};
use crate::store::{LabelKeys, Locate, StoreError, Veil, VolumeView};
use crate::tracking::{Command, Mrn, VolumeId};
use crate::web::meant::Meaning;
use crate::web::pages::filters::cut;
use crate::web::{App, glass};
use std::collections::HashSet;

/// Most labels of one request: fifteen sheets, or some minutes of a label printer.
const LABELS_MAX: usize = 300;

/// The labels that a form means.
#[derive(Default)]
pub(super) struct Chosen {
    pub(super) labels: Vec<Label>,
    /// The folders among them.
    pub(super) volumes: Vec<VolumeId>,
    /// Folders of restricted charts that whoever asks has not opened.
    pub(super) left_out: usize,
}

/// What the form means, or why it cannot be printed as it stands.
type Labels = Result<Chosen, Vec<String>>;

pub(super) async fn labels(app: &App, wanted: &Wanted) -> Result<Labels, StoreError> {
    let found = match wanted.what {
        What::Volumes => listed(app, &wanted.list).await?,
        What::Volume => one(app, wanted.volume).await?,
        What::Shelf => shelf(app, wanted).await?,
        What::Custodians | What::Badges => custodians(app, wanted).await?,
        What::Commands => {
            Ok(Chosen { labels: Command::ALL.into_iter().map(Label::command).collect(), ..Chosen::default() })
        }
    };
    Ok(found.and_then(|chosen| match chosen.labels.len() {
        0 if chosen.left_out > 0 => {
            problem("all of these are of restricted charts; open each chart, and print its label from there")
        }
        0 => problem("nothing was chosen; say which labels you want"),
        1..=LABELS_MAX => Ok(chosen),
        _ => problem(&format!("these are more than {LABELS_MAX} labels; print them in several parts")),
    }))
}

impl Chosen {
    fn of(volumes: &[VolumeView]) -> Chosen {
        let labels = volumes.iter().map(volume_label).collect();
        Chosen { labels, volumes: volumes.iter().map(|volume| volume.volume).collect(), left_out: 0 }
    }
}

/// The folders whose charts whoever asks may see, and how many others there are.
pub(super) async fn opened(
    app: &App,
    volumes: Vec<VolumeView>,
) -> Result<(Vec<VolumeView>, usize), StoreError> {
    let closed = glass::closed_of(app, &volumes).await?;
    let all = volumes.len();
    let is_open = |volume: &VolumeView| volume.concerns().is_none_or(|of| !closed.contains(&of));
    let open: Vec<_> = volumes.into_iter().filter(is_open).collect();
    let left_out = all - open.len();
    Ok((open, left_out))
}

/// The label of a volume.
pub(super) fn volume_label(volume: &VolumeView) -> Label {
    Label {
        key: volume.label.clone(),
        content: Content::Volume {
            record_number: volume.mrn.clone(),
            number: volume.number,
            record_type: volume.record_type.clone(),
            home: volume.home.name.clone(),
        },
    }
}

fn problem(text: &str) -> Labels {
    Err(vec![text.to_owned()])
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines()).map(|(number, line)| (number, line.trim())).filter(|(_, line)| !line.is_empty())
}

async fn listed(app: &App, list: &str) -> Result<Labels, StoreError> {
    if lines(list).count() > LABELS_MAX {
        return Ok(problem(&format!("these are more than {LABELS_MAX} lines; print them in several parts")));
    }
    let formats = app.intake.settings().formats.clone();
    let (mut chosen, mut problems) = (Vec::new(), Vec::new());
    let mut seen: HashSet<VolumeId> = HashSet::new();
    for (number, line) in lines(list) {
        match meant(&formats, line) {
            Err(why) => problems.push(format!("line {number}, {}: {why}", cut(&visible_text(line)))),
            Ok(wanted) => {
                let hits = app.store.locate(wanted).await?;
                let (hits, left_out) = opened(app, hits).await?;
                if left_out > 0 {
                    let shown = cut(&visible_text(line));
                    problems.push(format!("line {number}, {shown}: its chart is restricted; open it first"));
                } else if hits.is_empty() {
                    let shown = cut(&visible_text(line));
                    problems.push(format!("line {number}, {shown}: no chart has this label or number"));
                }
                chosen.extend(hits.into_iter().filter(|hit| seen.insert(hit.volume)));
            }
        }
    }
    Ok(if problems.is_empty() { Ok(Chosen::of(&chosen)) } else { Err(problems) })
}

/// What a line may mean: a volume's label, or a record number.
fn meant(formats: &Formats, line: &str) -> Result<Locate, &'static str> {
    let meant = Meaning::by(formats, line);
    let wanted = meant.locate();
    match meant.reading {
        Reading::Label(label) if label.kind != LabelKind::Volume => Err("this is not the label of a folder"),
        Reading::Foreign(_) | Reading::Damaged(_) | Reading::Unknown if wanted.mrn.is_none() => {
            Err("this is neither a label nor a record number")
        }
        Reading::Label(_) | Reading::Foreign(_) | Reading::Damaged(_) | Reading::Unknown => Ok(wanted),
    }
}

async fn one(app: &App, volume: Option<VolumeId>) -> Result<Labels, StoreError> {
    let Some(volume) = volume else { return Ok(Ok(Chosen::default())) };
    let found = app.store.volume(volume).await?;
    Ok(Ok(Chosen::of(found.as_slice())))
}

async fn shelf(app: &App, wanted: &Wanted) -> Result<Labels, StoreError> {
    let Some(custodian) = wanted.custodian else {
        return Ok(problem("no shelf was chosen; choose whose it is"));
    };
    let end = |text: &str| match text.trim() {
        "" => Some(None),
        typed => Mrn::parse(typed).map(Some),
    };
    let (Some(from), Some(to)) = (end(&wanted.from), end(&wanted.to)) else {
        return Ok(problem("from or to is no record number; write one as it stands on a folder, or nothing"));
    };
    let found = app.store.shelf(custodian, (from, to), LABELS_MAX + 1).await?;
    Ok(match found {
        None => problem("this custodian is not on file; choose another"),
        Some(volumes) if volumes.is_empty() => {
            problem("no folder belongs there; in shelf order, “from” comes before “to”")
        }
        Some(volumes) => {
            let (open, left_out) = opened(app, volumes).await?;
            Ok(Chosen { left_out, ..Chosen::of(&open) })
        }
    })
}

/// Somebody or some place that has a label.
struct Owner {
    id: i64,
    code: String,
    name: String,
}

async fn custodians(app: &App, wanted: &Wanted) -> Result<Labels, StoreError> {
    let is_badge = wanted.what == What::Badges;
    let all: Vec<Owner> = if is_badge {
        let people = app.store.people().await?;
        people.into_iter().map(|view| Owner { id: view.id.0, code: view.code, name: view.name }).collect()
    } else {
        let custodians = app.store.custodians().await?.into_iter().map(|view| view.custodian);
        custodians.map(|view| Owner { id: view.id.0, code: view.code, name: view.name }).collect()
    };
    let keys = app.store.label_keys().await?;
    let (mut labels, mut problems) = (Vec::new(), Vec::new());
    for (place, owner) in chosen(&all, &wanted.codes) {
        let label = match owner {
            Some(owner) => owner_label(owner, is_badge, &keys),
            None if is_badge => Err("no person on file has this code".to_owned()),
            None => Err("no custodian on file has this code".to_owned()),
        };
        match label {
            Ok(label) => labels.push(label),
            Err(why) => problems.push(format!("{place}: {why}")),
        }
    }
    if labels.is_empty() && problems.is_empty() {
        problems.push(format!("no {} is on file", if is_badge { "person" } else { "custodian" }));
    }
    Ok(if problems.is_empty() { Ok(Chosen { labels, ..Chosen::default() }) } else { Err(problems) })
}

/// The owners of these codes, one a line, each with its line; all if there is none.
fn chosen<'a>(all: &'a [Owner], codes: &str) -> Vec<(String, Option<&'a Owner>)> {
    if lines(codes).next().is_none() {
        return all.iter().map(|owner| (cut(&visible_text(&owner.code)), Some(owner))).collect();
    }
    let find = |code: &str| all.iter().find(|owner| owner.code.eq_ignore_ascii_case(code));
    let place = |number, code| format!("line {number}, {}", cut(&visible_text(code)));
    lines(codes).map(|(number, code)| (place(number, code), find(code))).collect()
}

/// The label on file, or else Outguide's own with the owner's number, unless that is somebody else's.
fn owner_label(owner: &Owner, is_badge: bool, keys: &LabelKeys) -> Result<Label, String> {
    let (kind, on_file) = if is_badge {
        (LabelKind::Person, keys.people.get(&owner.id))
    } else {
        (LabelKind::Custodian, keys.custodians.get(&owner.id))
    };
    let own = kind.own_key(owner.id.unsigned_abs());
    let key = on_file.cloned().unwrap_or(own);
    if keys.owners.get(&(kind, key.clone())).is_some_and(|other| *other != owner.id) {
        return Err(format!("{key} is the label of somebody else; import a label for this one"));
    }
    let (name, code) = (owner.name.clone(), owner.code.clone());
    let content = if is_badge { Content::Person { name, code } } else { Content::Custodian { name, code } };
    Ok(Label { key, content })
}
