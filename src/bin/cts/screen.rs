//! What is written, and where: results to stdout, everything else to stderr.

use std::fmt::{Display, Write as _};
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::args::Output;
use crate::exit::{Exit, Failure};

pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
pub(crate) const HINT: Style = AnsiColor::Cyan.on_default();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIMMED: Style = Style::new().dimmed();

/// Writes a result to stdout, with a newline at its end.
pub(crate) fn out(text: impl Display) -> Result<(), Failure> {
    let mut text = text.to_string();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

/// Writes bytes to stdout as they are.
pub(crate) fn raw(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    Ok(stdout.flush()?)
}

/// Waits until the reader of stdout has gone away. This is seen for the pipes of Unix only: nothing
/// else is waited for.
pub(crate) async fn reader_is_gone() {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd as _;
        use tokio::io::Interest;
        use tokio::net::unix::pipe::Sender;
        // It is not written to, so that it may block. A regular file can't be watched.
        let stdout =
            io::stdout().as_fd().try_clone_to_owned().and_then(Sender::from_owned_fd_unchecked);
        if let Ok(stdout) = stdout
            && stdout.ready(Interest::ERROR).await.is_ok()
        {
            return;
        }
    }
    std::future::pending::<()>().await;
}

/// Writes a line to stderr. There is no place to report that this failed.
pub(crate) fn note(text: impl Display) {
    // At once: stderr has no buffer, and other output would come in between.
    let _gone = anstream::stderr().write_all(format!("{text}\n").as_bytes());
}

/// Writes a value to stdout in a format for programs.
pub(crate) fn value(output: Output, value: &impl Serialize) -> Result<(), Failure> {
    raw(written(output, value)?.as_bytes())
}

/// Returns a value in a format for programs, with a newline at its end.
pub(crate) fn written(output: Output, value: &impl Serialize) -> Result<String, Failure> {
    let text = match output {
        Output::Jsonl => serde_json::to_string(value).map_err(|error| error.to_string()),
        Output::Yaml => serde_saphyr::to_string(value).map_err(|error| error.to_string()),
        Output::Toml => toml(value),
        _ => serde_json::to_string_pretty(value).map_err(|error| error.to_string()),
    };
    Ok(format!("{}\n", text.map_err(Failure::failed)?.trim_end()))
}

/// Returns a value as TOML, which has no null, and no list at the top.
fn toml(value: &impl Serialize) -> Result<String, String> {
    if let Ok(text) = toml::to_string(value) {
        return Ok(text);
    }
    let value = match without_nulls(serde_json::to_value(value).map_err(|error| error.to_string())?)
    {
        list @ serde_json::Value::Array(_) => serde_json::json!({ "items": list }),
        value => value,
    };
    toml::to_string(&value).map_err(|error| error.to_string())
}

fn without_nulls(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Array(items) => {
            items.into_iter().filter(|item| !item.is_null()).map(without_nulls).collect()
        }
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, field)| !field.is_null())
            .map(|(name, field)| (name, without_nulls(field)))
            .collect(),
        value => value,
    }
}

/// Writes each value on a line of its own, or all of them in one document.
pub(crate) fn values<T: Serialize>(output: Output, all: &[T]) -> Result<(), Failure> {
    match output {
        Output::Jsonl => all.iter().try_for_each(|one| value(output, one)),
        _ => value(output, &all),
    }
}

/// Returns text of the service or of a file on one line, without anything that a terminal would
/// obey.
pub(crate) fn clean(text: &str) -> String {
    escaped(text, |_| false)
}

/// Like [`clean`], but keeps the lines.
pub(crate) fn clean_lines(text: &str) -> String {
    escaped(text, |c| c == '\n')
}

fn escaped(text: &str, keeps: impl Fn(char) -> bool) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        if (c.is_control() && !keeps(c)) || is_invisible(c) {
            // A write to a string does not fail.
            let _ok = write!(clean, "{}", c.escape_default());
        } else {
            clean.push(c);
        }
    }
    clean
}

/// Returns `true` for characters that change the order or the direction of others, or that can't be
/// seen.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Returns a number of things: `1 tag`, `2 tags`.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

/// Returns the width of the terminal that stdout is, if it is one.
pub(crate) fn width() -> Option<usize> {
    columns(terminal_size::terminal_size_of(io::stdout()))
}

/// Returns the width of the terminal that stderr is, if it is one.
pub(crate) fn note_width() -> Option<usize> {
    columns(terminal_size::terminal_size_of(io::stderr()))
}

fn columns(size: Option<(terminal_size::Width, terminal_size::Height)>) -> Option<usize> {
    size.map(|(terminal_size::Width(width), _)| usize::from(width)).filter(|width| *width > 0)
}

/// Returns a time as text, in UTC and to the second.
pub(crate) fn time(time: std::time::SystemTime) -> String {
    match jiff::Timestamp::try_from(time) {
        Ok(time) => format!("{time:.0}"),
        Err(_) => String::new(),
    }
}

/// Asks a question. Only `yes` is a yes.
pub(crate) fn confirm(yes: bool, no_input: bool, question: &str) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    let refused = |message: &str| Failure::new(Exit::Refused, message);
    if no_input {
        return Err(refused("not confirmed, because --no-input forbids to ask").hint("add --yes"));
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(
            refused("not confirmed, because there is no terminal to ask at").hint("add --yes")
        );
    }
    let mut stderr = anstream::stderr();
    write!(stderr, "{BOLD}{question}{BOLD:#} Type yes to continue: ")?;
    stderr.flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    if line.trim() == "yes" { Ok(()) } else { Err(refused("not confirmed: nothing was changed")) }
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn what_a_terminal_would_obey_is_escaped_and_names_of_all_languages_stay() {
        assert_eq!(clean("审计 ключ e\u{301} \"a\\b\""), "审计 ключ e\u{301} \"a\\b\"");
        assert_eq!(clean("a\u{1b}[31mb\r\n\u{9b}\u{7}"), "a\\u{1b}[31mb\\r\\n\\u{9b}\\u{7}");
        assert_eq!(clean("x\u{202e}txt\u{feff}\u{2066}"), "x\\u{202e}txt\\u{feff}\\u{2066}");
    }
}
