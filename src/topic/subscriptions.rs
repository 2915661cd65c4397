//! Who receives what is published to a topic.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::text::printable;

/// The subscriptions of a topic, counted by protocol. Addresses are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TopicSubscriptions {
    /// The counts by protocol: `email`, `sms`, `http`, `https`, `functiongraph` and others.
    pub protocols: BTreeMap<String, SubscriptionCount>,
}

/// The subscriptions of one protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SubscriptionCount {
    /// All of them.
    pub total: usize,
    /// Those that are confirmed, or need no confirmation.
    pub receiving: usize,
    /// Those that wait for their confirmation. The link to confirm is valid for 48 hours.
    pub unconfirmed: usize,
    /// Those that were cancelled or deleted.
    pub cancelled: usize,
    /// Those that receive, but filter messages: whether those of CTS pass a filter is documented
    /// nowhere.
    pub filtered: usize,
}

impl TopicSubscriptions {
    /// Returns the counts of all protocols together.
    #[must_use]
    pub fn sum(&self) -> SubscriptionCount {
        let mut sum = SubscriptionCount::default();
        for count in self.protocols.values() {
            sum.total += count.total;
            sum.receiving += count.receiving;
            sum.unconfirmed += count.unconfirmed;
            sum.cancelled += count.cancelled;
            sum.filtered += count.filtered;
        }
        sum
    }

    /// Counts an item of the service's list.
    pub(super) fn count(&mut self, subscription: &Map<String, Value>) {
        let protocol = subscription.get("protocol").and_then(Value::as_str).unwrap_or("unknown");
        let count = self.protocols.entry(protocol.to_owned()).or_default();
        count.total += 1;
        let status = subscription.get("status");
        let status = status
            .and_then(|status| status.as_i64().or_else(|| status.as_str()?.trim().parse().ok()));
        match status {
            Some(0) => count.unconfirmed += 1,
            Some(1 | 2) => {
                count.receiving += 1;
                let filters = subscription.get("filter_polices").and_then(Value::as_array);
                count.filtered += usize::from(filters.is_some_and(|filters| !filters.is_empty()));
            }
            Some(3 | 4) => count.cancelled += 1,
            _ => {}
        }
    }

    /// The protocols and numbers that `number` picks, such as "2 email, 1 sms".
    pub(super) fn listed(&self, number: impl Fn(&SubscriptionCount) -> usize) -> String {
        let counts =
            self.protocols.iter().map(|(protocol, count)| (printable(protocol, 40), number(count)));
        let listed = counts
            .filter(|(_, number)| *number > 0)
            .map(|(protocol, number)| format!("{number} {protocol}"));
        listed.collect::<Vec<_>>().join(", ")
    }
}

/// Shows the counts by protocol: `email: 1 of 2 receive; sms: 1 of 1 receive`.
impl fmt::Display for TopicSubscriptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (protocol, count)) in self.protocols.iter().enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            write!(
                f,
                "{separator}{}: {} of {} receive",
                printable(protocol, 40),
                count.receiving,
                count.total
            )?;
        }
        Ok(())
    }
}
