//! Which provider of a chain is asked.

use super::*;

#[allow(clippy::unnecessary_wraps, reason = "a step like the others")]
fn keys(_: usize) -> Result<Credentials, CredentialsError> {
    Ok(Credentials::new("AK", "SK"))
}
fn unset(_: usize) -> Result<Credentials, CredentialsError> {
    Err(CredentialsError::not_configured("nothing\nis set"))
}
fn invalid(_: usize) -> Result<Credentials, CredentialsError> {
    Err(CredentialsError::invalid("half is set"))
}
fn failed(_: usize) -> Result<Credentials, CredentialsError> {
    Err(CredentialsError::failed("it is closed", "come back tomorrow"))
}

#[tokio::test(start_paused = true)]
async fn a_chain_asks_in_order_and_stops_at_a_misconfigured_provider() {
    type Step = fn(usize) -> Result<Credentials, CredentialsError>;
    let unset_twice = "Scripted: nothing is set; Scripted: nothing is set";
    let cases: [(&[Step], _, &[usize]); 9] = [
        (&[], Err((NotConfigured, "the chain has no providers".to_owned())), &[]),
        (&[keys], Ok(()), &[1]),
        (&[keys, invalid], Ok(()), &[1, 0]),
        (&[unset, keys, keys], Ok(()), &[1, 1, 0]),
        (&[unset, unset, keys], Ok(()), &[1, 1, 1]),
        (&[unset, unset], Err((NotConfigured, unset_twice.to_owned())), &[1, 1]),
        (&[invalid, keys], Err((Invalid, "Scripted: half is set".to_owned())), &[1, 0]),
        (
            &[unset, invalid, keys],
            Err((Invalid, "Scripted: nothing is set; Scripted: half is set".to_owned())),
            &[1, 1, 0],
        ),
        (
            &[unset, unset, failed, keys],
            Err((Failed, format!("{unset_twice}; Scripted: it is closed: come back tomorrow"))),
            &[1, 1, 1, 0],
        ),
    ];
    for (steps, expected, calls) in cases {
        let steps: Vec<_> = steps.iter().map(|step| Scripted::new(*step)).collect();
        let chain = steps.iter().cloned().fold(CredentialsChain::new(), CredentialsChain::then);
        let got =
            chain.provide(&nowhere()).await.map(drop).map_err(|error| (error.kind(), told(&error)));
        assert_eq!(got, expected);
        assert_eq!(steps.iter().map(Scripted::calls).collect::<Vec<_>>(), calls, "{expected:?}");
        let checked = chain.check(&nowhere()).map_err(|error| (error.kind(), told(&error)));
        assert_eq!(checked, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_chain_remembers_the_provider_that_had_credentials() {
    let first = Scripted::new(|call| if call == 0 { unset(0) } else { keys(0) });
    let second = Scripted::new(|call| if call == 0 { keys(0) } else { failed(0) });
    let chain = CredentialsChain::new().then(first.clone()).then(second.clone());
    chain.provide(&nowhere()).await.unwrap();
    let error = chain.provide(&nowhere()).await.unwrap_err();
    assert_eq!(
        (error.kind(), told(&error).as_str()),
        (Failed, "Scripted: it is closed: come back tomorrow")
    );
    assert_eq!((first.calls(), second.calls()), (1, 2));
}

#[test]
fn the_default_order_is_that_of_the_official_sdks() {
    let default = format!("{:?}", DefaultCredentials::new().region("eu-de"));
    let place = |name| default.find(name);
    assert!(place("EnvCredentials").unwrap() < place("ProfileCredentials").unwrap(), "{default}");
    if cfg!(feature = "reqwest") {
        assert!(
            place("ProfileCredentials").unwrap() < place("MetadataCredentials").unwrap(),
            "{default}"
        );
    } else {
        assert_eq!(place("MetadataCredentials"), None, "{default}");
    }
}

#[tokio::test]
async fn an_empty_chain_lists_why_each_provider_has_no_credentials() {
    let file = TestFile::new("");
    let answers = Answers::default().failure(TransportErrorKind::Connect);
    let chain = CredentialsChain::new()
        .then(ProfileCredentials::new().path(file.path()))
        .then(CachedCredentials::new(MetadataCredentials::new().transport(answers)));
    chain.check(&nowhere()).unwrap();
    let error = chain.provide(&nowhere()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string()),
        (
            NotConfigured,
            format!(
                "profile: {} has no section [basic]; \
                 metadata: there is no metadata service here (no response from http://169.254.169.254)",
                file.path().display()
            )
        )
    );
    let names: [&dyn ProvideCredentials; 4] = [
        &Credentials::new("a", "s"),
        &DefaultCredentials::new(),
        &Arc::new(CredentialsChain::new()),
        &chain,
    ];
    assert_eq!(
        names.map(ProvideCredentials::name),
        ["fixed credentials", "default", "chain", "chain"]
    );
}
