//! Rules files: reading them, with errors that show the place, and writing them.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use huaweicloud_cts::provision::{NotificationSet, NotificationSpec};
use serde::de::DeserializeOwned;

use crate::exit::Failure;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Toml,
    Yaml,
    Json,
}

impl Format {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "toml" => Some(Self::Toml),
            "yaml" | "yml" => Some(Self::Yaml),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// The files that declare the desired state.
#[derive(Clone, Debug, Args)]
pub(crate) struct RulesFiles {
    /// Rules files in TOML, YAML or JSON, or directories of them; `-` is the standard input.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The format, for `-` and for names that do not tell it; TOML unless given.
    #[arg(long)]
    pub(crate) format: Option<Format>,
    /// Replace `${VARIABLE}` by variables of the environment; `$${` stands for `${`.
    #[arg(long)]
    pub(crate) expand: bool,
}

/// A file that was read.
pub(crate) struct RulesFile {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) format: Format,
}

impl RulesFiles {
    /// Reads all files, as one set.
    pub(crate) fn read(&self) -> Result<NotificationSet, Failure> {
        let mut specs: Vec<NotificationSpec> = Vec::new();
        for file in self.texts()? {
            let set: NotificationSet = parse(&file)?;
            specs.extend_from_slice(set.specs());
        }
        NotificationSet::new(specs).map_err(|error| Failure::failed(error.to_string()))
    }

    /// Reads all files, without reading what is in them.
    pub(crate) fn texts(&self) -> Result<Vec<RulesFile>, Failure> {
        let mut texts = Vec::new();
        for path in &self.files {
            if path.is_dir() {
                let mut within = Vec::new();
                for entry in std::fs::read_dir(path).map_err(|error| Failure::at(path.display(), error))? {
                    let path = entry.map_err(|error| Failure::at(path.display(), error))?.path();
                    if path.is_file() && Format::of(&path).is_some() {
                        within.push(path);
                    }
                }
                if within.is_empty() {
                    return Err(Failure::at(path.display(), "the directory has no file in TOML, YAML or JSON"));
                }
                within.sort();
                for path in within {
                    texts.push(self.text(&path)?);
                }
            } else {
                texts.push(self.text(path)?);
            }
        }
        Ok(texts)
    }

    fn text(&self, path: &Path) -> Result<RulesFile, Failure> {
        let from_name = if is_stdin(path) { None } else { Format::of(path) };
        let (name, text) = read_text(path)?;
        let text = if self.expand { expand(&text).map_err(|error| Failure::at(&name, error))? } else { text };
        Ok(RulesFile { name, text, format: from_name.or(self.format).unwrap_or(Format::Toml) })
    }
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Reads a file, or the standard input for `-`. Returns how errors call it, too.
pub(crate) fn read_text(path: &Path) -> Result<(String, String), Failure> {
    let (name, bytes) = read_bytes(path)?;
    let text = String::from_utf8(bytes).map_err(|error| Failure::at(&name, format_args!("not UTF-8: {error}")))?;
    Ok((name, text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)))
}

pub(crate) fn read_bytes(path: &Path) -> Result<(String, Vec<u8>), Failure> {
    let mut bytes = Vec::new();
    if is_stdin(path) {
        std::io::stdin().read_to_end(&mut bytes).map_err(|error| Failure::at("standard input", error))?;
        return Ok(("standard input".to_owned(), bytes));
    }
    let name = path.display().to_string();
    bytes = std::fs::read(path).map_err(|error| Failure::at(&name, error))?;
    Ok((name, bytes))
}

/// Reads a value from a file. An error shows the line.
pub(crate) fn parse<T: DeserializeOwned>(file: &RulesFile) -> Result<T, Failure> {
    let RulesFile { name, text, format } = file;
    match format {
        Format::Toml => toml::from_str(text).map_err(|error| Failure::at(name, error.to_string().trim_end())),
        Format::Yaml => serde_saphyr::from_str(text).map_err(|error| {
            let error = error.to_string().replace("<input>", name);
            Failure::at(name, error.trim_start_matches("error: ").trim_end())
        }),
        Format::Json => serde_json::from_str(text).map_err(|error| {
            let place = caret(text, error.line(), error.column());
            Failure::at(name, format!("{error}{place}"))
        }),
    }
}

/// Returns a line with a caret below the column, as the parsers of TOML and YAML show it.
fn caret(text: &str, line: usize, column: usize) -> String {
    let Some(shown) = line.checked_sub(1).and_then(|line| text.lines().nth(line)) else { return String::new() };
    // A caret below a line that does not fit on the screen helps little.
    if shown.chars().count() > 200 {
        return String::new();
    }
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let indent = " ".repeat(column.saturating_sub(1));
    format!("\n{margin} |\n{number} | {shown}\n{margin} | {indent}^")
}

/// Replaces `${VARIABLE}` by the variable's value.
fn expand(text: &str) -> Result<String, String> {
    expand_with(text, |name| std::env::var(name).ok())
}

fn expand_with(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(escaped) = before.strip_suffix('$') {
            expanded.push_str(escaped);
            expanded.push_str("${");
            rest = after;
            continue;
        }
        let line = text.lines().count() - rest.lines().count() + before.matches('\n').count() + 1;
        let (name, after) = after.split_once('}').ok_or_else(|| format!("line {line}: ${{ without a }}"))?;
        let value = variable(name).ok_or_else(|| format!("line {line}: the variable {name:?} is not set"))?;
        // A value is a value, and no way to write other parts of the file.
        if value.chars().any(|c| c.is_control() || matches!(c, '"' | '\'' | '\\')) {
            return Err(format!("line {line}: the variable {name:?} has a quote, a backslash or a control character"));
        }
        expanded.push_str(before);
        expanded.push_str(&value);
        rest = after;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::{caret, expand_with};

    #[test]
    fn variables_are_replaced_and_their_values_cannot_add_to_the_file() {
        let variable = |name: &str| match name {
            "REGION" => Some("eu-de".to_owned()),
            "BAD" => Some("x\"\nstatus = \"disabled".to_owned()),
            _ => None,
        };
        assert_eq!(expand_with("a ${REGION} $${REGION} $5 {b}", variable).as_deref(), Ok("a eu-de ${REGION} $5 {b}"));
        assert_eq!(expand_with("\n${NONE}", variable).unwrap_err(), "line 2: the variable \"NONE\" is not set");
        assert!(expand_with("${BAD}", variable).unwrap_err().contains("a quote"));
        assert_eq!(expand_with("a\n\nb ${REGION", variable).unwrap_err(), "line 3: ${ without a }");
    }

    #[test]
    fn a_caret_is_below_the_column() {
        assert_eq!(caret("{\n  \"a\": x\n}", 2, 8), "\n  |\n2 |   \"a\": x\n  |        ^");
        assert_eq!(caret("", 1, 1), "");
    }
}
