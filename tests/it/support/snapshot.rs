//! Snapshots: all in one folder, under the name that the test gives.

/// Compares a string with `tests/it/snapshots/NAME.snap`.
macro_rules! assert_snapshot {
    ($name:literal, $value:expr $(,)?) => {{
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/snapshots"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!($name, $value));
    }};
}

pub(crate) use assert_snapshot;
