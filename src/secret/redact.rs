//! Finding credentials in responses, in any notation.
//!
//! A gateway, a proxy or a page of HTML repeats what it receives in its own notation:
//! percent-encoded, as an HTML entity, as JSON within JSON, folded into lines, in lower case, cut
//! at either end. So the response and the secrets are both converted to a plain form first: escapes
//! undone until none is left, case folded, white space dropped. Every character of the plain form
//! knows the bytes that it was made from. A run of [`PART`] characters that also occurs in a secret
//! is removed, with all bytes that it was made from.
//!
//! Not found are: parts of fewer than [`PART`] characters, and secrets that were encoded once more
//! as a whole (base64, hexadecimal digits, encryption), reversed, or interleaved with other
//! letters.

use std::ops::Range;

use zeroize::{DefaultIsZeroes, Zeroizing};

/// The length of a part of a secret that is removed.
const PART: usize = 12;

/// The same in letters and digits alone. A part of [`PART`] characters of base64 usually has at
/// least this many.
const LETTERS: usize = 10;

/// The same for an access key, of which four characters are shown anyway, in its own case.
const KEY_PART: usize = 5;

/// A string that is shorter than this is not treated as a secret, because it may occur anywhere.
const LEAST: usize = 8;

/// How many different characters distinguish a part of a secret from zeros and dashes that occur
/// anywhere. If the secret itself has fewer, every part counts.
const DIFFERENT: u32 = 4;

/// How often escapes are undone: enough for JSON in HTML in a URL in JSON.
const ROUNDS: usize = 8;

/// The replacement of a secret.
const REDACTED: &str = "[redacted]";

/// The secrets of one set of credentials, ready to be found. Wiped from memory when it is dropped.
pub(super) struct Redactor {
    needles: Vec<Needle>,
    shown_key: String,
}

/// One secret in one form.
struct Needle {
    form: Form,
    is_key: bool,
    text: Zeroizing<Vec<u8>>,
    length: usize,
    /// Where each distinct part of `length` starts, ordered by the parts.
    parts: Zeroizing<Vec<usize>>,
}

/// The characters of the plain form that count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// All but backslashes, in lower case, with the signs of base64 outside of URLs.
    Whole,
    /// Letters and digits, in lower case. A form decoder turns a `+` into a space, and quotes may
    /// have been inserted.
    Letters,
    /// Letters and digits, in their own case.
    Cased,
}

/// A character of the plain form, and the bytes that it was made from.
#[derive(Clone, Copy, Default)]
struct Unit {
    byte: u8,
    from: usize,
    to: usize,
}

impl DefaultIsZeroes for Unit {}

impl Redactor {
    pub(super) fn new(secrets: &[&str], access_key: &str, shown_key: String) -> Self {
        let mut needles = Vec::new();
        let keys = std::iter::once((access_key, true));
        for (secret, is_key) in secrets.iter().map(|secret| (*secret, false)).chain(keys) {
            let plain = plain(secret.as_bytes());
            let mut add = |form, length| needles.extend(Needle::new(&plain, form, is_key, length));
            add(Form::Whole, PART);
            add(Form::Letters, LETTERS);
            if is_key && access_key.len() >= 16 {
                add(Form::Cased, KEY_PART);
            }
        }
        Self { needles, shown_key }
    }

    /// Returns the bytes without the secrets; `None` if they contain none.
    pub(super) fn redact(&self, text: &[u8]) -> Option<Vec<u8>> {
        let plain = plain(text);
        let mut found: Vec<(Range<usize>, bool)> = Vec::new();
        for form in [Form::Whole, Form::Letters, Form::Cased] {
            let units: Vec<Unit> = plain.iter().filter_map(|unit| form.of(*unit)).collect();
            let bytes: Vec<u8> = units.iter().map(|unit| unit.byte).collect();
            for needle in self.needles.iter().filter(|needle| needle.form == form) {
                found.extend(needle.runs(&bytes).into_iter().filter_map(|run| {
                    let units = units.get(run)?;
                    Some((units.first()?.from..units.last()?.to, needle.is_key))
                }));
            }
        }
        if found.is_empty() {
            return None;
        }
        found.sort_by_key(|(range, _)| range.start);
        let (mut clean, mut rest) = (Vec::with_capacity(text.len()), 0);
        let mut found = found.into_iter().peekable();
        while let Some((mut range, mut is_key)) = found.next() {
            while let Some((more, also_key)) = found.next_if(|(more, _)| more.start <= range.end) {
                range.end = range.end.max(more.end);
                is_key &= also_key;
            }
            clean.extend_from_slice(text.get(rest..range.start).unwrap_or_default());
            clean.extend_from_slice(if is_key {
                self.shown_key.as_bytes()
            } else {
                REDACTED.as_bytes()
            });
            rest = range.end;
        }
        clean.extend_from_slice(text.get(rest..).unwrap_or_default());
        Some(clean)
    }
}

impl Needle {
    fn new(plain: &[Unit], form: Form, is_key: bool, length: usize) -> Option<Self> {
        let text: Zeroizing<Vec<u8>> = Zeroizing::new(
            plain.iter().filter_map(|unit| form.of(*unit)).map(|unit| unit.byte).collect(),
        );
        if text.len() < LEAST {
            return None;
        }
        let length = length.min(text.len());
        let part = |at: &usize| text.get(*at..*at + length).unwrap_or_default();
        let takes_all = !is_telling(form, &text);
        let mut parts = Zeroizing::new(
            (0..=text.len() - length)
                .filter(|at| takes_all || is_telling(form, part(at)))
                .collect::<Vec<_>>(),
        );
        parts.sort_unstable_by(|a, b| part(a).cmp(part(b)));
        parts.dedup_by(|a, b| part(a) == part(b));
        Some(Self { form, is_key, text, length, parts })
    }

    /// Returns the runs that also occur in the secret. A run extends as far as both are the same.
    fn runs(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut runs = Vec::new();
        let mut at = 0;
        while let Some(part) = text.get(at..at + self.length) {
            let Some(own) = self.find(part) else {
                at += 1;
                continue;
            };
            let (own_end, end) = (own + self.length, at + self.length);
            let left = same(
                text.get(..at).unwrap_or_default().iter().rev(),
                self.text.get(..own).unwrap_or_default().iter().rev(),
            );
            let right = same(
                text.get(end..).unwrap_or_default().iter(),
                self.text.get(own_end..).unwrap_or_default().iter(),
            );
            runs.push(at - left..end + right);
            // The next run may start within this one, but ends after it.
            at = end + right - self.length + 1;
        }
        runs
    }

    /// Returns where a part occurs in the secret.
    fn find(&self, part: &[u8]) -> Option<usize> {
        let own = |at: &usize| self.text.get(*at..*at + self.length).unwrap_or_default();
        let found = self.parts.binary_search_by(|at| own(at).cmp(part)).ok()?;
        self.parts.get(found).copied()
    }
}

/// Returns how many bytes are the same from the start.
fn same<'t>(a: impl Iterator<Item = &'t u8>, b: impl Iterator<Item = &'t u8>) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).count()
}

/// Returns `true` if a part has enough different characters to be distinguished from fillers. For a
/// short part, a date is a filler too.
fn is_telling(form: Form, part: &[u8]) -> bool {
    let seen = part.iter().fold(0_u128, |seen, byte| seen | 1 << (byte & 127));
    seen.count_ones() >= DIFFERENT
        && (form != Form::Cased || part.iter().any(u8::is_ascii_alphabetic))
}

impl Form {
    fn of(self, unit: Unit) -> Option<Unit> {
        let byte = match (self, unit.byte) {
            (Self::Cased, byte) => byte,
            (_, b'-') => b'+',
            (_, b'_') => b'/',
            (_, byte) => byte.to_ascii_lowercase(),
        };
        let counts = if self == Self::Whole { byte != b'\\' } else { byte.is_ascii_alphanumeric() };
        counts.then_some(Unit { byte, ..unit })
    }
}

/// Returns the visible ASCII characters with their escapes undone. Credentials have no others.
fn plain(text: &[u8]) -> Zeroizing<Vec<Unit>> {
    let mut units: Zeroizing<Vec<Unit>> = Zeroizing::new(
        (text.iter().enumerate())
            .filter(|(_, byte)| byte.is_ascii_graphic())
            .map(|(at, byte)| Unit { byte: *byte, from: at, to: at + 1 })
            .collect(),
    );
    for _ in 0..ROUNDS {
        let before = units.len();
        units = undo(&units);
        if units.len() == before {
            break;
        }
    }
    units
}

/// Undoes one layer of escapes.
fn undo(units: &[Unit]) -> Zeroizing<Vec<Unit>> {
    let mut plain = Zeroizing::new(Vec::with_capacity(units.len()));
    let mut at = 0;
    while let Some(rest) = units.get(at..).filter(|rest| !rest.is_empty()) {
        let Some((byte, length)) = escape(rest) else {
            // Backslashes that escape nothing are kept, all at once, because each one would count
            // the rest again.
            let slashes = rest.iter().take_while(|unit| unit.byte == b'\\').count().max(1);
            plain.extend_from_slice(rest.get(..slashes).unwrap_or_default());
            at += slashes;
            continue;
        };
        if let (Some(byte), Some(first), Some(last)) =
            (byte.filter(u8::is_ascii_graphic), rest.first(), rest.get(length - 1))
        {
            plain.push(Unit { byte, from: first.from, to: last.to });
        }
        at += length;
    }
    plain
}

/// Returns the character that an escape at the start stands for, if it is ASCII, and the length of
/// the escape.
fn escape(units: &[Unit]) -> Option<(Option<u8>, usize)> {
    let byte = |at: usize| units.get(at).map(|unit| unit.byte);
    let number = |from: usize, most: usize, base: u32| {
        let digits = (from..from + most).map_while(|at| (byte(at)? as char).to_digit(base));
        let (length, number) = digits.fold((0, 0_u32), |(length, number), digit| {
            (length + 1, number.saturating_mul(base).saturating_add(digit))
        });
        (length > 0).then_some((u8::try_from(number).ok(), length))
    };
    // Exactly this many digits.
    let exact = |from, digits| number(from, digits, 16).filter(|(_, length)| *length == digits);
    match byte(0)? {
        b'%' => exact(1, 2).map(|(byte, digits)| (byte, 1 + digits)),
        b'\\' => {
            // Each layer of JSON doubles them. Those that are left in the end are ignored.
            let slashes = units.iter().take_while(|unit| unit.byte == b'\\').count();
            match byte(slashes)?.to_ascii_lowercase() {
                b'u' => exact(slashes + 1, 4).map(|(byte, digits)| (byte, slashes + 1 + digits)),
                b'x' => exact(slashes + 1, 2).map(|(byte, digits)| (byte, slashes + 1 + digits)),
                b'b' | b'f' | b'n' | b'r' | b't' => Some((None, slashes + 1)),
                _ => None,
            }
        }
        b'&' => {
            let (byte_found, length) = match (byte(1)?, byte(2)?) {
                (b'#', b'x' | b'X') => number(3, 8, 16).map(|(byte, digits)| (byte, 3 + digits))?,
                (b'#', _) => number(2, 8, 10).map(|(byte, digits)| (byte, 2 + digits))?,
                _ => {
                    let letters = (1..9).map_while(|at| byte(at).filter(u8::is_ascii_alphabetic));
                    let name: Vec<u8> = letters.map(|byte| byte.to_ascii_lowercase()).collect();
                    (Some(named(&name)?), 1 + name.len())
                }
            };
            (byte(length)? == b';').then_some((byte_found, length + 1))
        }
        _ => None,
    }
}

/// Returns the character with an HTML name, for those that credentials can contain.
fn named(name: &[u8]) -> Option<u8> {
    Some(match name {
        b"amp" => b'&',
        b"apos" => b'\'',
        b"ast" => b'*',
        b"bsol" => b'\\',
        b"colon" => b':',
        b"comma" => b',',
        b"commat" => b'@',
        b"dollar" => b'$',
        b"equals" => b'=',
        b"excl" => b'!',
        b"gt" => b'>',
        b"hyphen" | b"dash" => b'-',
        b"lowbar" => b'_',
        b"lt" => b'<',
        b"num" => b'#',
        b"percnt" => b'%',
        b"period" => b'.',
        b"plus" => b'+',
        b"quot" => b'"',
        b"semi" => b';',
        b"sol" => b'/',
        _ => return None,
    })
}
