//! Whether a topic's access policy lets CTS publish.

use serde::Serialize;
use serde_json::Value;

use crate::notification::TopicUrn;

/// What a topic's access policy says about CTS.
///
/// The documents of the service do not say whether CTS needs an entry in the policy of a topic of
/// its own account. So a policy that does not name CTS is [`Silent`](Self::Silent), which is
/// neither yes nor no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TopicPolicy {
    /// A statement allows CTS to publish to the topic.
    Allows,
    /// A statement forbids CTS to publish to the topic.
    #[non_exhaustive]
    Denies {
        /// The `Sid` of the statement, if it has one.
        statement: Option<String>,
    },
    /// There is no policy, or it says nothing certain about CTS: no statement names the service
    /// `cts`, or only one with a condition does.
    Silent,
    /// The policy is not valid JSON, or not a policy.
    Invalid,
    /// The policy could not be read.
    #[non_exhaustive]
    Unreadable {
        /// The error of the service.
        reason: String,
    },
}

/// The name of CTS in a policy.
const SERVICE: &str = "cts";
const ACTION: &str = "smn:publish";

impl TopicPolicy {
    /// Reads the policy of a topic: a JSON document, or nothing.
    pub(super) fn of(document: &str, topic: &TopicUrn) -> Self {
        if document.trim().is_empty() {
            return Self::Silent;
        }
        let Ok(Value::Object(policy)) = serde_json::from_str(document) else {
            return Self::Invalid;
        };
        let statements = match policy.get("Statement") {
            None | Some(Value::Null) => &[],
            Some(Value::Array(statements)) => statements.as_slice(),
            Some(one) => std::slice::from_ref(one),
        };
        let certain = |effect: &str| {
            statements.iter().find(|statement| {
                let is_meant = at(statement, "/Effect")
                    .as_str()
                    .is_some_and(|given| given.eq_ignore_ascii_case(effect));
                is_meant && is_about_cts(statement, topic)
            })
        };
        if let Some(statement) = certain("Deny") {
            return Self::Denies { statement: at(statement, "/Sid").as_str().map(str::to_owned) };
        }
        if certain("Allow").is_some() { Self::Allows } else { Self::Silent }
    }
}

/// Returns `true` if a statement is, under no condition, about CTS publishing to this topic.
/// `NotPrincipal`, `NotAction` and `NotResource` are not evaluated: whether they include services
/// is documented nowhere.
fn is_about_cts(statement: &Value, topic: &TopicUrn) -> bool {
    let is_unconditional = match at(statement, "/Condition") {
        Value::Null => true,
        Value::Object(condition) => condition.is_empty(),
        _ => false,
    };
    is_unconditional
        && strings(at(statement, "/Principal/Service"))
            .any(|service| service.eq_ignore_ascii_case(SERVICE))
        && strings(at(statement, "/Action"))
            .any(|action| matches(&action.to_ascii_lowercase(), ACTION))
        && strings(at(statement, "/Resource")).any(|resource| matches(resource, topic.as_str()))
}

/// What is at a path; null if there is nothing.
fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    value.pointer(path).unwrap_or(&Value::Null)
}

/// A string, or the strings of an array.
fn strings(value: &Value) -> impl Iterator<Item = &str> {
    let many = value.as_array().map(Vec::as_slice).unwrap_or_default();
    value.as_str().into_iter().chain(many.iter().filter_map(Value::as_str))
}

/// Returns `true` if a string has the form of a pattern, in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(middle) = last.replace(part) {
            let Some(at) = rest.find(middle) else { return false };
            rest = rest.get(at + middle.len()..).unwrap_or_default();
        }
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const URN: &str = "urn:smn:eu-de:24edf66e79d04187acb99a463e610764:audit";

    fn policy(statements: &Value) -> TopicPolicy {
        let document = json!({ "Version": "2016-09-07", "Id": "__default_policy_ID", "Statement": statements });
        TopicPolicy::of(&document.to_string(), &TopicUrn::from(URN))
    }

    fn statement(effect: &str, service: &Value, action: &Value, resource: &Value) -> Value {
        json!({
            "Sid": "s", "Effect": effect, "Principal": { "Service": service }, "Action": action, "Resource": resource,
        })
    }

    #[test]
    fn an_allow_that_names_cts_is_enough_in_each_of_its_forms() {
        for (service, action, resource) in [
            (json!(["cts"]), json!(["SMN:Publish", "SMN:QueryTopicDetail"]), json!(URN)),
            (json!("CTS"), json!("smn:publish"), json!([URN])),
            (json!(["obs", "cts"]), json!("SMN:*"), json!("*")),
            (json!(["cts"]), json!("*"), json!("urn:smn:*:audit")),
            (json!(["cts"]), json!("SMN:Pub*sh"), json!("urn:smn:eu-de:*")),
        ] {
            let found = policy(&json!([statement("Allow", &service, &action, &resource)]));
            assert_eq!(found, TopicPolicy::Allows, "{service} {action} {resource}");
        }
    }

    #[test]
    fn what_is_not_certainly_about_cts_and_this_topic_says_nothing() {
        let publish = json!(["SMN:Publish"]);
        for found in [
            TopicPolicy::of("", &TopicUrn::from(URN)),
            TopicPolicy::of(" \n", &TopicUrn::from(URN)),
            policy(&json!(null)),
            policy(&json!([])),
            policy(&json!([statement("Allow", &json!(["obs"]), &publish, &json!(URN))])),
            policy(&json!([statement("Allow", &json!(["ctsx"]), &publish, &json!(URN))])),
            policy(&json!([statement(
                "Allow",
                &json!(["cts"]),
                &json!("SMN:Subscribe"),
                &json!(URN)
            )])),
            policy(&json!([statement(
                "Allow",
                &json!(["cts"]),
                &publish,
                &json!("urn:smn:eu-de:p:other")
            )])),
            policy(
                &json!([{ "Effect": "Allow", "Principal": { "CSP": ["*"] }, "Action": "*", "Resource": "*" }]),
            ),
            policy(
                &json!([{ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" }]),
            ),
            policy(
                &json!([{ "Effect": "Deny", "NotPrincipal": { "Service": "cts" }, "Action": "*", "Resource": "*" }]),
            ),
            policy(&json!([{
                "Effect": "Allow", "Principal": { "Service": "cts" }, "Action": "*", "Resource": "*",
                "Condition": { "StringEquals": { "a": "b" } },
            }])),
        ] {
            assert_eq!(found, TopicPolicy::Silent);
        }
    }

    #[test]
    fn a_deny_counts_more_than_an_allow_wherever_it_stands() {
        let allow = statement("Allow", &json!(["cts"]), &json!("*"), &json!("*"));
        let deny = statement("Deny", &json!(["cts"]), &json!("SMN:Publish"), &json!(URN));
        for statements in [json!([allow, deny]), json!([deny, allow]), json!(deny)] {
            assert_eq!(
                policy(&statements),
                TopicPolicy::Denies { statement: Some("s".to_owned()) }
            );
        }
    }

    #[test]
    fn a_document_that_is_no_policy_is_invalid() {
        for document in ["{", "[]", "\"text\"", "{\"Version\":\"2016-09-07\",…}"] {
            assert_eq!(TopicPolicy::of(document, &TopicUrn::from(URN)), TopicPolicy::Invalid);
        }
    }

    #[test]
    fn an_asterisk_stands_for_any_text() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("a*", "a", true),
            ("a*a", "a", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("**b", "ab", true),
            ("*é*", "xéy", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
