//! What the platform says about a function in its environment.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

/// The size of a response that FunctionGraph accepts, in bytes, unless the environment names
/// another.
const MAX_RESPONSE: usize = 6 * 1024 * 1024;

/// The configuration of a function, as FunctionGraph passes it in the environment.
///
/// A variable that is missing, empty or unreadable leaves the value that [`Config::default`] has.
///
/// | field | variable |
/// |---|---|
/// | `project_id` | `RUNTIME_PROJECT_ID` |
/// | `package` | `RUNTIME_PACKAGE` |
/// | `name` | `RUNTIME_FUNC_NAME` |
/// | `version` | `RUNTIME_FUNC_VERSION` |
/// | `handler` | `RUNTIME_HANDLER` |
/// | `code_root` | `RUNTIME_CODE_ROOT` |
/// | `timeout` | `RUNTIME_TIMEOUT`, in seconds |
/// | `memory_mb` | `RUNTIME_MEMORY` |
/// | `max_response` | `RUNTIME_MAX_RESP_BODY_SIZE`, in bytes |
/// | `user_data` | `RUNTIME_USERDATA`, a JSON object |
///
/// The region is not among them. Take it from a variable of your own.
///
/// `Debug` shows the names of the user data and not their values, which may be secret.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// The id of the project.
    pub project_id: Option<String>,
    /// The package (application) that the function belongs to: `default`.
    pub package: Option<String>,
    /// The name of the function.
    pub name: Option<String>,
    /// The version of the function: `latest`.
    pub version: Option<String>,
    /// The handler in the settings of the function. A custom runtime may use it as it likes.
    pub handler: Option<String>,
    /// The directory that the ZIP was unpacked to: `/opt/function/code`.
    pub code_root: Option<PathBuf>,
    /// How long an invocation may take. 3 seconds by default, which is FunctionGraph's own default.
    pub timeout: Duration,
    /// The memory of an instance, in MB.
    pub memory_mb: Option<u32>,
    /// The largest response, in bytes. 6 MiB by default.
    pub max_response: usize,
    /// The variables in the settings of the function, by name. A value that is not a string is here
    /// as JSON.
    pub user_data: BTreeMap<String, String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            project_id: None,
            package: None,
            name: None,
            version: None,
            handler: None,
            code_root: None,
            timeout: Duration::from_secs(3),
            memory_mb: None,
            max_response: MAX_RESPONSE,
            user_data: BTreeMap::new(),
        }
    }
}

impl Config {
    /// Reads the configuration from the environment.
    #[must_use]
    pub fn from_env() -> Self {
        Self::of(|name| std::env::var(name).ok())
    }

    fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| variable(name).filter(|value| !value.is_empty());
        let number = |name: &str| text(name)?.trim().parse::<u32>().ok();
        let default = Self::default();
        Self {
            project_id: text("RUNTIME_PROJECT_ID"),
            package: text("RUNTIME_PACKAGE"),
            name: text("RUNTIME_FUNC_NAME"),
            version: text("RUNTIME_FUNC_VERSION"),
            handler: text("RUNTIME_HANDLER"),
            code_root: text("RUNTIME_CODE_ROOT").map(PathBuf::from),
            timeout: number("RUNTIME_TIMEOUT")
                .filter(|seconds| *seconds > 0)
                .map_or(default.timeout, |seconds| Duration::from_secs(seconds.into())),
            memory_mb: number("RUNTIME_MEMORY"),
            max_response: number("RUNTIME_MAX_RESP_BODY_SIZE")
                .and_then(|bytes| usize::try_from(bytes).ok())
                .filter(|bytes| *bytes > 0)
                .unwrap_or(default.max_response),
            user_data: text("RUNTIME_USERDATA").map(|json| user_data(&json)).unwrap_or_default(),
        }
    }
}

fn user_data(json: &str) -> BTreeMap<String, String> {
    let values: BTreeMap<String, Value> = serde_json::from_str(json).unwrap_or_default();
    let text = |value| if let Value::String(text) = value { text } else { value.to_string() };
    values.into_iter().map(|(name, value)| (name, text(value))).collect()
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            project_id,
            package,
            name,
            version,
            handler,
            code_root,
            timeout,
            memory_mb,
            max_response,
            user_data,
        } = self;
        f.debug_struct("Config")
            .field("project_id", project_id)
            .field("package", package)
            .field("name", name)
            .field("version", version)
            .field("handler", handler)
            .field("code_root", code_root)
            .field("timeout", timeout)
            .field("memory_mb", memory_mb)
            .field("max_response", max_response)
            .field("user_data", &user_data.keys())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Config {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        Config::of(|name| find(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn every_variable_has_its_field() {
        let config = read(&[
            ("RUNTIME_PROJECT_ID", "p"),
            ("RUNTIME_PACKAGE", "default"),
            ("RUNTIME_FUNC_NAME", "audit"),
            ("RUNTIME_FUNC_VERSION", "latest"),
            ("RUNTIME_HANDLER", "bootstrap"),
            ("RUNTIME_CODE_ROOT", "/opt/function/code"),
            ("RUNTIME_TIMEOUT", "900"),
            ("RUNTIME_MEMORY", "128"),
            ("RUNTIME_MAX_RESP_BODY_SIZE", "1000"),
            ("RUNTIME_USERDATA", r#"{"table": "traces", "limit": 3}"#),
        ]);
        let expected = Config {
            project_id: Some("p".to_owned()),
            package: Some("default".to_owned()),
            name: Some("audit".to_owned()),
            version: Some("latest".to_owned()),
            handler: Some("bootstrap".to_owned()),
            code_root: Some("/opt/function/code".into()),
            timeout: Duration::from_secs(900),
            memory_mb: Some(128),
            max_response: 1000,
            user_data: [
                ("limit".to_owned(), "3".to_owned()),
                ("table".to_owned(), "traces".to_owned()),
            ]
            .into(),
        };
        assert_eq!(config, expected);
    }

    #[test]
    fn a_variable_that_makes_no_sense_counts_as_missing() {
        for odd in ["", "0", "-1", "3 s", "99999999999"] {
            let config = read(&[
                ("RUNTIME_TIMEOUT", odd),
                ("RUNTIME_MAX_RESP_BODY_SIZE", odd),
                ("RUNTIME_USERDATA", odd),
                ("RUNTIME_FUNC_NAME", ""),
            ]);
            assert_eq!(config, Config::default(), "{odd:?}");
        }
    }

    #[test]
    fn debug_shows_the_names_of_user_data_only() {
        let shown = format!("{:?}", read(&[("RUNTIME_USERDATA", r#"{"password": "sesame"}"#)]));
        assert!(shown.contains("password") && !shown.contains("sesame"), "{shown}");
    }
}
