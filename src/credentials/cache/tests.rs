use super::*;
use crate::credentials::CredentialsErrorKind;
use std::sync::atomic::AtomicUsize;
use std::time::SystemTime;
use tokio::time::Instant;

impl<P: ProvideCredentials> CachedCredentials<P> {
    async fn ask(&self) -> Result<Credentials, CredentialsError> {
        self.provide(&CredentialsContext::default()).await
    }

    /// Changes the entry of the only context.
    fn change(&self, change: impl FnOnce(&mut Entry)) {
        change(self.slot(Key::default()).entry().as_mut().unwrap());
    }

    /// Puts the credentials into the last part of their lifetime.
    fn make_due(&self) {
        self.change(|entry| entry.window = Duration::MAX);
    }

    fn make_expired(&self) {
        self.change(|entry| {
            entry.credentials = entry.credentials.clone().with_expiry(SystemTime::now() - MINUTE);
        });
    }
}

const MINUTE: Duration = Duration::from_secs(60);

fn credentials(name: &str) -> Credentials {
    Credentials::new(name, "secret")
}

/// Returns a new access key at each call, except for those that fail.
#[derive(Debug)]
struct Counting {
    calls: AtomicUsize,
    fails: fn(usize) -> bool,
}

impl ProvideCredentials for Counting {
    fn provide<'a>(
        &'a self,
        _: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        Box::pin(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if (self.fails)(call) {
                return Err(CredentialsError::failed(format!("call {call} failed"), "on purpose"));
            }
            Ok(credentials(&format!("key-{call}")).with_expiry(SystemTime::now() + 60 * MINUTE))
        })
    }
}

fn cached(fails: fn(usize) -> bool) -> CachedCredentials<Counting> {
    CachedCredentials::new(Counting { calls: AtomicUsize::new(0), fails })
}

impl CachedCredentials<Counting> {
    async fn key(&self) -> String {
        self.ask().await.unwrap().access_key().to_owned()
    }

    fn calls(&self) -> usize {
        self.provider.calls.load(Ordering::Relaxed)
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_that_are_due_are_renewed_while_only_one_caller_waits() {
    let cached = cached(|_| false);
    assert_eq!((cached.key().await, cached.key().await), ("key-1".to_owned(), "key-1".to_owned()));
    cached.make_due();
    let (renewing, other) = tokio::join!(cached.key(), cached.key());
    assert_eq!((renewing.as_str(), other.as_str()), ("key-2", "key-1"));
    assert_eq!(cached.calls(), 2);
    cached.make_expired();
    let (renewing, other) = tokio::join!(cached.key(), cached.key());
    assert_eq!((renewing.as_str(), other.as_str(), cached.calls()), ("key-3", "key-3", 3));
}

/// Returns credentials immediately at first, and later only after `slow`.
#[derive(Debug)]
struct Slow {
    calls: AtomicUsize,
    slow: Duration,
}

impl ProvideCredentials for Slow {
    fn provide<'a>(
        &'a self,
        _: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        Box::pin(async move {
            tokio::time::sleep(if call == 1 { Duration::ZERO } else { self.slow }).await;
            Ok(credentials(&format!("key-{call}")).with_expiry(SystemTime::now() + 60 * MINUTE))
        })
    }
}

async fn slow(slow: Duration) -> CachedCredentials<Slow> {
    let cached = CachedCredentials::new(Slow { calls: AtomicUsize::new(0), slow });
    cached.ask().await.unwrap();
    cached.make_due();
    cached
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_never_responds_costs_five_seconds_every_thirty() {
    let cached = slow(Duration::MAX).await;
    for calls in 2..5 {
        let started = Instant::now();
        for _ in 0..3 {
            assert_eq!(cached.ask().await.unwrap().access_key(), "key-1");
        }
        assert_eq!(
            (started.elapsed(), cached.provider.calls.load(Ordering::Relaxed)),
            (PATIENCE, calls)
        );
        tokio::time::advance(entry::PAUSE).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_caller_does_not_make_the_next_ones_wait() {
    let cached = slow(Duration::MAX).await;
    let limit = Duration::from_secs(1);
    assert!(timeout(limit, cached.ask()).await.is_err());
    let started = Instant::now();
    for _ in 0..3 {
        assert_eq!(timeout(limit, cached.ask()).await.unwrap().unwrap().access_key(), "key-1");
    }
    assert_eq!(
        (started.elapsed(), cached.provider.calls.load(Ordering::Relaxed)),
        (Duration::ZERO, 2)
    );
    tokio::time::advance(entry::PAUSE).await;
    assert!(timeout(limit, cached.ask()).await.is_err(), "the next attempt");
}

#[tokio::test(start_paused = true)]
async fn if_credentials_expire_during_a_renewal_the_new_ones_are_waited_for() {
    let cached = slow(Duration::from_secs(20)).await;
    let run_out = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        cached.make_expired();
    };
    let (renewed, ()) = tokio::join!(cached.ask(), run_out);
    assert_eq!(renewed.unwrap().access_key(), "key-2");
    assert_eq!(cached.provider.calls.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn valid_credentials_are_used_if_renewing_fails() {
    let cached = cached(|call| call != 1 && call != 4);
    assert_eq!(cached.key().await, "key-1");
    cached.make_due();
    assert_eq!(cached.key().await, "key-1");
    assert_eq!(cached.key().await, "key-1");
    assert_eq!(cached.calls(), 2, "the next attempt waits");
    tokio::time::advance(entry::PAUSE).await;
    assert_eq!(cached.key().await, "key-1");
    assert_eq!(cached.calls(), 3);
    tokio::time::advance(entry::PAUSE).await;
    assert_eq!(cached.key().await, "key-4");
    cached.make_expired();
    let error = cached.ask().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (CredentialsErrorKind::Failed, "call 5 failed")
    );
    assert_eq!(
        cached.ask().await.unwrap_err().to_string(),
        "call 6 failed",
        "nothing is valid, so nothing waits"
    );
}
