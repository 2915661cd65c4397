//! Variables of the environment in files.

use super::RulesFile;
use super::place::Place;
use crate::exit::Failure;

/// Replaces `${VARIABLE}` in a file by the variable's value.
pub(super) fn expanded(file: &RulesFile) -> Result<String, Failure> {
    let variable = |name: &str| std::env::var(name).ok();
    expand(&file.text, variable).map_err(|(message, place)| file.error(Some(place), &message))
}

fn expand(
    text: &str,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<String, (String, Place)> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(escaped) = before.strip_suffix('$') {
            expanded.push_str(escaped);
            expanded.push_str("${");
            rest = after;
            continue;
        }
        let begin = text.len() - after.len() - "${".len();
        let place = |end: usize| Place::of_bytes(text, &(begin..end));
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| ("${ without a }".to_owned(), place(begin + "${".len())))?;
        let wrong =
            |what: &str| (format!("the variable {name:?} {what}"), place(text.len() - after.len()));
        let value = variable(name).ok_or_else(|| wrong("is not set"))?;
        // A value is a value, and no way to write other parts of the file.
        if value.chars().any(|c| c.is_control() || matches!(c, '"' | '\'' | '\\')) {
            return Err(wrong("has a quote, a backslash or a control character"));
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
    use super::*;

    #[test]
    fn variables_are_replaced_and_their_values_cannot_add_to_the_file() {
        let variable = |name: &str| match name {
            "REGION" => Some("eu-de".to_owned()),
            "BAD" => Some("x\"\nstatus = \"disabled".to_owned()),
            _ => None,
        };
        let wrong = |text: &str| {
            let (message, Place { line, column, length }) = expand(text, variable).unwrap_err();
            format!("{line}:{column}+{length} {message}")
        };
        assert_eq!(
            expand("a ${REGION} $${REGION} $5 {b}", variable).unwrap(),
            "a eu-de ${REGION} $5 {b}"
        );
        assert_eq!(wrong("\na ${NONE}"), "2:3+7 the variable \"NONE\" is not set");
        assert_eq!(
            wrong("${BAD}"),
            "1:1+6 the variable \"BAD\" has a quote, a backslash or a control character"
        );
        assert_eq!(wrong("a\n\nb ${REGION"), "3:3+2 ${ without a }");
    }
}
