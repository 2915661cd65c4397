//! The filter of a notification: conditions on the trace of an operation.

use std::fmt;

use serde_json::Map;

use crate::wire::enums::string_enum;
use crate::wire::newtype::string_newtype;
use crate::wire::open::open_struct;

open_struct! {
    /// Conditions that a trace must meet, in addition to being about one of the notification's
    /// operations.
    ///
    /// ```
    /// use huaweicloud_cts::notification::{Filter, FilterField, FilterRule};
    ///
    /// let failed = Filter::all([
    ///     FilterRule::not_equals(FilterField::Code, 200),
    ///     FilterRule::equals(FilterField::TraceType, "ApiCall"),
    /// ]);
    /// assert_eq!(failed.rule[0], "code != 200");
    /// ```
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub struct Filter {
        /// Whether all filter rules or any of them must hold.
        pub condition: FilterCondition => FilterCondition::And,
        /// Whether the filter is on. The service keeps a filter that is off, and does not apply it.
        pub is_support_filter: bool => true,
        /// The filter rules.
        pub rule: Vec<FilterRule>,
    }
    strict "a table with rule, and perhaps condition and is_support_filter"
}

impl Filter {
    /// Creates a filter of which all filter rules must hold (`AND`). It is on.
    #[must_use]
    pub fn all(rules: impl IntoIterator<Item = FilterRule>) -> Self {
        Self {
            condition: FilterCondition::And,
            is_support_filter: true,
            rule: rules.into_iter().collect(),
            other: Map::new(),
        }
    }

    /// Creates a filter of which at least one filter rule must hold (`OR`). It is on.
    ///
    /// ```
    /// use huaweicloud_cts::notification::{Filter, FilterCondition};
    ///
    /// let denied = Filter::any(["code = 401".into(), "code = 403".into()]);
    /// assert_eq!(denied.condition, FilterCondition::Or);
    /// ```
    #[must_use]
    pub fn any(rules: impl IntoIterator<Item = FilterRule>) -> Self {
        Self { condition: FilterCondition::Or, ..Self::all(rules) }
    }

    /// Sets whether the filter is on. Its filter rules stay.
    ///
    /// ```
    /// use huaweicloud_cts::notification::Filter;
    ///
    /// let filter = Filter::all(["code != 200".into()]).is_support_filter(false);
    /// assert_eq!(filter.rule.len(), 1);
    /// ```
    #[must_use]
    pub fn is_support_filter(self, is_support_filter: bool) -> Self {
        Self { is_support_filter, ..self }
    }
}

string_enum! {
    /// How the filter rules of a filter are combined.
    pub enum FilterCondition {
        /// All must hold. The documents call it the default.
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
    /// The field of a trace that a filter rule looks at.
    pub enum FilterField {
        /// Version of the API that was called: 1 to 64 letters, digits, `_`, `.`, `-`.
        ApiVersion = "api_version",
        /// Status of the operation's response, such as `200`: 1 to 256 characters.
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
    /// How a filter rule compares.
    pub enum FilterOperator {
        /// The field has the value.
        Equals = "=",
        /// The field does not have the value.
        NotEquals = "!=",
    }
}

string_newtype! {
    /// One condition of a filter, such as `code != 200`.
    ///
    /// In JSON it is a string, `<field> <operator> <value>`, with one space on either side of the
    /// operator and no quotes. Any string is kept as it is; [`parts`](Self::parts) parses it.
    pub struct FilterRule;
}

/// A filter rule in its parts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct FilterRuleParts<'r> {
    /// The field of the trace.
    pub field: FilterField,
    /// How it is compared.
    pub operator: FilterOperator,
    /// The value that it is compared with.
    pub value: &'r str,
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "`equals(FilterField::Code, 200)` reads better than two references"
)]
impl FilterRule {
    /// Creates `field = value`.
    ///
    /// ```
    /// use huaweicloud_cts::notification::{FilterField, FilterRule};
    ///
    /// assert_eq!(FilterRule::equals(FilterField::Code, 403), "code = 403");
    /// ```
    #[must_use]
    pub fn equals(field: FilterField, value: impl fmt::Display) -> Self {
        Self::new(&field, &FilterOperator::Equals, value)
    }

    /// Creates `field != value`.
    ///
    /// ```
    /// use huaweicloud_cts::notification::{FilterField, FilterRule};
    ///
    /// assert_eq!(FilterRule::not_equals(FilterField::TraceRating, "normal"), "trace_rating != normal");
    /// ```
    #[must_use]
    pub fn not_equals(field: FilterField, value: impl fmt::Display) -> Self {
        Self::new(&field, &FilterOperator::NotEquals, value)
    }

    fn new(field: &FilterField, operator: &FilterOperator, value: impl fmt::Display) -> Self {
        Self(format!("{} {} {value}", field.as_str(), operator.as_str()))
    }

    /// Returns field, operator and value; `None` if the string is not of that form. Spaces within
    /// the value are part of it.
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
        let mut words = self.as_str().splitn(3, ' ');
        let (field, operator, value) = (words.next()?, words.next()?, words.next()?);
        if field.is_empty() || operator.is_empty() {
            return None;
        }
        Some(FilterRuleParts {
            field: FilterField::from(field),
            operator: FilterOperator::from(operator),
            value,
        })
    }
}
