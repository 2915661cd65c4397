//! The form of keys, tokens and ids, and common mistakes in them.

/// Checks a key, a token or an id. The error follows its name in a message, and contains positions
/// but no part of the value.
///
/// The service would only respond with 401. Quotes come from `docker --env-file`, invisible
/// characters from a web page, placeholders from an example.
pub(crate) fn check(value: &str) -> Result<(), String> {
    let wrong = |position: usize, what: &str, hint: &str| {
        let of = value.chars().count();
        Err(format!("has {what} at position {} of {of}: {hint}", position + 1))
    };
    if value.is_empty() {
        return Err("is empty".to_owned());
    }
    if let Some((at, found)) = value.chars().enumerate().find(|(_, c)| !c.is_ascii_graphic()) {
        return if found.is_control() || found.is_whitespace() {
            wrong(at, "white space or a control character", "check for a trailing newline or space")
        } else {
            let what = format!("the character U+{:04X}", u32::from(found));
            wrong(at, &what, "only printable ASCII characters are allowed; type it again")
        };
    }
    let is_quote = |c| matches!(c, '"' | '\'' | '`');
    if value.starts_with(is_quote) {
        return wrong(
            0,
            "a quotation mark",
            "remove it; some tools keep quotation marks as a part of the value",
        );
    }
    if value.ends_with(is_quote) {
        return wrong(value.len() - 1, "a quotation mark", "remove it");
    }
    if let Some(at) = value.find(['{', '}', '<', '>', '$']) {
        return wrong(
            at,
            "a brace, an angle bracket or a dollar sign",
            "is it a placeholder that was not replaced?",
        );
    }
    if is_placeholder(value) {
        return Err("is a placeholder that was not replaced".to_owned());
    }
    Ok(())
}

/// Compared without case, and without characters that are neither letters nor digits.
const PLACEHOLDERS: [&str; 17] = [
    "changeme",
    "none",
    "null",
    "placeholder",
    "replaceme",
    "todo",
    "undefined",
    "yourak",
    "youraccesskey",
    "youraccesskeyid",
    "yourprojectid",
    "yoursecretaccesskey",
    "yoursecretkey",
    "yoursecuritytoken",
    "yoursk",
    "yourtoken",
    "redacted",
];

fn is_placeholder(value: &str) -> bool {
    let is_filler = |b| matches!(b, b'x' | b'X' | b'*' | b'.' | b'-' | b'_' | b'#' | b'?');
    let begins =
        |word: &str| value.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    (value.len() >= 3 && value.bytes().all(is_filler))
        || begins("your_")
        || begins("your-")
        // Compared in place, so that no copy of a secret is left behind.
        || PLACEHOLDERS.iter().any(|placeholder| {
            let plain = value.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase());
            plain.eq(placeholder.bytes())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_keys_tokens_and_ids_are_accepted() {
        for text in [
            "AKAKAKAKAKAKAKAKAKAK",
            "AK",
            "x",
            "secret",
            "yourself0000000000",
            "gAAAAABk-_x/+==",
            "it's\"fine`inside",
            "eyJhbGciOiJSUzI1NiJ9.e30.c2ln",
            "24edf66e79d04187acb99a463e610764",
            "!#%&()*+,-./:;=?@[]^_|~",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn mistakes_are_reported_with_their_position() {
        for (text, expected) in [
            ("", "is empty"),
            ("\"AKAK\"", "has a quotation mark at position 1 of 6"),
            ("'AKAK'", "has a quotation mark at position 1 of 6"),
            ("AKAK\"", "has a quotation mark at position 5 of 5"),
            ("`AKAK", "has a quotation mark at position 1 of 5"),
            ("\u{200b}AKAK", "has the character U+200B at position 1 of 5"),
            ("AK\u{feff}AK", "has the character U+FEFF at position 3 of 5"),
            ("“AKAK”", "has the character U+201C at position 1 of 6"),
            ("AKÄK", "has the character U+00C4 at position 3 of 4"),
            ("AKAK\r\n", "has white space or a control character at position 5 of 6"),
            ("AK\u{a0}AK", "has white space or a control character at position 3 of 5"),
            ("AK\u{7f}AK", "has white space or a control character at position 3 of 5"),
            (
                "{your_ak_string}",
                "has a brace, an angle bracket or a dollar sign at position 1 of 16",
            ),
            ("<AK>", "has a brace, an angle bracket or a dollar sign at position 1 of 4"),
            ("$AK", "has a brace, an angle bracket or a dollar sign at position 1 of 3"),
            ("AKAK}", "has a brace, an angle bracket or a dollar sign at position 5 of 5"),
            ("AKAK>", "has a brace, an angle bracket or a dollar sign at position 5 of 5"),
            ("your_ak", "is a placeholder"),
            ("YOUR-SECRET", "is a placeholder"),
            ("YourAccessKey", "is a placeholder"),
            ("change_me", "is a placeholder"),
            ("null", "is a placeholder"),
            ("xxxx", "is a placeholder"),
            ("********", "is a placeholder"),
            ("...", "is a placeholder"),
        ] {
            let error = check(text).unwrap_err();
            assert!(error.starts_with(expected), "{text}: {error}");
            assert!(!error.contains("AK"), "{error}");
        }
    }
}
