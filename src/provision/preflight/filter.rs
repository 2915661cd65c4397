//! Filters that let nothing through, or everything.

use std::cmp::Reverse;

use super::finding::{Findings, Severity, shown, source};
use super::operations::did_you_mean;
use super::similar::nearest;
use crate::notification::{Filter, FilterCondition, FilterField, FilterOperator, FilterRule};

const PLACE: &str = "filter";
/// How many conditions the console takes: one for each field.
const RULES: usize = 6;

pub(super) fn check(findings: &mut Findings, filter: &Filter) {
    match (filter.is_support_filter, filter.rule.as_slice()) {
        (_, []) => {
            let message = "has no rules: write some, or leave the filter out";
            findings.add(Severity::Warning, format!("{PLACE}.rule"), message, source::API);
        }
        (false, _) => {
            let message = "is false, so the rules are stored and do nothing";
            findings.add(Severity::Warning, format!("{PLACE}.is_support_filter"), message, source::API);
        }
        (true, _) => {}
    }
    if let FilterCondition::Unknown(unknown) = &filter.condition {
        let known = FilterCondition::KNOWN.iter().map(FilterCondition::as_str);
        // Too short to be near, but the case may be wrong.
        let meant = known.clone().find(|known| known.eq_ignore_ascii_case(unknown.as_str()));
        let message = format!("{} is none of AND and OR{}", shown(unknown.as_str()), did_you_mean(meant));
        findings.add(Severity::Error, format!("{PLACE}.condition"), message, source::API);
    }
    if filter.rule.len() > RULES {
        let message = format!("has {} rules, the console takes {RULES} at the most", filter.rule.len());
        findings.add(Severity::Hint, format!("{PLACE}.rule"), message, source::GUIDE_OTC);
    }
    let mut conditions: Vec<Condition<'_>> = Vec::new();
    for (index, rule) in filter.rule.iter().enumerate() {
        let Some(condition) = Condition::read(findings, index, rule) else { continue };
        let found = conditions.iter().filter_map(|earlier| condition.beside(earlier, &filter.condition));
        // The worst, and of several the first.
        if let Some((severity, message)) = found.min_by_key(|(severity, _)| Reverse(*severity)) {
            findings.add(severity, place(index), message, source::API);
        }
        conditions.push(condition);
    }
    exhausted(findings, &conditions, &filter.condition);
}

fn place(index: usize) -> String {
    format!("{PLACE}.rule[{index}]")
}

/// The values of a field that has a fixed set of them.
fn values(field: &FilterField) -> Option<&'static [&'static str]> {
    match field {
        FilterField::TraceRating => Some(&["normal", "warning", "incident"]),
        FilterField::TraceType => Some(&["ConsoleAction", "ApiCall", "SystemAction"]),
        _ => None,
    }
}

/// A rule that can be reasoned about.
struct Condition<'r> {
    index: usize,
    text: &'r str,
    field: FilterField,
    equals: bool,
    value: &'r str,
}

impl<'r> Condition<'r> {
    fn read(findings: &mut Findings, index: usize, rule: &'r FilterRule) -> Option<Self> {
        let text = rule.as_str();
        let mut add = |severity, message: String| findings.add(severity, place(index), message, source::API);
        let Some(parts) = rule.parts() else {
            let form = "is not of the form <field> <operator> <value>, with one blank on either side of the operator";
            add(Severity::Error, format!("{} {form}{}", shown(text), did_you_mean(respaced(text).as_deref())));
            return None;
        };
        let equals = match &parts.operator {
            FilterOperator::Equals => true,
            FilterOperator::NotEquals => false,
            FilterOperator::Unknown(unknown) => {
                let meant = respaced(text);
                let message = format!("{} is no operator: only = and != are", shown(unknown.as_str()));
                add(Severity::Error, format!("{message}{}", did_you_mean(meant.as_deref())));
                return None;
            }
        };
        if let FilterField::Unknown(unknown) = &parts.field {
            let fields: Vec<&str> = FilterField::KNOWN.iter().map(FilterField::as_str).collect();
            let meant = nearest(unknown.as_str(), fields.iter().copied());
            let message = format!("{} is no field: those are {}", shown(unknown.as_str()), fields.join(", "));
            add(Severity::Error, format!("{message}{}", did_you_mean(meant)));
            return None;
        }
        let (field, value) = (parts.field, parts.value);
        if let Some(reason) = undocumented(&field, value) {
            let (severity, so) = if equals { (Severity::Error, "never") } else { (Severity::Warning, "always") };
            add(severity, format!("{reason}, so {} {so} holds", shown(text)));
            return None;
        }
        if value.len() > 1 && ['"', '\''].iter().any(|quote| value.starts_with(*quote) && value.ends_with(*quote)) {
            let message = format!("the value {} is quoted, and the quotes are taken for a part of it", shown(value));
            add(Severity::Warning, message);
        } else if value.trim() != value {
            let message =
                format!("the value {} has white space at an end, which is taken for a part of it", shown(value));
            add(Severity::Warning, message);
        }
        Some(Self { index, text, field, equals, value })
    }

    /// What an earlier rule makes of this one, if both are about the same field.
    fn beside(&self, earlier: &Self, together: &FilterCondition) -> Option<(Severity, String)> {
        if self.field != earlier.field {
            return None;
        }
        let (this, that) = (shown(self.text), format!("{} of rule[{}]", shown(earlier.text), earlier.index));
        let same = self.value == earlier.value;
        let error = |text: &str| Some((Severity::Error, format!("{this} contradicts {that}: {text}")));
        let warning = |text: &str| Some((Severity::Warning, format!("{this} or {that} always holds: {text}")));
        let hint = |text: String| Some((Severity::Hint, text));
        match (together, self.equals, earlier.equals) {
            _ if same && self.equals == earlier.equals => hint(format!("{this} repeats {that}")),
            (FilterCondition::And, true, true) => error("no trace meets both; to allow either, the condition is OR"),
            (FilterCondition::And, ..) if same => error("no trace meets both"),
            (FilterCondition::Or, false, false) => {
                warning("the filter lets everything through; to exclude both, the condition is AND")
            }
            (FilterCondition::Or, ..) if same => warning("the filter lets everything through"),
            // The one that says less: beside `code = 200`, `code != 400` says nothing more.
            (FilterCondition::And, false, true) | (FilterCondition::Or, true, false) => {
                hint(format!("{this} adds nothing to {that}"))
            }
            (FilterCondition::And, true, false) | (FilterCondition::Or, false, true) => {
                hint(format!("{that} adds nothing to {this}"))
            }
            _ => None,
        }
    }
}

/// Fields of which every value is excluded, or every one allowed.
fn exhausted(findings: &mut Findings, conditions: &[Condition<'_>], together: &FilterCondition) {
    for field in [FilterField::TraceRating, FilterField::TraceType] {
        let names = |equals: bool, value: &str| {
            conditions.iter().any(|c| c.field == field && c.equals == equals && c.value == value)
        };
        let all = |equals: bool| values(&field).is_some_and(|values| values.iter().all(|value| names(equals, value)));
        let (severity, message) = match together {
            FilterCondition::And if all(false) => {
                (Severity::Error, format!("every {field} there is is excluded, so the filter lets nothing through"))
            }
            FilterCondition::Or if all(true) => {
                (Severity::Warning, format!("every {field} there is is allowed, so the filter lets everything through"))
            }
            _ => continue,
        };
        findings.add(severity, format!("{PLACE}.rule"), message, source::API);
    }
}

/// Why a field can't have a value, by the documents.
fn undocumented(field: &FilterField, value: &str) -> Option<String> {
    if value.is_empty() {
        return Some("the value is missing".to_owned());
    }
    if let Some(values) = values(field) {
        let meant = nearest(value, values.iter().copied());
        let meant = meant.map_or_else(String::new, |meant| format!(" (did you mean {meant}?)"));
        return (!values.contains(&value))
            .then(|| format!("{} is no {field}: those are {}{meant}", shown(value), values.join(", ")));
    }
    let most = match field {
        FilterField::ApiVersion => 64,
        FilterField::ResourceId => 350,
        _ => 256,
    };
    let length = value.chars().count();
    if length > most {
        return Some(format!("the value has {length} characters, documented for {field} are 1 to {most}"));
    }
    let is_version = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if *field == FilterField::ApiVersion && !value.chars().all(is_version) {
        return Some(format!("{} is no {field}: letters, digits, _, . and - are documented", shown(value)));
    }
    None
}

/// A rule as it was probably meant, if only its blanks or its operator are wrong.
fn respaced(text: &str) -> Option<String> {
    let (field, operator, value) =
        [("!=", "!="), ("<>", "!="), ("==", "="), ("=", "=")].into_iter().find_map(|(written, meant)| {
            let (field, value) = text.split_once(written)?;
            Some((field.trim(), meant, value.trim()))
        })?;
    let is_whole = FilterField::KNOWN.iter().any(|known| known.as_str() == field) && !value.is_empty();
    is_whole.then(|| format!("{field} {operator} {value}"))
}
