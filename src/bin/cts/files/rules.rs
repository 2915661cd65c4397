//! The notifications of all files, and where each field of them is.

use std::collections::HashMap;

use huaweicloud_cts::provision::{Finding, NotificationSet, NotificationSpec, SetError};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::parse::{of_location, read};
use super::place::Place;
use super::{Format, RulesFile};
use crate::exit::Failure;

/// What files declare.
pub(crate) struct Rules {
    pub(crate) set: NotificationSet,
    files: Vec<RulesFile>,
    /// Of each notification of the set, where it is.
    written: Vec<Written>,
}

/// A notification in a file.
#[derive(Default)]
struct Written {
    /// The index of the file.
    file: usize,
    /// Its name, if it is a string.
    name: Option<String>,
    fields: HashMap<String, Place>,
}

impl Written {
    /// Returns the place of a field, such as `operations[0].trace_names`, or else of the name.
    fn place(&self, field: &str) -> Option<Place> {
        let field = field.split(['[', '.']).next().unwrap_or_default();
        self.fields.get(field).or_else(|| self.fields.get("notification_name")).copied()
    }

    /// Returns the place of the field that a message names first.
    fn mentioned(&self, message: &str) -> Option<Place> {
        let words = message.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.filter_map(|word| self.fields.get(word)).copied().next()
    }
}

/// A finding, and the place that it is about.
#[derive(Serialize)]
pub(crate) struct Placed<'f> {
    #[serde(flatten)]
    pub(crate) finding: &'f Finding,
    pub(crate) file: Option<&'f str>,
    pub(crate) line: Option<usize>,
    pub(crate) column: Option<usize>,
}

/// A file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with notifications")]
struct File {
    notifications: Vec<NotificationSpec>,
}

/// The same with nothing but places.
#[derive(Deserialize)]
struct Places<S> {
    notifications: Vec<HashMap<String, S>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    String(String),
    Other(IgnoredAny),
}

impl Rules {
    pub(super) fn of(files: Vec<RulesFile>) -> Result<Self, Failure> {
        let (mut specs, mut written): (Vec<NotificationSpec>, Vec<Written>) =
            (Vec::new(), Vec::new());
        for (index, file) in files.iter().enumerate() {
            let places = places(index, file);
            let read: File = read(file).map_err(|(message, place)| {
                // An error of a notification as a whole begins with its name, as `Debug` shows it.
                let is_of = |of: &&Written| {
                    of.name.as_ref().is_some_and(|name| message.starts_with(&format!("{name:?}: ")))
                };
                let mentioned = places.iter().find(is_of).and_then(|of| of.mentioned(&message));
                file.error(mentioned.or(place), &message)
            })?;
            written.extend(places);
            specs.extend(read.notifications);
            written.resize_with(specs.len(), || Written { file: index, ..Written::default() });
        }
        match NotificationSet::new(specs.clone()) {
            Ok(set) => Ok(Self { set, files, written }),
            Err(error) => Err(refused(&error, &specs, &written, &files)),
        }
    }

    /// Returns a finding with the place that it is about.
    pub(crate) fn placed<'f>(&'f self, finding: &'f Finding) -> Placed<'f> {
        let name = finding.notification.as_deref();
        let index = self.set.specs().iter().position(|spec| Some(spec.name()) == name);
        let written = index.and_then(|index| self.written.get(index));
        let place = written.and_then(|written| written.place(&finding.field));
        Placed {
            finding,
            file: written
                .and_then(|written| self.files.get(written.file))
                .map(|file| file.name.as_str()),
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
        }
    }
}

/// Finds the places of all fields. There are none if the file can't be read.
fn places(index: usize, file: &RulesFile) -> Vec<Written> {
    let of_toml = |at: toml::Spanned<Text>| {
        let place = Place::of_bytes(&file.text, &at.span());
        (at.into_inner(), place)
    };
    let of_yaml =
        |at: serde_saphyr::Spanned<Text>| (at.value, of_location(&file.text, at.referenced));
    match file.format {
        Format::Toml => toml::from_str(&file.text)
            .map(|places| written(index, places, of_toml))
            .unwrap_or_default(),
        // JSON is YAML.
        Format::Yaml | Format::Json => serde_saphyr::from_str(&file.text)
            .map(|places| written(index, places, of_yaml))
            .unwrap_or_default(),
    }
}

fn written<S>(file: usize, places: Places<S>, place: impl Fn(S) -> (Text, Place)) -> Vec<Written> {
    let one = |fields: HashMap<String, S>| {
        let mut of = Written { file, ..Written::default() };
        for (field, value) in fields {
            let (text, place) = place(value);
            if let (Text::String(name), "notification_name") = (text, field.as_str()) {
                of.name = Some(name);
            }
            of.fields.insert(field, place);
        }
        of
    };
    places.notifications.into_iter().map(one).collect()
}

/// Returns the error of a set, with the place in the file that has to be changed.
fn refused(
    error: &SetError,
    specs: &[NotificationSpec],
    written: &[Written],
    files: &[RulesFile],
) -> Failure {
    let of = |name: &str, nth: usize| {
        let (index, _) =
            specs.iter().enumerate().filter(|(_, spec)| spec.name() == name).nth(nth)?;
        let of = written.get(index)?;
        Some((of, files.get(of.file)?))
    };
    let found = match error {
        SetError::DuplicateName(name) => {
            of(name, 1).zip(of(name, 0)).map(|((of, file), (first, in_file))| {
                let line =
                    first.place("notification_name").map(|place| format!(", line {}", place.line));
                let other =
                    format!("; the first one is in {}{}", in_file.name, line.unwrap_or_default());
                (file, of.place("notification_name"), other)
            })
        }
        SetError::Invalid { name, reason } => of(name, 0)
            .map(|(of, file)| (file, of.mentioned(reason).or(of.place("")), String::new())),
        SetError::Rename { name, .. } => {
            of(name, 0).map(|(of, file)| (file, of.place("renamed_from"), String::new()))
        }
        _ => None,
    };
    match found {
        Some((file, place, more)) => file.error(place, &format!("{error}{more}")),
        None => Failure::failed(error.to_string()),
    }
}
