//! Ids and other strings with a type of their own.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::str::FromStr;

use huaweicloud_cts::notification::{FilterRule, NotificationId, TopicUrn};
use huaweicloud_cts::trace::TraceId;
use huaweicloud_cts::tracker::TrackerId;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Every conversion and comparison agrees with that of the string.
fn is_like_a_string<T>(string: &str)
where
    T: for<'s> From<&'s str> + for<'s> From<&'s String> + From<String> + FromStr<Err = Infallible>,
    T: AsRef<str> + Borrow<str> + PartialEq<str> + for<'s> PartialEq<&'s str> + Into<String>,
    T: Clone + Debug + Display + Default + Hash + Ord + Serialize + DeserializeOwned,
    str: PartialEq<T>,
{
    let value = T::from(string);
    assert_eq!(value, string);
    assert!(*string == value, "from the other side");
    assert_eq!(value.as_ref(), string);
    assert_eq!(string.parse::<T>(), Ok(value.clone()));
    assert_eq!(T::from(string.to_owned()), T::from(&string.to_owned()));
    assert_eq!(Into::<String>::into(value.clone()), string);
    assert_eq!(serde_json::to_string(&value).unwrap(), serde_json::to_string(string).unwrap());
    assert_eq!(serde_json::from_value::<T>(string.into()).unwrap(), value);
    // A lookup by the string finds it.
    assert_eq!(HashMap::from([(value.clone(), 1)]).get(string), Some(&1));
    assert_eq!(BTreeMap::from([(value.clone(), 1)]).get(string), Some(&1));
    assert_eq!(T::default(), "");
}

proptest! {
    #[test]
    fn a_newtype_behaves_like_its_string(string in any::<String>()) {
        is_like_a_string::<NotificationId>(&string);
        is_like_a_string::<TopicUrn>(&string);
        is_like_a_string::<FilterRule>(&string);
        is_like_a_string::<TraceId>(&string);
        is_like_a_string::<TrackerId>(&string);
    }
}
