//! Causes that can be reached, and what a program prints when `main` returns an error.

use std::io;

use super::*;
use crate::transport::TransportErrorKind;

const CALL: CallName =
    CallName { operation: "GetThing", actions: "cts:thing:get", class: Class::Read };

fn error(cause: Cause) -> Error {
    Error::new(CALL, History::default(), cause)
}

fn api(status: u16, code: &str) -> ApiError {
    let body = format!(r#"{{"error_code":"{code}","error_msg":"m"}}"#);
    ApiError::from_response(&http::Response::builder().status(status).body(body.into()).unwrap())
}

/// The `io::Error` at the end of a chain of sources.
fn io_error(mut error: &(dyn StdError + 'static)) -> Option<io::ErrorKind> {
    while let Some(source) = error.source() {
        error = source;
    }
    error.downcast_ref().map(io::Error::kind)
}

#[test]
fn every_typed_cause_has_an_accessor_and_keeps_its_source() {
    let reset = || io::Error::from(io::ErrorKind::ConnectionReset);
    let transport = TransportError::with_source(TransportErrorKind::Interrupted, reset());
    let credentials = CredentialsError::failed("the vault is closed", reset());
    let causes = [
        Cause::Api(api(400, "CTS.0400")),
        Cause::Transport { error: transport, host: "h".to_owned() },
        Cause::Credentials(credentials),
        Cause::Sign(SignError::NoHost),
    ];
    for (i, error) in causes.into_iter().map(error).enumerate() {
        // The error of a lookup is reached through the call that needed it.
        let inner = Some(error.clone());
        let outer = super::Error::new(
            CALL,
            History::default(),
            Cause::Project { reason: "r".to_owned(), inner },
        );
        assert!(error.project_lookup().is_none());
        assert_eq!(outer.project_lookup().map(Error::kind), Some(error.kind()));
        assert_eq!(outer.kind(), ErrorKind::Project);
        for error in [&error, &outer] {
            let found = [
                error.api().is_some(),
                error.transport().is_some(),
                error.credentials().is_some(),
                error.sign().is_some(),
            ];
            assert_eq!(found, std::array::from_fn(|n| n == i), "{error:#?}");
            assert_eq!(error.is_retryable(), outer.is_retryable());
            assert!(error.source().is_none(), "its text is part of Display");
        }
        if let Some(error) = outer.transport() {
            assert_eq!(io_error(error), Some(io::ErrorKind::ConnectionReset));
        }
        if let Some(error) = outer.credentials() {
            assert_eq!(io_error(error), Some(io::ErrorKind::ConnectionReset));
        }
    }
    let not_found = error(Cause::Project { reason: "no such project".to_owned(), inner: None });
    assert!(not_found.project_lookup().is_none() && !not_found.is_retryable());
    let not_kept =
        error(Cause::NotKept { name: "a".to_owned(), fields: vec!["filter", "operations"] });
    assert_eq!(not_kept.fields_not_kept(), ["filter", "operations"]);
    assert!(not_found.fields_not_kept().is_empty());
}

#[test]
fn an_error_that_main_returns_is_the_sentence_of_display() {
    for error in [
        error(Cause::Api(api(400, "CTS.0400"))),
        error(Cause::NotKept { name: "a".to_owned(), fields: vec!["filter"] }),
        error(Cause::NotFound("notification with the id\u{1b}[2J x".to_owned())),
    ] {
        assert_eq!(format!("{error:?}"), error.to_string());
        let structure = format!("{error:#?}");
        assert!(structure.starts_with("Error {\n    kind: "), "{structure}");
    }
}
