//! Enums over strings that stay lossless when the service adds a value.

use std::borrow::Cow;
use std::fmt;

/// A value that this version of the crate has no variant for.
///
/// Only parsing creates one, from a string that no variant has. So an `Unknown` never equals a
/// known value, and code that compares [`as_str`](Self::as_str) still works when a later version
/// has a variant for the value.
///
/// ```
/// use huaweicloud_cts::notification::NotificationStatus;
///
/// let NotificationStatus::Unknown(value) = NotificationStatus::from("paused") else { unreachable!() };
/// assert_eq!(value.as_str(), "paused");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    pub(crate) fn new(string: impl Into<Box<str>>) -> Self {
        Self(string.into())
    }

    /// Returns the string as the service sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Reads a string, borrowed if the input allows it.
pub(crate) fn deserialize_string<'de, D>(deserializer: D) -> Result<Cow<'de, str>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    struct StringVisitor;

    impl<'de> serde::de::Visitor<'de> for StringVisitor {
        type Value = Cow<'de, str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_borrowed_str<E>(self, string: &'de str) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(string))
        }

        fn visit_str<E>(self, string: &str) -> Result<Self::Value, E> {
            Ok(Cow::Owned(string.to_owned()))
        }

        fn visit_string<E>(self, string: String) -> Result<Self::Value, E> {
            Ok(Cow::Owned(string))
        }
    }

    deserializer.deserialize_str(StringVisitor)
}

/// Declares an enum over strings: the known values, and `Unknown` for all others.
///
/// A value may have aliases, `A = "a" | "b"`: both are read, and `a` is written.
///
/// Implements `as_str`, `From<&str>`, `From<String>`, infallible `FromStr`, `AsRef<str>`,
/// `Display`, serde both ways and the usual derives. Comparison is case-sensitive.
macro_rules! string_enum {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $text:literal $(| $alias:literal)*, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        $vis enum $name {
            $(
                $(#[$variant_meta])*
                #[doc = concat!("\n\nOn the wire: `", $text, "`" $(, " or `", $alias, "`")*, ".")]
                $variant,
            )+
            /// A value that this version of the crate does not know, as it came.
            Unknown($crate::wire::enums::UnknownValue),
        }

        impl $name {
            /// The known values, in the order of their declaration.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the string on the wire. `Display` writes characters that can't be shown as
            /// escapes: `\u{1b}`.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(value) => value.as_str(),
                }
            }

            fn known(string: &str) -> Option<Self> {
                match string {
                    $($text $(| $alias)* => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl From<&str> for $name {
            fn from(string: &str) -> Self {
                Self::known(string).unwrap_or_else(|| Self::Unknown($crate::wire::enums::UnknownValue::new(string)))
            }
        }

        impl From<String> for $name {
            fn from(string: String) -> Self {
                Self::known(&string).unwrap_or_else(|| Self::Unknown($crate::wire::enums::UnknownValue::new(string)))
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(string: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(string))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&$crate::text::escaped(self.as_str()))
            }
        }

        $crate::wire::open::open_strings!($name);

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(match $crate::wire::enums::deserialize_string(deserializer)? {
                    std::borrow::Cow::Borrowed(string) => Self::from(string),
                    std::borrow::Cow::Owned(string) => Self::from(string),
                })
            }
        }
    };
}
pub(crate) use string_enum;
