//! Comparing the filter of a notification with a trace.

use std::borrow::Cow;

use super::super::{
    Filter, FilterCondition, FilterField, FilterOperator, FilterRule, Notification,
};
use super::{FailedRule, Findings, MismatchReason, MissingFact, is_unreadable};
use crate::trace::Trace;

impl Notification {
    pub(super) fn compare_filter(
        &self,
        filter: Option<&Filter>,
        trace: &Trace,
        found: &mut Findings,
    ) {
        match filter {
            None if is_unreadable(&self.other, &["filter"]) => {
                found.facts.push(MissingFact::Field("filter"));
            }
            Some(filter)
                if is_unreadable(&filter.other, &["condition", "is_support_filter", "rule"]) =>
            {
                found.facts.push(MissingFact::Field("filter"));
            }
            Some(filter) if filter.is_support_filter => filter.compare(trace, found),
            None | Some(_) => {}
        }
    }
}

impl Filter {
    fn compare(&self, trace: &Trace, found: &mut Findings) {
        if self.rule.is_empty() {
            return found.facts.push(MissingFact::EmptyFilter);
        }
        if let FilterCondition::Unknown(_) = self.condition {
            return found.facts.push(MissingFact::FilterCondition(self.condition.clone()));
        }
        let is_any = self.condition == FilterCondition::Or;
        let (mut failed, mut facts) = (Vec::new(), Vec::new());
        for rule in &self.rule {
            match rule.compare(trace) {
                Holds::Yes if is_any => return,
                Holds::Yes => {}
                Holds::No(found) => {
                    push_once(&mut failed, FailedRule { rule: rule.clone(), found });
                }
                Holds::Unknown(fact) => push_once(&mut facts, fact),
            }
        }
        let is_ruled_out = if is_any { facts.is_empty() } else { !failed.is_empty() };
        if is_ruled_out {
            found
                .reasons
                .push(MismatchReason::Filter { condition: self.condition.clone(), failed });
        } else {
            found.facts.append(&mut facts);
        }
    }
}

/// A filter may have a filter rule twice.
fn push_once<T: PartialEq>(items: &mut Vec<T>, item: T) {
    if !items.contains(&item) {
        items.push(item);
    }
}

/// Whether a filter rule holds for a trace.
enum Holds {
    Yes,
    /// It does not hold for this value.
    No(Option<String>),
    Unknown(MissingFact),
}

impl FilterRule {
    fn compare(&self, trace: &Trace) -> Holds {
        let Some(parts) = self.parts() else {
            return Holds::Unknown(MissingFact::FilterRule(self.clone()));
        };
        let is_negated = match parts.operator {
            FilterOperator::Equals => false,
            FilterOperator::NotEquals => true,
            FilterOperator::Unknown(_) => {
                return Holds::Unknown(MissingFact::FilterRule(self.clone()));
            }
        };
        let found: Option<Cow<'_, str>> = match &parts.field {
            FilterField::ApiVersion => trace.api_version.as_deref().map(Cow::from),
            FilterField::Code => match trace.code() {
                Some(code) => Some(code.to_string().into()),
                None => trace.code.value().and_then(serde_json::Value::as_str).map(Cow::from),
            },
            FilterField::TraceRating => trace.rating().map(|rating| rating.as_str().into()),
            FilterField::TraceType => trace.trace_type.as_ref().map(|kind| kind.as_str().into()),
            FilterField::ResourceId => trace.resource_id.as_deref().map(Cow::from),
            FilterField::ResourceName => trace.resource_name.as_deref().map(Cow::from),
            FilterField::Unknown(_) => {
                return Holds::Unknown(MissingFact::FilterRule(self.clone()));
            }
        };
        let Some(found) = found.filter(|found| !found.is_empty()) else {
            // That it has a certain value is ruled out, unless it has a value that could not be
            // read.
            let is_odd =
                trace.other.get(parts.field.as_str()).is_some_and(|value| !value.is_null());
            return if is_negated || is_odd || parts.value.trim().is_empty() {
                Holds::Unknown(MissingFact::AbsentField(self.clone()))
            } else {
                Holds::No(None)
            };
        };
        // Live traces have it, and it means that there is no code: the service may compare it as an
        // absent field.
        let is_zero_code = parts.field == FilterField::Code && found == "0";
        if is_zero_code && (is_negated || parts.value == "0") {
            return Holds::Unknown(MissingFact::ZeroCode(self.clone()));
        }
        let is_equal = found == parts.value;
        // Fields, operators and values are separated by spaces. Whether spaces can be part of a
        // value is undocumented.
        let first_word = parts.value.split(' ').next().unwrap_or_default();
        if [parts.value.trim(), first_word].iter().any(|value| (found.trim() == *value) != is_equal)
        {
            return Holds::Unknown(MissingFact::Spaces(self.clone()));
        }
        if is_equal == is_negated { Holds::No(Some(found.into_owned())) } else { Holds::Yes }
    }
}
