//! Filters that no trace passes, or every trace.

use std::cmp::Reverse;

use super::finding::{Findings, Severity, shown, source};
use super::operations::did_you_mean;
use super::similar::nearest;
use crate::notification::{Filter, FilterCondition, FilterField, FilterOperator, FilterRule};

const FIELD: &str = "filter";
/// The number of filter rules that the console accepts: one for each field.
const RULES: usize = 6;

pub(super) fn check(findings: &mut Findings, filter: &Filter) {
    match (filter.is_support_filter, filter.rule.as_slice()) {
        (_, []) => {
            let message = "has no filter rules: add some, or omit the filter";
            findings.add(Severity::Warning, format!("{FIELD}.rule"), message, source::API);
        }
        (false, _) => {
            let message = "is false, so the filter rules are stored but not applied";
            findings.add(
                Severity::Warning,
                format!("{FIELD}.is_support_filter"),
                message,
                source::API,
            );
        }
        (true, _) => {}
    }
    if let FilterCondition::Unknown(unknown) = &filter.condition {
        let known = FilterCondition::KNOWN.iter().map(FilterCondition::as_str);
        // Too short for a similarity search, but the case may be wrong.
        let meant = known.clone().find(|known| known.eq_ignore_ascii_case(unknown.as_str()));
        let message =
            format!("{} is neither AND nor OR{}", shown(unknown.as_str()), did_you_mean(meant));
        findings.add(Severity::Error, format!("{FIELD}.condition"), message, source::API);
    }
    if filter.rule.len() > RULES {
        let message = format!(
            "has {} filter rules, but the console accepts at most {RULES}",
            filter.rule.len()
        );
        findings.add(Severity::Hint, format!("{FIELD}.rule"), message, source::GUIDE_OTC);
    }
    let mut conditions: Vec<Condition<'_>> = Vec::new();
    for (index, rule) in filter.rule.iter().enumerate() {
        let Some(condition) = Condition::read(findings, index, rule) else { continue };
        let found =
            conditions.iter().filter_map(|earlier| condition.compare(earlier, &filter.condition));
        // The most severe one; the first if there are several.
        if let Some((severity, message)) = found.min_by_key(|(severity, _)| Reverse(*severity)) {
            findings.add(severity, field(index), message, source::API);
        }
        conditions.push(condition);
    }
    exhausted(findings, &conditions, &filter.condition);
}

fn field(index: usize) -> String {
    format!("{FIELD}.rule[{index}]")
}

/// Returns the values of a field that has a fixed set of them.
fn values(field: &FilterField) -> Option<&'static [&'static str]> {
    match field {
        FilterField::TraceRating => Some(&["normal", "warning", "incident"]),
        FilterField::TraceType => Some(&["ConsoleAction", "ApiCall", "SystemAction"]),
        _ => None,
    }
}

/// A filter rule that could be parsed.
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
        let mut add =
            |severity, message: String| findings.add(severity, field(index), message, source::API);
        let Some(parts) = rule.parts() else {
            let form = "is not of the form <field> <operator> <value>, with one space on each side of the operator";
            add(
                Severity::Error,
                format!("{} {form}{}", shown(text), did_you_mean(respaced(text).as_deref())),
            );
            return None;
        };
        let equals = match &parts.operator {
            FilterOperator::Equals => true,
            FilterOperator::NotEquals => false,
            FilterOperator::Unknown(unknown) => {
                let meant = respaced(text);
                let message =
                    format!("{} is not an operator: use = or !=", shown(unknown.as_str()));
                add(Severity::Error, format!("{message}{}", did_you_mean(meant.as_deref())));
                return None;
            }
        };
        if let FilterField::Unknown(unknown) = &parts.field {
            let fields: Vec<&str> = FilterField::KNOWN.iter().map(FilterField::as_str).collect();
            let meant = nearest(unknown.as_str(), fields.iter().copied());
            let message = format!(
                "{} is not a field: use one of {}",
                shown(unknown.as_str()),
                fields.join(", ")
            );
            add(Severity::Error, format!("{message}{}", did_you_mean(meant)));
            return None;
        }
        let (field, value) = (parts.field, parts.value);
        if let Some(reason) = undocumented(&field, value) {
            let (severity, so) =
                if equals { (Severity::Error, "never") } else { (Severity::Warning, "always") };
            add(severity, format!("{reason}, so {} is {so} true", shown(text)));
            return None;
        }
        if value.len() > 1
            && ['"', '\''].iter().any(|quote| value.starts_with(*quote) && value.ends_with(*quote))
        {
            let message =
                format!("the value {} is quoted, and the quotes are part of it", shown(value));
            add(Severity::Warning, message);
        } else if value.trim() != value {
            let message = format!(
                "the value {} has leading or trailing white space, which is part of it",
                shown(value)
            );
            add(Severity::Warning, message);
        }
        Some(Self { index, text, field, equals, value })
    }

    /// Compares this filter rule with an earlier one, if both are about the same field.
    fn compare(&self, earlier: &Self, together: &FilterCondition) -> Option<(Severity, String)> {
        if self.field != earlier.field {
            return None;
        }
        let (this, that) =
            (shown(self.text), format!("{} of rule[{}]", shown(earlier.text), earlier.index));
        let same = self.value == earlier.value;
        let error =
            |text: &str| Some((Severity::Error, format!("{this} contradicts {that}: {text}")));
        let warning = |text: &str| {
            Some((Severity::Warning, format!("{this} or {that} is always true: {text}")))
        };
        let hint = |text: String| Some((Severity::Hint, text));
        match (together, self.equals, earlier.equals) {
            _ if same && self.equals == earlier.equals => hint(format!("{this} repeats {that}")),
            (FilterCondition::And, true, true) => {
                error("no trace matches both; to allow either, use the condition OR")
            }
            (FilterCondition::And, ..) if same => error("no trace matches both"),
            (FilterCondition::Or, false, false) => {
                warning("every trace passes the filter; to exclude both, use the condition AND")
            }
            (FilterCondition::Or, ..) if same => warning("every trace passes the filter"),
            // One of them is redundant: next to `code = 200`, `code != 400` changes nothing.
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

/// Finds fields of which every value is excluded, or every one is allowed.
fn exhausted(findings: &mut Findings, conditions: &[Condition<'_>], together: &FilterCondition) {
    for field in [FilterField::TraceRating, FilterField::TraceType] {
        let names = |equals: bool, value: &str| {
            conditions.iter().any(|c| c.field == field && c.equals == equals && c.value == value)
        };
        let all = |equals: bool| {
            values(&field).is_some_and(|values| values.iter().all(|value| names(equals, value)))
        };
        let (severity, message) = match together {
            FilterCondition::And if all(false) => (
                Severity::Error,
                format!("every {field} is excluded, so no trace passes the filter"),
            ),
            FilterCondition::Or if all(true) => (
                Severity::Warning,
                format!("every {field} is allowed, so every trace passes the filter"),
            ),
            _ => continue,
        };
        findings.add(severity, format!("{FIELD}.rule"), message, source::API);
    }
}

/// Returns the reason why a field can't have a value, according to the documents.
fn undocumented(field: &FilterField, value: &str) -> Option<String> {
    if value.is_empty() {
        return Some("the value is missing".to_owned());
    }
    if let Some(values) = values(field) {
        let meant = nearest(value, values.iter().copied());
        let meant = meant.map_or_else(String::new, |meant| format!(" (did you mean {meant}?)"));
        return (!values.contains(&value)).then(|| {
            format!("{} is not a {field}: use one of {}{meant}", shown(value), values.join(", "))
        });
    }
    let limit = match field {
        FilterField::ApiVersion => 64,
        FilterField::ResourceId => 350,
        _ => 256,
    };
    let length = value.chars().count();
    if length > limit {
        return Some(format!(
            "the value has {length} characters, but 1 to {limit} are documented for {field}"
        ));
    }
    let is_version = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if *field == FilterField::ApiVersion && !value.chars().all(is_version) {
        return Some(format!(
            "{} contains other characters than the documented letters, digits, _, . and -",
            shown(value)
        ));
    }
    None
}

/// Returns a filter rule as it was probably meant, if only its spaces or its operator are wrong.
fn respaced(text: &str) -> Option<String> {
    let (field, operator, value) = [("!=", "!="), ("<>", "!="), ("==", "="), ("=", "=")]
        .into_iter()
        .find_map(|(written, meant)| {
            let (field, value) = text.split_once(written)?;
            Some((field.trim(), meant, value.trim()))
        })?;
    let is_whole =
        FilterField::KNOWN.iter().any(|known| known.as_str() == field) && !value.is_empty();
    is_whole.then(|| format!("{field} {operator} {value}"))
}
