use super::*;
use crate::credentials::CredentialsErrorKind;
use std::sync::atomic::AtomicUsize;
use std::time::SystemTime;
use tokio::time::Instant;

impl<P: ProvideCredentials> CachedCredentials<P> {
    async fn ask(&self) -> Result<Credentials, CredentialsError> {
        self.provide(&CredentialsContext::default()).await
    }

    /// Changes what is kept for the one place that there is.
    fn change(&self, change: impl FnOnce(&mut Kept)) {
        change(self.place(Key::default()).kept().as_mut().unwrap());
    }

    /// Puts the keys in the last part of their time.
    fn make_due(&self) {
        self.change(|kept| kept.window = Duration::MAX);
    }

    fn make_expired(&self) {
        self.change(|kept| kept.credentials = kept.credentials.clone().with_expiry(SystemTime::now() - MINUTE));
    }
}

const MINUTE: Duration = Duration::from_secs(60);

fn keys(name: &str) -> Credentials {
    Credentials::new(name, "secret")
}

/// Gives a new key at each call but those that are to fail.
#[derive(Debug)]
struct Counting {
    calls: AtomicUsize,
    fails: fn(usize) -> bool,
}

impl ProvideCredentials for Counting {
    fn provide<'a>(&'a self, _: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        Box::pin(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if (self.fails)(call) {
                return Err(CredentialsError::failed(format!("call {call} failed"), "on purpose"));
            }
            Ok(keys(&format!("key-{call}")).with_expiry(SystemTime::now() + 60 * MINUTE))
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
async fn due_keys_are_renewed_and_only_one_caller_waits() {
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

/// Gives keys at once, and from then on never answers before `slow` has passed.
#[derive(Debug)]
struct Slow {
    calls: AtomicUsize,
    slow: Duration,
}

impl ProvideCredentials for Slow {
    fn provide<'a>(&'a self, _: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        Box::pin(async move {
            tokio::time::sleep(if call == 1 { Duration::ZERO } else { self.slow }).await;
            Ok(keys(&format!("key-{call}")).with_expiry(SystemTime::now() + 60 * MINUTE))
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
async fn a_provider_that_never_answers_costs_five_seconds_once_in_thirty() {
    let cached = slow(Duration::MAX).await;
    for calls in 2..5 {
        let started = Instant::now();
        for _ in 0..3 {
            assert_eq!(cached.ask().await.unwrap().access_key(), "key-1");
        }
        assert_eq!((started.elapsed(), cached.provider.calls.load(Ordering::Relaxed)), (PATIENCE, calls));
        tokio::time::advance(kept::PAUSE).await;
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
    assert_eq!((started.elapsed(), cached.provider.calls.load(Ordering::Relaxed)), (Duration::ZERO, 2));
    tokio::time::advance(kept::PAUSE).await;
    assert!(timeout(limit, cached.ask()).await.is_err(), "the next try");
}

#[tokio::test(start_paused = true)]
async fn when_the_old_keys_run_out_meanwhile_the_new_ones_are_waited_for() {
    let cached = slow(Duration::from_secs(20)).await;
    let run_out = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        cached.make_expired();
    };
    let (keys, ()) = tokio::join!(cached.ask(), run_out);
    assert_eq!(keys.unwrap().access_key(), "key-2");
    assert_eq!(cached.provider.calls.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn keys_that_hold_are_used_when_renewing_fails() {
    let cached = cached(|call| call != 1 && call != 4);
    assert_eq!(cached.key().await, "key-1");
    cached.make_due();
    assert_eq!(cached.key().await, "key-1");
    assert_eq!(cached.key().await, "key-1");
    assert_eq!(cached.calls(), 2, "the next try waits");
    tokio::time::advance(kept::PAUSE).await;
    assert_eq!(cached.key().await, "key-1");
    assert_eq!(cached.calls(), 3);
    tokio::time::advance(kept::PAUSE).await;
    assert_eq!(cached.key().await, "key-4");
    cached.make_expired();
    let error = cached.ask().await.unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (CredentialsErrorKind::Failed, "call 5 failed"));
    assert_eq!(cached.ask().await.unwrap_err().to_string(), "call 6 failed", "nothing holds, nothing waits");
}
