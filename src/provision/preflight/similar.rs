//! "Did you mean": the name that a misspelt one is nearest to.

use std::collections::HashMap;

/// The maximum number of typos in a name.
const MOST: usize = 3;

/// Names that a misspelt one may mean. Thousands are looked up in thousands, and distances are
/// expensive, so few are computed.
pub(super) struct Names<'n> {
    names: Vec<Spelling<'n>>,
    /// The names with this hash, whole or with one letter left out: two names that are one typo
    /// apart have a hash in common.
    by_hash: HashMap<u64, Vec<usize>>,
}

struct Spelling<'n> {
    name: &'n str,
    /// In lower case, because case is ignored.
    lower: String,
    length: usize,
    letters: u64,
}

impl<'n> Spelling<'n> {
    fn new(name: &'n str) -> Self {
        let lower: String = name.chars().flat_map(char::to_lowercase).collect();
        Self { name, length: lower.chars().count(), letters: letters(&lower), lower }
    }

    /// Returns `false` if it is certain that more typos are between the two. This is cheap to
    /// compute.
    fn may_be_within(&self, other: &Self, typos: usize) -> bool {
        let lacks = |of: u64, other: u64| (of & !other).count_ones() as usize;
        self.length.abs_diff(other.length) <= typos
            && lacks(self.letters, other.letters) <= typos
            && lacks(other.letters, self.letters) <= typos
    }

    /// Returns a hash of the name, and one for each letter that is left out.
    fn hashes(&self) -> impl Iterator<Item = u64> {
        const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
        // The sum of letter × base^(position + 1). What follows a letter that is left out moves one
        // position ahead.
        let (mut whole, mut ahead, mut power) = (0_u64, 0_u64, 1_u64);
        let mut cuts = Vec::with_capacity(self.length);
        for letter in self.lower.chars().map(|c| u64::from(u32::from(c)) + 1) {
            let before = whole;
            ahead = ahead.wrapping_add(letter.wrapping_mul(power));
            power = power.wrapping_mul(BASE);
            whole = whole.wrapping_add(letter.wrapping_mul(power));
            cuts.push((before, ahead));
        }
        let short = cuts
            .into_iter()
            .map(move |(before, through)| before.wrapping_add(ahead.wrapping_sub(through)));
        std::iter::once(whole).chain(short)
    }
}

/// Returns the set of letters, as bits that several letters share. A typo adds at most one and
/// removes at most one.
fn letters(text: &str) -> u64 {
    text.chars().fold(0, |letters, c| letters | 1 << (u32::from(c) % 64))
}

impl<'n> FromIterator<&'n str> for Names<'n> {
    fn from_iter<I: IntoIterator<Item = &'n str>>(names: I) -> Self {
        let names: Vec<Spelling<'n>> = names.into_iter().map(Spelling::new).collect();
        let mut by_hash: HashMap<u64, Vec<usize>> = HashMap::new();
        for (index, name) in names.iter().enumerate() {
            for hash in name.hashes() {
                by_hash.entry(hash).or_default().push(index);
            }
        }
        Self { names, by_hash }
    }
}

impl<'n> Names<'n> {
    /// Returns the name that `text` is probably a misspelling of, the first if there are several. A
    /// name in the wrong case is found too, but not `text` itself.
    pub(super) fn nearest(&self, text: &str) -> Option<&'n str> {
        let wrong = Spelling::new(text);
        let typos = MOST.min(wrong.length / 3);
        first_nearest(&wrong, self.within_one(&wrong), typos.min(1)).or_else(|| {
            if typos > 1 { first_nearest(&wrong, self.names.iter(), typos) } else { None }
        })
    }

    /// Returns a few names in order, which include all that are within one typo.
    fn within_one(&self, wrong: &Spelling<'_>) -> impl Iterator<Item = &Spelling<'n>> {
        let mut found: Vec<usize> =
            wrong.hashes().filter_map(|hash| self.by_hash.get(&hash)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|index| self.names.get(index))
    }
}

fn first_nearest<'a, 'n: 'a>(
    wrong: &Spelling<'_>,
    names: impl Iterator<Item = &'a Spelling<'n>>,
    mut typos: usize,
) -> Option<&'n str> {
    let mut found = None;
    for name in names {
        if !name.may_be_within(wrong, typos) || name.name == wrong.name {
            continue;
        }
        let distance = strsim::osa_distance(&wrong.lower, &name.lower);
        if distance > typos {
            continue;
        }
        found = Some(name.name);
        // From here on, only a nearer one matters.
        let Some(fewer) = distance.checked_sub(1) else { break };
        typos = fewer;
    }
    found
}

/// Returns [`Names::nearest`] of a few names.
pub(super) fn nearest<'n>(text: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    Names::from_iter(names).nearest(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_near_names_are_meant() {
        let names =
            ["createTracker", "updateTracker", "deleteTracker", "login", "ecs", "MFA", "关键操作"];
        for (text, meant) in [
            ("deleteTraceker", Some("deleteTracker")),
            ("deletetracker", Some("deleteTracker")),
            ("deleteTracker", None),
            ("DELTETRACKER", Some("deleteTracker")),
            ("removeTracker", None),
            ("lgoin", Some("login")),
            ("logni", Some("login")),
            ("logout", None),
            ("evs", Some("ecs")),
            ("mfa", Some("MFA")),
            ("关操键作", Some("关键操作")),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(text, names), meant, "{text}");
        }
    }

    #[test]
    fn the_nearest_counts_and_of_equals_the_first() {
        assert_eq!(
            nearest("createBucket", ["createBuckets", "createbucket", "CREATEBUCKET"]),
            Some("createbucket")
        );
        assert_eq!(
            nearest("createBucket", ["createBuckets", "createBuckeet"]),
            Some("createBuckets")
        );
    }

    /// Thousands of names that are all alike: distances are measured only to those that are one
    /// typo away.
    #[test]
    fn few_distances_are_measured() {
        let name = |i: usize| format!("createThing{i:05}");
        let all: Vec<String> = (0..5_000).map(name).collect();
        let names: Names<'_> = all.iter().map(String::as_str).collect();
        for i in 0..5_000 {
            let slip = name(i).replace("Thing", "Tihng");
            assert_eq!(names.nearest(&slip), Some(name(i).as_str()));
            assert_eq!(names.within_one(&Spelling::new(&slip)).count(), 1, "{slip}");
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

        /// What is passed over cheaply is passed over rightly.
        #[test]
        fn no_name_within_the_distance_is_passed_over(text in "[a-cA-Cé]{0,9}", name in "[a-cA-Cé]{0,9}") {
            let lower = |text: &str| text.to_lowercase();
            let is_near = strsim::osa_distance(&lower(&text), &lower(&name)) <= MOST.min(text.chars().count() / 3);
            prop_assert_eq!(nearest(&text, [name.as_str()]).is_some(), is_near && text != name);
        }
    }
}
