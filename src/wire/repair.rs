//! Making JSON of what is almost JSON, so that one odd value spoils no other.

/// How deep values may be nested: less than `serde_json` reads, with room for what is read around
/// them.
const DEPTH: usize = 100;

/// Returns the input with the values that strict JSON or `serde_json` refuses written so that they
/// are read:
///
/// - bytes that are not UTF-8, and halves of surrogate pairs, as U+FFFD;
/// - control characters in strings, and unknown escapes, escaped;
/// - numbers out of range, `NaN` and `Infinity`, as strings;
/// - values nested too deep as strings of their JSON text.
///
/// Everything else is copied. Takes time and space in proportion to the input.
pub(crate) fn repaired(input: &[u8]) -> Vec<u8> {
    let mut repair = Repair { rest: input, out: Vec::with_capacity(input.len() + 16) };
    let mut depth = 0_usize;
    while let Some(&byte) = repair.rest.first() {
        match byte {
            b'"' => repair.string(),
            b'{' | b'[' if depth >= DEPTH => repair.deep(),
            b'{' | b'[' => {
                depth += 1;
                repair.copy(1);
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                repair.copy(1);
            }
            b'+' | b'-' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => repair.word(),
            _ => repair.copy(1),
        }
    }
    repair.out
}

struct Repair<'i> {
    rest: &'i [u8],
    out: Vec<u8>,
}

impl<'i> Repair<'i> {
    fn take(&mut self, length: usize) -> &'i [u8] {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }

    fn copy(&mut self, length: usize) {
        let taken = self.take(length);
        self.out.extend_from_slice(taken);
    }

    /// A string, from quote to quote.
    fn string(&mut self) {
        let length = string_length(self.rest);
        let mut text = self.take(length);
        while let Some(at) = text.iter().position(|byte| matches!(byte, b'\\' | 0..0x20 | 0x80..)) {
            let (plain, odd) = text.split_at(at);
            self.out.extend_from_slice(plain);
            text = self.odd(odd);
        }
        self.out.extend_from_slice(text);
    }

    /// What may need repair at the start of a part of a string. Returns the rest of it.
    fn odd<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let skip = |length: usize| text.get(length..).unwrap_or_default();
        match text {
            [b'\\', b'u', ..] => match (unit(text), unit(skip(6))) {
                (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => {
                    self.out.extend_from_slice(text.get(..12).unwrap_or_default());
                    skip(12)
                }
                (Some(0xd800..0xe000), _) => {
                    self.out.extend_from_slice(b"\\ufffd");
                    skip(6)
                }
                (Some(_), _) => {
                    self.out.extend_from_slice(text.get(..6).unwrap_or_default());
                    skip(6)
                }
                (None, _) => {
                    self.out.extend_from_slice(b"\\\\u");
                    skip(2)
                }
            },
            [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => {
                self.out.extend_from_slice(text.get(..2).unwrap_or_default());
                skip(2)
            }
            [b'\\', ..] => {
                self.out.extend_from_slice(b"\\\\");
                skip(1)
            }
            [control @ 0..0x20, ..] => {
                self.out.extend_from_slice(format!("\\u{control:04x}").as_bytes());
                skip(1)
            }
            _ => {
                // Up to the next ASCII character it is UTF-8, or it is not.
                let length = text.iter().position(u8::is_ascii).unwrap_or(text.len());
                let (foreign, rest) = text.split_at(length);
                self.out.extend_from_slice(String::from_utf8_lossy(foreign).as_bytes());
                rest
            }
        }
    }

    /// A number, or a word such as `null`.
    fn word(&mut self) {
        let is_part =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let word =
            self.take(self.rest.iter().position(|byte| !is_part(byte)).unwrap_or(self.rest.len()));
        let is_number = word.iter().any(u8::is_ascii_digit);
        let is_odd = match word {
            b"NaN" | b"Infinity" | b"-Infinity" => true,
            _ if is_number => {
                serde_json::from_slice::<serde_json::Number>(word).is_err() && exceeds(word)
            }
            _ => false,
        };
        let quote: &[u8] = if is_odd { b"\"" } else { b"" };
        for part in [quote, word, quote] {
            self.out.extend_from_slice(part);
        }
    }

    /// A value that is nested too deep.
    fn deep(&mut self) {
        let (mut length, mut depth) = (0, 0_usize);
        while let Some(rest) = self.rest.get(length..).filter(|rest| !rest.is_empty()) {
            match rest.first() {
                Some(b'{' | b'[') => depth += 1,
                Some(b'}' | b']') => depth -= 1,
                Some(b'"') => length += string_length(rest) - 1,
                _ => {}
            }
            length += 1;
            if depth == 0 {
                break;
            }
        }
        let text = String::from_utf8_lossy(self.take(length));
        self.out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
    }
}

/// The length of the string that a text starts with, quotes included.
fn string_length(text: &[u8]) -> usize {
    let mut length = 1;
    loop {
        match text.get(length) {
            Some(b'"') => return length + 1,
            Some(b'\\') => length += 2,
            Some(_) => length += 1,
            None => return text.len(),
        }
    }
}

/// The code unit of an escape such as `\ud83d`.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0_u16, |unit, digit| {
        let digit = (*digit as char).to_digit(16).and_then(|digit| u16::try_from(digit).ok())?;
        Some(unit << 4 | digit)
    })
}

/// Whether a word is a number as JSON has it, so that only its size is wrong.
fn exceeds(word: &[u8]) -> bool {
    serde_json::from_slice::<&serde_json::value::RawValue>(word).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn read(input: &[u8]) -> Value {
        serde_json::from_slice(&repaired(input))
            .unwrap_or_else(|error| panic!("{error}: {}", input.escape_ascii()))
    }

    #[test]
    fn an_odd_value_is_kept_or_replaced_alone() {
        for (odd, expected) in [
            (&br#""cut \ud83d""#[..], json!("cut \u{fffd}")),
            (br#""\udc00\ud83d\ude00\ud83d\u0041""#, json!("\u{fffd}\u{1f600}\u{fffd}A")),
            (br#""\ud83d\\ud83d""#, json!("\u{fffd}\\ud83d")),
            (br#""\u12""#, json!("\\u12")),
            (br#""it\'s""#, json!("it\\'s")),
            (b"\"one\ntwo\t\x1b\0\"", json!("one\ntwo\t\u{1b}\0")),
            (b"\"caf\xe9 \xff\xfe\"", json!("caf\u{fffd} \u{fffd}\u{fffd}")),
            ("\"审计\"".as_bytes(), json!("审计")),
            (b"1e999", json!("1e999")),
            (b"-1E+400", json!("-1E+400")),
            (b"NaN", json!("NaN")),
            (b"-Infinity", json!("-Infinity")),
            (b"[1.5,true,null,-0]", json!([1.5, true, null, -0.0])),
        ] {
            let body = [b"{\"a\":", odd, b",\"b\":[\"good\"]}"].concat();
            assert_eq!(
                read(&body),
                json!({"a": expected, "b": ["good"]}),
                "{}",
                odd.escape_ascii()
            );
        }
    }

    #[test]
    fn what_is_nested_too_deep_is_kept_as_text() {
        let deep = format!("{}\"]\"{}", "[{\"a\":".repeat(100_000), "}]".repeat(100_000));
        let mut value = &read(format!("{{\"a\":{deep},\"b\":1}}").as_bytes());
        assert_eq!(value["b"], 1);
        value = &value["a"];
        while !value.is_string() {
            value = value.get(0).or_else(|| value.get("a")).unwrap();
        }
        let text = value.as_str().unwrap();
        assert!(text.len() > 599_000 && deep.contains(text), "nothing of it is lost");
    }

    #[test]
    fn what_is_no_json_at_all_stays_refused() {
        for bad in [
            "",
            "<html>",
            "{\"a\":",
            "[1,]",
            "{\"a\" 1}",
            "01",
            "1.2.3",
            "nul",
            "\"",
            "\"\\",
            "[[",
            "]]",
            "12ab",
        ] {
            assert!(serde_json::from_slice::<Value>(&repaired(bad.as_bytes())).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn json_stays_as_it_is(text in any::<String>(), number in any::<f64>(), other in any::<i64>()) {
            let value = json!({ text.clone(): [text, number, other, { "a": null }] });
            let written = value.to_string();
            prop_assert_eq!(repaired(written.as_bytes()), written.as_bytes());
        }

        #[test]
        fn any_bytes_are_taken(input in any::<Vec<u8>>(), words in r#"([{}\[\],:"\\]|\\u|d83d|1e999|-|\x00|é){0,60}"#) {
            let _ = repaired(&input);
            let _ = repaired(words.as_bytes());
        }
    }
}
