//! The cache of credentials.

use super::*;

async fn calls_of_100(scripted: &Scripted) -> Vec<Result<String, String>> {
    let cached = CachedCredentials::new(scripted.clone());
    let call = |cached: CachedCredentials<Scripted>| async move {
        cached
            .provide(&nowhere())
            .await
            .map(|keys| keys.access_key().to_owned())
            .map_err(|error| told(&error))
    };
    let callers: Vec<_> = (0..100).map(|_| tokio::spawn(call(cached.clone()))).collect();
    let mut answers = Vec::new();
    for caller in callers {
        answers.push(caller.await.unwrap());
    }
    answers
}

#[tokio::test(start_paused = true)]
async fn a_hundred_callers_with_clones_of_a_cache_share_one_load() {
    let scripted = Scripted::new(|call| Ok(Credentials::new(format!("AK{call}"), "SK")));
    let answers = calls_of_100(&scripted).await;
    assert_eq!((answers, scripted.calls()), (vec![Ok("AK0".to_owned()); 100], 1));

    let scripted =
        Scripted::new(|call| Err(CredentialsError::failed(format!("call {call}"), "closed")));
    let answers = calls_of_100(&scripted).await;
    assert_eq!((answers, scripted.calls()), (vec![Err("call 0: closed".to_owned()); 100], 1));
}

#[tokio::test(start_paused = true)]
async fn errors_are_not_cached_and_permanent_credentials_are() {
    let scripted = Scripted::new(|call| match call {
        0 => Err(CredentialsError::failed("closed", "for now")),
        call => Ok(Credentials::new(format!("AK{call}"), "SK")),
    });
    let cached = CachedCredentials::new(scripted.clone());
    assert_eq!(cached.provide(&nowhere()).await.unwrap_err().kind(), Failed);
    assert_eq!(cached.provide(&nowhere()).await.unwrap().access_key(), "AK1");
    tokio::time::advance(Duration::from_secs(1_000_000)).await;
    assert_eq!(cached.provide(&nowhere()).await.unwrap().access_key(), "AK1");
    assert_eq!(scripted.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn each_context_has_its_own_credentials_and_beyond_64_the_first_is_dropped() {
    let scripted = Scripted::new(|call| Ok(Credentials::new(format!("AK{call}"), "SK")));
    let cached = CachedCredentials::new(scripted.clone());
    let ask = async |place: usize| {
        let context = CredentialsContext::new().with_region(format!("region-{}", place / 2));
        let context = if place.is_multiple_of(2) {
            context
        } else {
            context.with_iam_endpoint("https://iam.example.com")
        };
        cached.provide(&context).await.unwrap().access_key().to_owned()
    };
    for _ in 0..2 {
        for place in 0..64 {
            assert_eq!(ask(place).await, format!("AK{place}"));
        }
    }
    assert_eq!(
        (ask(64).await, ask(1).await, ask(0).await),
        ("AK64".into(), "AK1".into(), "AK65".into())
    );
}

#[tokio::test(start_paused = true)]
async fn a_load_for_one_context_does_not_wait_for_another() {
    let scripted = Scripted::new(|call| Ok(Credentials::new(format!("AK{call}"), "SK")));
    let cached = CachedCredentials::new(scripted.clone());
    let (here, there) = (nowhere(), CredentialsContext::new().with_region("eu-de"));
    let started = tokio::time::Instant::now();
    let (one, other) = tokio::join!(cached.provide(&here), cached.provide(&there));
    assert_ne!(one.unwrap().access_key(), other.unwrap().access_key());
    assert_eq!(started.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_is_cancelled_while_it_loads_leaves_the_load_to_the_next() {
    let scripted = Scripted::new(|call| Ok(Credentials::new(format!("AK{call}"), "SK")));
    let cached = Arc::new(CachedCredentials::new(scripted.clone()));
    let waiting = tokio::spawn({
        let cached = Arc::clone(&cached);
        async move {
            tokio::time::sleep(Duration::from_millis(10)).await;
            cached.provide(&nowhere()).await.unwrap().access_key().to_owned()
        }
    });
    assert!(
        tokio::time::timeout(Duration::from_millis(100), cached.provide(&nowhere())).await.is_err()
    );
    assert_eq!(waiting.await.unwrap(), "AK1");
    assert_eq!(cached.provide(&nowhere()).await.unwrap().access_key(), "AK1");
    assert_eq!(scripted.calls(), 2);
}
