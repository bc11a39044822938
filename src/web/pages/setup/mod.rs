//! Bar codes that set scanners up, to be printed; and some to try a scanner with.

mod datalogic;
mod families;
mod family;
mod honeywell;

use super::extract::Path;
use super::{Frame, Page, PageError, filters, page};
use crate::symbol::Symbol;
use crate::web::App;
use askama::Template;
use axum::extract::State;
use families::FAMILIES;
use family::{Family, How, Purpose, Step, drawing};

#[derive(Template)]
#[template(path = "setups.html", config = "src/web/askama.toml")]
struct SetupsPage {
    frame: Frame,
    families: &'static [Family],
    trials: Vec<Trial>,
}

#[derive(Template)]
#[template(path = "setup.html", config = "src/web/askama.toml")]
struct SetupPage {
    frame: Frame,
    family: &'static Family,
    steps: Vec<Drawn>,
}

/// A step with its symbols drawn, in the order in which they are scanned.
struct Drawn {
    purpose: Purpose,
    step: &'static Step,
    symbols: Vec<String>,
}

/// A code that only tries out what arrives.
struct Trial {
    text: &'static str,
    svg: String,
    why: &'static str,
}

const TRIALS: [(&str, &str); 2] = [
    ("OUTGUIDE-TEST", "shows whether scans end as they should and whether the AIM identifier is sent"),
    (
        "Outguide yz-/_+ 0123",
        "shows whether every character arrives as it is; it does not if a keyboard layout is wrong or Caps Lock is on",
    ),
];

/// The makers, and the codes to try a scanner with.
pub(super) async fn list(State(app): State<App>) -> Page {
    let trials = TRIALS.into_iter().filter_map(|(text, why)| {
        let symbol = Symbol::code128(text).ok()?;
        Some(Trial { text, svg: drawing(&symbol), why })
    });
    let frame = Frame::new(&app, &app.site(), "/scanners");
    page(&SetupsPage { frame, families: FAMILIES, trials: trials.collect() })
}

/// One maker's codes.
pub(super) async fn show(State(app): State<App>, Path(key): Path<String>) -> Page {
    let family = FAMILIES.iter().find(|family| family.key == key);
    let family = family.ok_or(PageError::NotFound("scanner family"))?;
    let steps = Purpose::ALL.into_iter().zip(&family.steps).map(|(purpose, step)| Drawn {
        purpose,
        step,
        symbols: step.how.drawings(),
    });
    let frame = Frame::new(&app, &app.site(), "/scanners");
    page(&SetupPage { frame, family, steps: steps.collect() })
}

impl Drawn {
    /// Where the manual has the code, if it is not drawn here.
    fn place(&self) -> Option<&'static str> {
        match self.step.how {
            How::Scan(_) | How::Nothing(_) => None,
            How::Manual(place) => Some(place),
        }
    }

    /// Why there is nothing to scan.
    fn nothing(&self) -> Option<&'static str> {
        match self.step.how {
            How::Nothing(why) => Some(why),
            How::Scan(_) | How::Manual(_) => None,
        }
    }
}
