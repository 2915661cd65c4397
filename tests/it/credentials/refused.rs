//! Cached credentials that the service refuses.

use super::*;

#[tokio::test(start_paused = true)]
async fn refused_credentials_are_requested_again_unless_they_were_replaced() {
    let other = KEYS.replace("T1", "T2");
    let answers =
        Answers::default().answer(404, "").answer(200, KEYS).answer(200, &other).answer(200, KEYS);
    let metadata = MetadataCredentials::new().transport(answers.clone());
    // Two caches, one in the other.
    let provider =
        Arc::new(CredentialsChain::new().then(CachedCredentials::new(Arc::new(metadata))));
    let first = provider.provide(&nowhere()).await.unwrap();
    provider.refused(&Credentials::new("AK1", "SK1").security_token("T9"));
    provider.refused(&Credentials::new("AK1", "SK1"));
    provider.refused(&Credentials::new("AK9", "SK1").security_token("T1"));
    provider.provide(&nowhere()).await.unwrap();
    assert_eq!(answers.requests().len(), 2, "others were refused");
    provider.refused(&first);
    let second = provider.provide(&nowhere()).await.unwrap();
    assert_eq!(answers.requests().len(), 3);
    provider.refused(&first);
    provider.provide(&nowhere()).await.unwrap();
    assert_eq!(answers.requests().len(), 3, "they were renewed already");
    provider.refused(&second);
    provider.provide(&nowhere()).await.unwrap();
    assert_eq!(answers.requests().len(), 3, "the last refusal was just now");
    tokio::time::advance(Duration::from_secs(30)).await;
    provider.provide(&nowhere()).await.unwrap();
    assert_eq!(answers.requests().len(), 4);
}

/// A thousand calls of clients that share a provider, one after another and all at once.
#[tokio::test(start_paused = true)]
async fn a_thousand_refused_calls_ask_the_provider_at_most_every_thirty_seconds() {
    use huaweicloud_cts::notification::ListNotifications;
    use huaweicloud_cts::testing::FakeCts;

    /// What the provider returns at its `n`th call.
    type Give = fn(usize) -> Result<Credentials, CredentialsError>;
    let same: Give = |_| Ok(Credentials::new("UNKNOWNACCESSKEY0001", "secret").security_token("T"));
    let other: Give = |call| {
        Ok(Credentials::new("UNKNOWNACCESSKEY0001", "secret").security_token(format!("T{call}")))
    };
    let failing: Give = |call| match call {
        0 => Ok(Credentials::new("UNKNOWNACCESSKEY0001", "secret").security_token("T")),
        call => Err(CredentialsError::failed(format!("call {call}"), "closed")),
    };
    for give in [same, other, failing] {
        let fake = FakeCts::new();
        let scripted = Scripted::new(give);
        let provider = Arc::new(CachedCredentials::new(scripted.clone()));
        let build = || fake.client_builder().credentials(Arc::clone(&provider)).build().unwrap();
        let clients = [build(), build()];
        let list = ListNotifications::smn();
        for call in 0..400 {
            clients[call % 2].list_notifications(&list).await.unwrap_err();
        }
        assert_eq!(scripted.calls(), 2);
        tokio::time::advance(Duration::from_secs(30)).await;
        let calls: Vec<_> = (0..600)
            .map(|call| {
                let client = clients[call % 2].clone();
                tokio::spawn(async move {
                    client.list_notifications(&ListNotifications::smn()).await.unwrap_err()
                })
            })
            .collect();
        for call in calls {
            call.await.unwrap();
        }
        assert_eq!(scripted.calls(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_is_cancelled_after_a_refusal_leaves_the_request_to_the_next() {
    let scripted = Scripted::new(|call| Ok(Credentials::new(format!("AK{call}"), "SK")));
    let provider = CachedCredentials::new(scripted.clone());
    let first = provider.provide(&nowhere()).await.unwrap();
    provider.refused(&first);
    let context = nowhere();
    assert!(
        tokio::time::timeout(Duration::from_millis(100), provider.provide(&context)).await.is_err()
    );
    assert_eq!(provider.provide(&context).await.unwrap().access_key(), "AK2");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_old_credentials_does_not_discard_newer_ones() {
    let scripted = Scripted::new(|call| Ok(Credentials::new(format!("AK{call}"), "SK")));
    let provider = Arc::new(CachedCredentials::new(scripted.clone()));
    let first = provider.provide(&nowhere()).await.unwrap();
    provider.refused(&first);
    let (asking, other) = (Arc::clone(&provider), Arc::clone(&provider));
    let fetched = tokio::spawn(async move { asking.provide(&nowhere()).await.unwrap() });
    tokio::time::sleep(Duration::from_millis(500)).await;
    other.refused(&first);
    assert_eq!(fetched.await.unwrap().access_key(), "AK1");
    assert_eq!(provider.provide(&nowhere()).await.unwrap().access_key(), "AK1");
    assert_eq!(scripted.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_id_token_that_was_replaced_is_exchanged_at_once() {
    let token = TestFile::new("first");
    let three = federation(federation(federation(Answers::default())));
    let provider =
        FederatedCredentials::new("idp", token.path()).region("eu-de").transport(three.clone());
    for exchanges in [1, 2, 2] {
        let credentials = provider.provide(&nowhere()).await.unwrap();
        assert_eq!(three.requests().len(), 2 * exchanges);
        provider.refused(&credentials);
    }
    token.write("replaced");
    provider.provide(&nowhere()).await.unwrap();
    assert_eq!(three.requests()[4].body(), r#"{"auth":{"id_token":{"id":"replaced"}}}"#);
}

#[tokio::test]
async fn refused_credentials_for_an_id_token_are_requested_again() {
    let token = TestFile::new("id-token");
    let profile =
        TestFile::new(format!("[basic]\nidp_id = i\nid_token_file = {}\n", token.path().display()));
    let answers = federation(federation(Answers::default()));
    let provider =
        ProfileCredentials::new().path(profile.path()).region("eu-de").transport(answers.clone());
    let keys = provider.provide(&nowhere()).await.unwrap();
    provider.refused(&keys);
    provider.provide(&nowhere()).await.unwrap();
    assert_eq!(answers.requests().len(), 4);
}

#[test]
fn a_chain_reports_a_refusal_to_the_provider_that_had_the_credentials() {
    #[derive(Debug, Default)]
    struct Told(AtomicUsize);
    impl ProvideCredentials for Told {
        fn provide<'a>(
            &'a self,
            _: &'a CredentialsContext,
        ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
            Box::pin(std::future::ready(Ok(Credentials::new("AK", "SK"))))
        }
        fn refused(&self, _: &Credentials) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let (one, other) = (Arc::new(Told::default()), Arc::new(Told::default()));
    let chain = CredentialsChain::new().then(Arc::clone(&one)).then(Arc::clone(&other));
    let keys = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(chain.provide(&nowhere()))
        .unwrap();
    chain.refused(&keys);
    assert_eq!((one.0.load(Ordering::Relaxed), other.0.load(Ordering::Relaxed)), (1, 0));
}
