//! Rules files: reading them, with errors that show the place.

mod expand;
mod parse;
mod place;
mod rules;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::exit::Failure;

pub(crate) use parse::parse;
pub(crate) use rules::{Placed, Rules};

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
    pub(crate) fn read(&self) -> Result<Rules, Failure> {
        Rules::of(self.texts()?)
    }

    /// Reads all files, without reading what is in them.
    pub(crate) fn texts(&self) -> Result<Vec<RulesFile>, Failure> {
        let mut texts = Vec::new();
        for path in &self.files {
            if path.is_dir() {
                let mut within = Vec::new();
                for entry in
                    std::fs::read_dir(path).map_err(|error| Failure::at(path.display(), error))?
                {
                    let path = entry.map_err(|error| Failure::at(path.display(), error))?.path();
                    if path.is_file() && Format::of(&path).is_some() {
                        within.push(path);
                    }
                }
                if within.is_empty() {
                    return Err(Failure::at(
                        path.display(),
                        "the directory has no file in TOML, YAML or JSON",
                    ));
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
        let mut file =
            RulesFile { name, text, format: from_name.or(self.format).unwrap_or(Format::Toml) };
        if self.expand {
            file.text = expand::expanded(&file)?;
        }
        Ok(file)
    }
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Reads a file, or the standard input for `-`. Returns how errors call it, too.
pub(crate) fn read_text(path: &Path) -> Result<(String, String), Failure> {
    let (name, bytes) = read_bytes(path)?;
    let text = String::from_utf8(bytes)
        .map_err(|error| Failure::at(&name, format_args!("not UTF-8: {error}")))?;
    Ok((name, text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)))
}

pub(crate) fn read_bytes(path: &Path) -> Result<(String, Vec<u8>), Failure> {
    let mut bytes = Vec::new();
    if is_stdin(path) {
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::at("standard input", error))?;
        return Ok(("standard input".to_owned(), bytes));
    }
    let name = path.display().to_string();
    bytes = std::fs::read(path).map_err(|error| Failure::at(&name, error))?;
    Ok((name, bytes))
}
