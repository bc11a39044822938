//! The few static files, inside the binary. Each has an address with a hash of its content, so that browsers may keep
//! it for ever and still never show an old one.

use super::routes::{Needs, Routes};
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::LazyLock;

/// Bytes of the hash that stand in an address.
const HASH_BYTES: usize = 6;
const KEEP: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The addresses of the static files.
#[derive(Debug)]
pub(super) struct Assets {
    /// The style sheet.
    pub(super) style: String,
    /// The style of sheets with bar codes.
    pub(super) sheet: String,
    /// The style of labels and of the form that prints them.
    pub(super) paper: String,
    /// The style of pull lists and slips.
    pub(super) pull: String,
    /// The style of the screen on the wall.
    pub(super) wall: String,
    /// The style of forms for accounts.
    pub(super) form: String,
    /// The script; every page works without it.
    pub(super) script: String,
    /// The tones of a station's page.
    pub(super) sound: String,
    /// The icon of the site.
    pub(super) icon: String,
}

struct File {
    name: &'static str,
    kind: HeaderValue,
    bytes: &'static [u8],
}

const STYLE: File = css("app.css", include_bytes!("static/app.css"));
const SHEET: File = css("sheet.css", include_bytes!("static/sheet.css"));
const PAPER: File = css("paper.css", include_bytes!("static/paper.css"));
const PULL: File = css("pull.css", include_bytes!("static/pull.css"));
const WALL: File = css("wall.css", include_bytes!("static/wall.css"));
const FORM: File = css("form.css", include_bytes!("static/form.css"));
const SCRIPT: File = javascript("app.js", include_bytes!("static/app.js"));
const SOUND: File = javascript("sound.js", include_bytes!("static/sound.js"));
const ICON: File = File {
    name: "icon.svg",
    kind: HeaderValue::from_static("image/svg+xml"),
    bytes: include_bytes!("static/icon.svg"),
};

const fn css(name: &'static str, bytes: &'static [u8]) -> File {
    File { name, kind: HeaderValue::from_static("text/css; charset=utf-8"), bytes }
}

const fn javascript(name: &'static str, bytes: &'static [u8]) -> File {
    File { name, kind: HeaderValue::from_static("text/javascript; charset=utf-8"), bytes }
}

const FILES: [File; 9] = [STYLE, SHEET, PAPER, PULL, WALL, FORM, SCRIPT, SOUND, ICON];

static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    style: STYLE.address(),
    sheet: SHEET.address(),
    paper: PAPER.address(),
    pull: PULL.address(),
    wall: WALL.address(),
    form: FORM.address(),
    script: SCRIPT.address(),
    sound: SOUND.address(),
    icon: ICON.address(),
});

/// The addresses of this build.
pub(super) fn assets() -> &'static Assets {
    &ASSETS
}

/// Serves the files, also under the address of another build: a page from before an upgrade still gets its style.
pub(super) fn routes() -> Routes {
    Routes::new().get("/static/{hash}/{name}", Needs::Nothing, file).get("/favicon.ico", Needs::Nothing, icon)
}

async fn file(Path((hash, name)): Path<(String, String)>) -> Response {
    let Some(file) = FILES.into_iter().find(|file| file.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // An address of another build must not be kept: its content is not what the hash promises.
    let is_ours = file.hash() == hash;
    let mut response = file.into_response();
    if is_ours {
        response.headers_mut().insert(header::CACHE_CONTROL, KEEP);
    }
    response
}

async fn icon() -> Response {
    ICON.into_response()
}

impl File {
    fn hash(&self) -> String {
        Sha256::digest(self.bytes).iter().take(HASH_BYTES).fold(String::new(), |mut hash, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hash, "{byte:02x}");
            hash
        })
    }

    fn address(&self) -> String {
        format!("/static/{}/{}", self.hash(), self.name)
    }

    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, self.kind)], self.bytes).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_small_enough_for_old_computers() {
        for file in FILES {
            assert!(file.bytes.len() <= 14 * 1024, "{} has {} bytes", file.name, file.bytes.len());
        }
    }
}
