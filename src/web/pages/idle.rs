//! A desk that is left alone, in a browser without a script: its pages lead to the station's by themselves, so that names do
//! not stay on the screen. Not where somebody may be typing: what is typed would be gone. Such a page locks at the next click.

/// How the layout begins what leads away.
const LEADS: &str = "<noscript data-idle>";
/// How it ends.
const END: &str = "</noscript>";
/// Fields that nothing is typed into.
const CHOSEN: [&str; 6] = ["hidden", "checkbox", "radio", "submit", "button", "file"];

/// A page as it is sent: one with a field to type into leads nowhere by itself.
pub(super) fn kept(mut page: String) -> String {
    if let Some(begin) = page.find(LEADS).filter(|_| takes_text(&page))
        && let Some(length) = page.get(begin..).and_then(|rest| rest.find(END))
    {
        page.replace_range(begin..begin + length + END.len(), "");
    }
    page
}

fn takes_text(page: &str) -> bool {
    let fields = page.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
    let is_typed = |field: &str| !CHOSEN.iter().any(|kind| field.contains(&format!("type=\"{kind}\"")));
    page.contains("<textarea") || fields.into_iter().any(is_typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_leads_away_by_itself_only_where_nothing_is_typed() {
        let check = |form: &str, expect: bool| {
            let page =
                format!("<head><noscript data-idle><meta http-equiv=\"refresh\"></noscript></head>{form}");
            assert_eq!(kept(page).contains("refresh"), expect, "{form}");
        };
        check("<p>12-34-56</p>", true);
        check("<input type=\"hidden\" name=\"id\"><input type=\"radio\"><button>Tick</button>", true);
        check("<input type=\"hidden\" name=\"id\"><input name=\"why\">", false);
        check("<input id=\"day\" type=\"date\">", false);
        check("<textarea name=\"lines\">", false);
    }
}
