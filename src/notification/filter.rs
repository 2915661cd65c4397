//! The advanced filter: conditions on the recorded operation.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Map;

use crate::text::escaped;
use crate::wire::enums::string_enum;
use crate::wire::open::{open_strings, open_struct};

open_struct! {
    /// Conditions that a trace must meet, in addition to being about one of the notification's operations.
    ///
    /// ```
    /// use huaweicloud_cts::notification::{Filter, FilterField, FilterRule};
    ///
    /// let failed = Filter::all([
    ///     FilterRule::not_equals(FilterField::Code, "200"),
    ///     FilterRule::equals(FilterField::TraceType, "ApiCall"),
    /// ]);
    /// assert_eq!(failed.rule[0].to_string(), "code != 200");
    /// ```
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub struct Filter {
        /// Whether all rules or any must hold.
        pub condition: FilterCondition,
        /// Whether the filter is on. A filter that is off is stored, and does nothing.
        pub is_support_filter: bool,
        /// The rules.
        pub rule: Vec<FilterRule>,
    }
}

impl Filter {
    /// All rules must hold (`AND`). The filter is on.
    #[must_use]
    pub fn all(rules: impl IntoIterator<Item = FilterRule>) -> Self {
        Self {
            condition: FilterCondition::And,
            is_support_filter: true,
            rule: rules.into_iter().collect(),
            other: Map::new(),
        }
    }

    /// At least one rule must hold (`OR`). The filter is on.
    #[must_use]
    pub fn any(rules: impl IntoIterator<Item = FilterRule>) -> Self {
        Self { condition: FilterCondition::Or, ..Self::all(rules) }
    }

    /// Switches the filter on or off, and keeps its rules.
    #[must_use]
    pub fn enabled(self, enabled: bool) -> Self {
        Self { is_support_filter: enabled, ..self }
    }
}

string_enum! {
    /// How the rules of a filter add up.
    pub enum FilterCondition {
        /// All must hold. What the documents call the default.
        And = "AND",
        /// At least one must hold.
        Or = "OR",
    }
}

#[allow(clippy::derivable_impls, reason = "the variants are declared by a macro")]
impl Default for FilterCondition {
    fn default() -> Self {
        Self::And
    }
}

string_enum! {
    /// The member of a trace that a rule looks at.
    pub enum FilterField {
        /// Version of the API that was called: 1 to 64 letters, digits, `_`, `.`, `-`.
        ApiVersion = "api_version",
        /// Status of the operation's answer, such as `200`: 1 to 256 characters.
        Code = "code",
        /// `normal`, `warning` or `incident`.
        TraceRating = "trace_rating",
        /// `ConsoleAction`, `ApiCall` or `SystemAction`.
        TraceType = "trace_type",
        /// Id of the resource: 1 to 350 characters.
        ResourceId = "resource_id",
        /// Name of the resource: 1 to 256 characters.
        ResourceName = "resource_name",
    }
}

string_enum! {
    /// How a rule compares.
    pub enum FilterOperator {
        /// The member is the value.
        Equals = "=",
        /// The member is not the value.
        NotEquals = "!=",
    }
}

/// One condition: `code != 200`.
///
/// On the wire it is a text, `<field> <operator> <value>` with one blank on either side of the operator and no quotes. It
/// is kept as it came; [`parts`](Self::parts) reads it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FilterRule(String);

/// A rule taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct FilterRuleParts<'r> {
    /// What is looked at.
    pub field: FilterField,
    /// How it is compared.
    pub operator: FilterOperator,
    /// With what.
    pub value: &'r str,
}

#[allow(clippy::needless_pass_by_value, reason = "`equals(FilterField::Code, 200)` reads better than two references")]
impl FilterRule {
    /// `field = value`.
    #[must_use]
    pub fn equals(field: FilterField, value: impl fmt::Display) -> Self {
        Self::new(&field, &FilterOperator::Equals, value)
    }

    /// `field != value`.
    #[must_use]
    pub fn not_equals(field: FilterField, value: impl fmt::Display) -> Self {
        Self::new(&field, &FilterOperator::NotEquals, value)
    }

    fn new(field: &FilterField, operator: &FilterOperator, value: impl fmt::Display) -> Self {
        Self(format!("{} {} {value}", field.as_str(), operator.as_str()))
    }

    /// Field, operator and value; `None` if the text is not of that form. Blanks within the value belong to it.
    ///
    /// ```
    /// use huaweicloud_cts::notification::{FilterField, FilterOperator, FilterRule};
    ///
    /// let rule = FilterRule::from("resource_name = my server");
    /// let parts = rule.parts().unwrap();
    /// assert_eq!((parts.field, parts.operator, parts.value), (FilterField::ResourceName, FilterOperator::Equals, "my server"));
    /// assert!(FilterRule::from("code>400").parts().is_none());
    /// ```
    #[must_use]
    pub fn parts(&self) -> Option<FilterRuleParts<'_>> {
        let mut words = self.0.splitn(3, ' ');
        let (field, operator, value) = (words.next()?, words.next()?, words.next()?);
        if field.is_empty() || operator.is_empty() {
            return None;
        }
        Some(FilterRuleParts { field: FilterField::from(field), operator: FilterOperator::from(operator), value })
    }

    /// The text on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

open_strings!(FilterRule);

impl From<&str> for FilterRule {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for FilterRule {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for FilterRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&escaped(&self.0))
    }
}
