//! Traces that share the millisecond at which a page ends.

use serde::{Deserialize, Serialize};

use super::{LIMIT, Progress, Step, Walk, key, recorded};
use crate::trace::Trace;

/// What the service was seen to do with the other traces of a marker's millisecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in super::super) enum Ties {
    #[default]
    Unknown,
    /// A page went on within the millisecond, so that none are skipped.
    Listed,
    /// A page that had to go on within the millisecond did not.
    Skipped,
}

impl Walk {
    pub(super) fn after_ties(
        &self,
        progress: &mut Progress,
        traces: &[Trace],
        marker: Option<String>,
        at: i64,
        next: Option<&str>,
        main: String,
    ) -> Step {
        let is_new = traces.iter().any(|trace| recorded(trace) == Some(at) && self.is_new(trace));
        if next.is_some() && is_new {
            progress.ties = Ties::Listed;
        }
        // What is shorter than another page is all of a millisecond.
        let is_long = traces.len() >= progress.longest;
        let goes_on = marker.filter(|marker| next != Some(marker.as_str()));
        match (goes_on, progress.ties) {
            (Some(_), Ties::Skipped) if is_long => self.suspected(progress, at, traces.len(), main),
            (Some(marker), _) if is_long && (next.is_none() || is_new) => {
                Step::Ties { at, next: Some(marker), marker: main }
            }
            // Where pages go on in a millisecond, what was just listed is behind.
            (_, Ties::Listed) => self.main_page(next.map_or(main, str::to_owned)),
            _ if next.is_none() => self.main_page(main),
            // The page before was long. A smaller one shows what the service does, if there can be
            // one.
            _ if progress.longest > 1 => Step::Probe { at, smaller: None, marker: main },
            _ => self.suspected(progress, at, self.delivered_at(at), main),
        }
    }

    /// Takes the smaller page of a millisecond; then, with the key of its first trace, the page
    /// after it.
    pub(super) fn after_probe(
        &self,
        progress: &mut Progress,
        traces: &[Trace],
        marker: Option<String>,
        at: i64,
        first: Option<String>,
        main: String,
    ) -> Step {
        let begin = traces.first().filter(|trace| recorded(trace) == Some(at)).map(key);
        match (first, begin, marker) {
            (None, Some(first), Some(next)) if traces.len() < progress.longest => {
                Step::Probe { at, smaller: Some((next, first)), marker: main }
            }
            // It is neither empty, nor the same page once more.
            (Some(first), Some(begin), _) if begin != first => {
                progress.ties = Ties::Listed;
                self.main_page(main)
            }
            _ => {
                progress.ties = Ties::Skipped;
                self.suspected(progress, at, self.delivered_at(at), main)
            }
        }
    }

    pub(super) fn main_page(&self, next: String) -> Step {
        Step::Page { to: self.window.1.saturating_add(1), next: Some(next), is_restart: false }
    }

    /// Goes on after a millisecond that may have more traces than were listed.
    pub(super) fn suspected(
        &self,
        progress: &mut Progress,
        at: i64,
        listed: usize,
        marker: String,
    ) -> Step {
        progress.suspect = Some((at, progress.is_full(listed)));
        self.main_page(marker)
    }

    /// Returns how many traces of a millisecond were delivered.
    pub(super) fn delivered_at(&self, at: i64) -> usize {
        self.delivered.values().filter(|recorded| **recorded == Some(at)).count()
    }
}

impl Progress {
    /// One trace less than a page has: what is left of a millisecond that fills a page is on the
    /// next one then.
    pub(super) fn smaller_limit(&self) -> u32 {
        u32::try_from(self.longest.saturating_sub(1)).unwrap_or(LIMIT).clamp(1, LIMIT)
    }
}
