//! Which column says what: told by a mapping, or known by its name.

use super::field;
use super::names::{Field, plain};
use csv::StringRecord;
use std::borrow::Cow;

/// Most columns that a message lists.
const LISTED_MAX: usize = 30;
/// How alike two names must be to be suggested, from 0 to 1.
const ALIKE: f64 = 0.75;

/// Which columns the administrator says hold what: pairs of a field of Outguide's and a column's name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping(Vec<(String, String)>);

impl Mapping {
    /// Reads `field=column` pairs: separated by commas in one line, or one a line, as in a file, where lines that begin
    /// with `#` are remarks.
    ///
    /// # Errors
    /// A part that is no such pair.
    pub fn parse(text: &str) -> Result<Mapping, String> {
        let separator = if text.trim().contains('\n') { '\n' } else { ',' };
        let mut pairs = Vec::new();
        for part in text.trim_start_matches('\u{feff}').split(separator).map(str::trim) {
            if part.is_empty() || part.starts_with('#') {
                continue;
            }
            match part.split_once('=').map(|(field, column)| (field.trim(), column.trim())) {
                Some((field, column)) if !field.is_empty() && !column.is_empty() => {
                    pairs.push((field.to_owned(), column.to_owned()));
                }
                _ => {
                    return Err(format!(
                        "`{part}` in the mapping is no pair; write field=column, such as mrn=Patient No"
                    ));
                }
            }
        }
        Ok(Mapping(pairs))
    }
}

/// Columns by what they say, in whatever order the file has them.
#[derive(Debug)]
pub(super) struct Columns {
    found: Vec<(Field, usize)>,
    read_as: Vec<(String, &'static str)>,
    ignored: Vec<String>,
}

impl Columns {
    /// Finds the columns of a list in its header: those that must be there, and those that may.
    pub(super) fn find(kind: Fields, header: &StringRecord, mapping: &Mapping) -> Result<Columns, String> {
        let titles: Vec<&str> = header.iter().map(str::trim).collect();
        let mut places = told(kind, &titles, mapping)?;
        named(kind, &titles, &mut places, |field, title| plain(field.name()) == title)?;
        named(kind, &titles, &mut places, |field, title| field.other_names().any(|name| name == title))?;
        let (required, optional) = kind;
        let missing: Vec<Field> =
            required.iter().filter(|field| !places.iter().any(|place| place.0 == **field)).copied().collect();
        if !missing.is_empty() {
            return Err(missing_columns(&missing, &titles));
        }
        // A name in one column, and the same in two: the one column says it as the site does.
        if places.iter().any(|place| place.0 == Field::Name) {
            places.retain(|place| !matches!(place.0, Field::LastName | Field::FirstName));
        }
        let all = required.iter().chain(optional);
        let found = all.filter_map(|field| places.iter().find(|place| place.0 == *field));
        let found: Vec<(Field, usize)> = found.copied().collect();
        let title = |place: usize| titles.get(place).copied().unwrap_or_default();
        let read_as = found.iter().filter(|(field, place)| plain(field.name()) != plain(title(*place)));
        let ignored = (0..titles.len()).filter(|place| !found.iter().any(|(_, used)| used == place));
        Ok(Columns {
            read_as: read_as.map(|(field, place)| (title(*place).to_owned(), field.name())).collect(),
            ignored: ignored.map(|place| title(place).to_owned()).filter(|title| !title.is_empty()).collect(),
            found,
        })
    }

    /// Columns whose name is not the field's own, and what they are read as.
    pub(super) fn read_as(&self) -> &[(String, &'static str)] {
        &self.read_as
    }

    /// Columns of the file that mean nothing here.
    pub(super) fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Whether the list says anything about this.
    pub(super) fn has(&self, field: Field) -> bool {
        self.found.iter().any(|(found, _)| *found == field)
    }

    /// A field that must not be empty.
    pub(super) fn required<'a>(&self, line: &'a StringRecord, field: Field) -> Result<Cow<'a, str>, String> {
        self.optional(line, field)?.ok_or_else(|| format!("{} is empty; fill it in", field.name()))
    }

    /// A field that may be empty or absent.
    pub(super) fn optional<'a>(
        &self,
        line: &'a StringRecord,
        field: Field,
    ) -> Result<Option<Cow<'a, str>>, String> {
        let said = self.as_written(line, field)?;
        Ok(said.filter(|text| text.as_ref() != "-"))
    }

    /// As [`Columns::optional`], but a lone `-` says that there is none: an empty text.
    pub(super) fn removable(&self, line: &StringRecord, field: Field) -> Result<Option<String>, String> {
        let said = self.as_written(line, field)?;
        Ok(said.map(|text| if text.as_ref() == "-" { String::new() } else { text.into_owned() }))
    }

    fn as_written<'a>(&self, line: &'a StringRecord, field: Field) -> Result<Option<Cow<'a, str>>, String> {
        let place = self.found.iter().find(|(found, _)| *found == field);
        match place.and_then(|(_, place)| line.get(*place)) {
            Some(raw) => field::text(field, raw),
            None => Ok(None),
        }
    }
}

/// What a list must say, and what it may.
pub(super) type Fields = (&'static [Field], &'static [Field]);

type Places = Vec<(Field, usize)>;

/// The columns that the mapping names.
fn told(kind: Fields, titles: &[&str], mapping: &Mapping) -> Result<Places, String> {
    let (required, optional) = kind;
    let known: Vec<Field> = required.iter().chain(optional).copied().collect();
    let mut places = Places::new();
    for (name, column) in &mapping.0 {
        let wanted = plain(name);
        let Some(field) = known.iter().copied().find(|field| plain(field.name()) == wanted) else {
            let names: Vec<&str> = known.iter().map(|field| field.name()).collect();
            return Err(format!(
                "the mapping names the field `{name}`, which this list does not have; it has {}",
                listed(&names)
            ));
        };
        let title = plain(column);
        let mut matching = titles.iter().enumerate().filter(|(_, other)| plain(other) == title);
        let place = match (matching.next(), matching.next()) {
            (Some((place, _)), None) => place,
            (Some(_), Some(_)) => {
                return Err(format!("the header names column `{column}` twice; keep one of them"));
            }
            (None, _) => return Err(no_such_column(column, titles)),
        };
        if let Some((_, other)) = places.iter().find(|taken| taken.0 == field) {
            let other = titles.get(*other).copied().unwrap_or_default();
            return Err(format!(
                "the mapping reads both `{other}` and `{column}` as {}; keep one of them",
                field.name()
            ));
        }
        if let Some((other, _)) = places.iter().find(|taken| taken.1 == place) {
            return Err(format!(
                "the mapping reads `{column}` both as {} and as {}; keep one of them",
                other.name(),
                field.name()
            ));
        }
        places.push((field, place));
    }
    Ok(places)
}

/// Finds columns by name for the fields that have none yet.
fn named(
    kind: Fields,
    titles: &[&str],
    places: &mut Places,
    means: impl Fn(Field, &str) -> bool,
) -> Result<(), String> {
    let (required, optional) = kind;
    for field in required.iter().chain(optional).copied() {
        if places.iter().any(|taken| taken.0 == field) {
            continue;
        }
        let free = titles.iter().enumerate().filter(|(place, title)| {
            !places.iter().any(|taken| taken.1 == *place) && means(field, &plain(title))
        });
        let matching: Vec<(usize, &str)> = free.map(|(place, title)| (place, *title)).collect();
        match matching.as_slice() {
            [] => {}
            [(place, _)] => places.push((field, *place)),
            [(_, one), (_, other), ..] if plain(one) == plain(other) => {
                return Err(format!("the header names column `{one}` twice; keep one of them"));
            }
            [(_, one), (_, other), ..] => {
                let name = field.name();
                return Err(format!(
                    "both `{one}` and `{other}` could be {name}; say which with --map '{name}={one}'"
                ));
            }
        }
    }
    Ok(())
}

fn missing_columns(missing: &[Field], titles: &[&str]) -> String {
    let names: Vec<&str> = missing.iter().map(|field| field.name()).collect();
    let mut text = format!("the header lacks {}; it has {}", listed(&names), listed(titles));
    if let [only] = titles {
        text += &format!("; is `{only}` really one column? columns are separated by , ; | or tabs");
    }
    for field in missing.iter().filter(|_| titles.len() > 1) {
        if let Some(near) = nearest(titles, std::iter::once(field.name()).chain(field.other_names())) {
            text += &format!("; is `{near}` meant? then --map '{}={near}'", field.name());
        }
    }
    if missing == [Field::Label] {
        text += "; if the folders have no labels yet, add --own-labels";
    }
    text + "; --map 'field=column' names a column"
}

fn no_such_column(column: &str, titles: &[&str]) -> String {
    let near = nearest(titles, std::iter::once(column));
    let near = near.map(|near| format!("; is `{near}` meant?")).unwrap_or_default();
    format!(
        "the mapping names column `{column}`, which the header does not have{near}; it has {}",
        listed(titles)
    )
}

/// The title that is most like one of some names, if any is like it at all.
fn nearest<'a, 'b>(titles: &[&'a str], names: impl Iterator<Item = &'b str> + Clone) -> Option<&'a str> {
    let alike = |title: &str| {
        let title = plain(title);
        names.clone().map(|name| strsim::jaro_winkler(&title, &plain(name))).fold(0.0, f64::max)
    };
    let scored = titles.iter().map(|title| (alike(title), *title));
    scored.filter(|(alike, _)| *alike >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, title)| title)
}

fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(LISTED_MAX).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(LISTED_MAX);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}
