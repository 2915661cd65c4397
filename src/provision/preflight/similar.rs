//! "Did you mean": the name that a misspelt one is nearest to.

/// How many slips of a finger are forgiven at the most.
const MOST: usize = 3;

/// The one of `names` that `text` probably is a slip of. Case is no difference here, so a name in the wrong case is found
/// too. `text` itself is not an answer.
pub(super) fn nearest<'n>(text: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let wrong = letters(text);
    let allowed = MOST.min(wrong.len() / 3);
    names
        .into_iter()
        .filter(|name| *name != text)
        .filter_map(|name| {
            // Cheap to tell, and all that most names need.
            let close = name.chars().count().abs_diff(wrong.len()) <= allowed;
            let distance = if close { distance(&wrong, &letters(name)) } else { usize::MAX };
            (distance <= allowed).then_some((distance, name))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

fn letters(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// How many letters have to be put in, left out, replaced, or swapped with their neighbour (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let at = |row: &[usize], index: Option<usize>| index.and_then(|i| row.get(i)).copied().unwrap_or(usize::MAX - 1);
    let mut above_that: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, other) in b.iter().enumerate() {
            let replaced = at(&above, Some(j)) + usize::from(letter != other);
            let put_in = at(&row, Some(j)) + 1;
            let left_out = at(&above, Some(j + 1)) + 1;
            let is_swap = j > 0 && i > 0 && b.get(j - 1) == Some(letter) && a.get(i - 1) == Some(other);
            let swapped = if is_swap { at(&above_that, j.checked_sub(1)) + 1 } else { usize::MAX };
            row.push(replaced.min(put_in).min(left_out).min(swapped));
        }
        above_that = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn slips_are_counted() {
        for (a, b, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("deleteTraceker", "deleteTracker", 1),
            ("login", "lgoin", 1),
            ("login", "logni", 1),
            ("ab", "ba", 1),
            ("abc", "cab", 2),
            ("kitten", "sitting", 3),
            ("ca", "abc", 3),
            ("关键操作", "关操键作", 1),
        ] {
            assert_eq!(distance(&letters(a), &letters(b)), expected, "{a} {b}");
            assert_eq!(distance(&letters(b), &letters(a)), expected, "{b} {a}");
        }
    }

    #[test]
    fn only_near_names_are_meant() {
        let names = ["createTracker", "updateTracker", "deleteTracker", "login", "ecs", "MFA"];
        for (text, meant) in [
            ("deleteTraceker", Some("deleteTracker")),
            ("deletetracker", Some("deleteTracker")),
            ("deleteTracker", None),
            ("DELTETRACKER", Some("deleteTracker")),
            ("removeTracker", None),
            ("lgoin", Some("login")),
            ("logout", None),
            ("evs", Some("ecs")),
            ("mfa", Some("MFA")),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(text, names), meant, "{text}");
        }
    }

    proptest! {
        #[test]
        fn one_slip_is_always_found(name in "[a-z]{4,20}", at in 0_usize..20, letter in any::<char>()) {
            let mut wrong: Vec<char> = name.chars().collect();
            wrong.insert(at.min(wrong.len()), letter);
            let wrong: String = wrong.into_iter().collect();
            // A few letters become two in lower case.
            prop_assume!(letter.to_lowercase().count() == 1 && wrong != name);
            prop_assert_eq!(nearest(&wrong, [name.as_str()]), Some(name.as_str()));
        }
    }
}
