//! What this program is.

use serde_json::json;

use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::screen;

/// Lists the features of Cargo that the program was built with.
macro_rules! features {
    ($($name:literal)+) => {
        [$(($name, cfg!(feature = $name))),+]
    };
}

pub(crate) fn run(context: &Context) -> Result<Exit, Failure> {
    let all = features![
        "cli" "function" "native-tls" "reqwest" "rustls" "rustls-no-provider" "smn-verify" "test-util" "tracing"
    ];
    let features: Vec<&str> =
        all.into_iter().filter(|(_, is_on)| *is_on).map(|(name, _)| name).collect();
    let (name, version) = (env!("CARGO_BIN_NAME"), env!("CARGO_PKG_VERSION"));
    let environment =
        match (cfg!(target_env = "gnu"), cfg!(target_env = "musl"), cfg!(target_env = "msvc")) {
            (true, ..) => "-gnu",
            (_, true, _) => "-musl",
            (.., true) => "-msvc",
            _ => "",
        };
    let target = format!("{}-{}{environment}", std::env::consts::ARCH, std::env::consts::OS);
    if context.global.output.is_for_programs() {
        let value =
            json!({ "name": name, "version": version, "target": target, "features": features });
        screen::value(context.global.output, &value)?;
    } else {
        screen::out(format_args!(
            "{name} {version} ({target})\nfeatures: {}",
            features.join(", ")
        ))?;
    }
    Ok(Exit::Done)
}
