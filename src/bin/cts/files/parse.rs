//! Values from files in each of the formats.

use serde::de::DeserializeOwned;

use super::place::Place;
use super::{Format, RulesFile};
use crate::exit::Failure;

/// What is wrong, and where.
type Wrong = (String, Option<Place>);

/// Reads a value from a file. An error shows the place.
pub(crate) fn parse<T: DeserializeOwned>(file: &RulesFile) -> Result<T, Failure> {
    read(file).map_err(|(message, place)| file.error(place, &message))
}

pub(super) fn read<T: DeserializeOwned>(file: &RulesFile) -> Result<T, Wrong> {
    match file.format {
        Format::Toml => toml::from_str(&file.text).map_err(|error| {
            (
                error.message().to_owned(),
                error.span().map(|bytes| Place::of_bytes(&file.text, &bytes)),
            )
        }),
        Format::Yaml => yaml(&file.text),
        Format::Json => serde_json::from_str(&file.text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let text = error.to_string();
            let message = text
                .strip_suffix(&format!(" at line {line} column {column}"))
                .unwrap_or(&text)
                .to_owned();
            // It says where a value ends. JSON is YAML, whose parser says where it begins.
            let begin = yaml::<T>(&file.text)
                .err()
                .and_then(|(_, place)| place)
                .filter(|_| error.is_data());
            (message, begin.or((line > 0).then_some(Place { line, column, length: 1 })))
        }),
    }
}

fn yaml<T: DeserializeOwned>(text: &str) -> Result<T, Wrong> {
    serde_saphyr::from_str_with_options(text, serde_saphyr::options! { with_snippet: false })
        .map_err(|error| {
            let place = error.location().map(|at| of_location(text, at));
            let message = error.to_string();
            let message = match (message.rsplit_once(" at line "), place) {
                (Some((message, _)), Some(_)) => message.to_owned(),
                _ => message,
            };
            (message, place)
        })
}

/// Returns the place of a location of the parser for YAML.
pub(super) fn of_location(text: &str, at: serde_saphyr::Location) -> Place {
    let (line, column) =
        (usize::try_from(at.line()).unwrap_or(1), usize::try_from(at.column()).unwrap_or(1));
    // It knows where a value begins.
    let rest = text
        .lines()
        .nth(line.saturating_sub(1))
        .unwrap_or_default()
        .chars()
        .skip(column.saturating_sub(1));
    Place { line, column, length: word(rest) }
}

/// Returns the number of characters of the string or word that a line goes on with.
fn word(mut line: impl Iterator<Item = char> + Clone) -> usize {
    let quote = line.clone().next().filter(|c| matches!(c, '"' | '\''));
    let length = match quote {
        Some(quote) => line.skip(1).position(|c| c == quote).map_or(1, |end| end + 2),
        None => line.position(|c| !c.is_alphanumeric() && c != '_').unwrap_or(1),
    };
    length.max(1)
}
