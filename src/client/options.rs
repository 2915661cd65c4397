//! Settings for single calls.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::CtsClient;
use super::hook::Attempt;
use super::pace::Pace;
use super::retry::RetryPolicy;

/// Settings for single calls of a client, in place of the client's own. [`CtsClient::with_options`]
/// returns a client that has them: make it for one call, or once for all calls of a program, as for
/// a hook that measures them.
///
/// ```
/// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use huaweicloud_cts::client::CallOptions;
/// use huaweicloud_cts::notification::ListNotifications;
/// use huaweicloud_cts::testing::FakeCts;
/// use std::time::Duration;
///
/// let client = FakeCts::new().client();
/// let options = CallOptions::new()
///     .total_timeout(Duration::from_secs(5))
///     .on_attempt(|attempt| println!("{} took {:?}: {:?}", attempt.operation, attempt.duration, attempt.status));
/// client.with_options(options).list_notifications(&ListNotifications::smn()).await?;
/// # Ok::<(), huaweicloud_cts::Error>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct CallOptions {
    headers: HeaderMap,
    attempt_timeout: Option<Duration>,
    total_timeout: Option<Duration>,
    retry: Option<RetryPolicy>,
    pace: Option<Pace>,
    hooks: Vec<Hook>,
}

/// A function that is told of each attempt.
pub(super) type Hook = Arc<dyn Fn(&Attempt<'_>) + Send + Sync>;

impl CallOptions {
    /// Creates options that change nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a header to calls of CTS; IAM does not get it. It is signed, unless its name has a `_`.
    /// Headers that the call itself, its signature and the transport set stay as they are.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets the longest time for one attempt.
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt_timeout = Some(limit);
        self
    }

    /// Sets the longest time for the whole call, in place of the one in the [`RetryPolicy`], of
    /// which all else stays.
    pub fn total_timeout(mut self, limit: Duration) -> Self {
        self.total_timeout = Some(limit);
        self
    }

    /// Sets how often a call is tried, and how long all of it may take.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Sets what is known about the gateway's limits, in place of the client's own: see [`Pace`].
    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = Some(pace);
        self
    }

    /// Adds a function that is told of each attempt of a call, as soon as it is known what follows.
    /// If there are several, each is told, in their order. It runs within the call, so it should be
    /// quick.
    ///
    /// ```
    /// use huaweicloud_cts::client::{AfterAttempt, CallOptions};
    ///
    /// let options = CallOptions::new().on_attempt(|attempt| {
    ///     if let AfterAttempt::Repeated { after, .. } = attempt.next {
    ///         eprintln!("{} failed ({:?}) and is repeated after {after:?}", attempt.operation, attempt.error);
    ///     }
    /// });
    /// ```
    pub fn on_attempt(mut self, hook: impl Fn(&Attempt<'_>) + Send + Sync + 'static) -> Self {
        self.hooks.push(Arc::new(hook));
        self
    }

    /// Adds `later` to these options. What both set is that of `later`; the hooks of both are told.
    fn and(mut self, later: Self) -> Self {
        let Self { headers, attempt_timeout, total_timeout, retry, pace, hooks } = later;
        self.headers.extend(headers);
        self.attempt_timeout = attempt_timeout.or(self.attempt_timeout);
        self.total_timeout = total_timeout.or(self.total_timeout);
        self.retry = retry.or(self.retry);
        self.pace = pace.or(self.pace);
        self.hooks.extend(hooks);
        self
    }
}

impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values of headers may be anything, tokens among them.
        f.debug_struct("CallOptions")
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("attempt_timeout", &self.attempt_timeout)
            .field("total_timeout", &self.total_timeout)
            .field("retry", &self.retry)
            .field("pace", &self.pace)
            .finish_non_exhaustive()
    }
}

impl CtsClient {
    /// Returns this client with other settings, for the calls that are made with it. Connections
    /// and everything that the client has learned are shared.
    ///
    /// What this client got by `with_options` itself stays as far as `options` do not set it:
    /// headers of other names, and every hook.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        let options = self.options().cloned().unwrap_or_default().and(options);
        Self { inner: Arc::clone(&self.inner), options: Some(Arc::new(options)) }
    }

    fn options(&self) -> Option<&CallOptions> {
        self.options.as_deref()
    }

    /// Returns the policy for the calls of this client, with the time limit that its options set.
    pub(super) fn retry_policy(&self) -> RetryPolicy {
        let policy = self
            .options()
            .and_then(|options| options.retry.as_ref())
            .unwrap_or(&self.inner.retry)
            .clone();
        match self.options().and_then(|options| options.total_timeout) {
            Some(limit) => policy.total_timeout(limit),
            None => policy,
        }
    }

    pub(super) fn pace(&self) -> &Pace {
        self.options().and_then(|options| options.pace.as_ref()).unwrap_or(&self.inner.pace)
    }

    /// Returns this client with another pace, unless it was given one.
    pub(crate) fn sharing(&self, pace: &Pace) -> Self {
        let is_given = self.inner.pace_is_given
            || self.options().is_some_and(|options| options.pace.is_some());
        if is_given {
            self.clone()
        } else {
            self.with_options(CallOptions::new().pace(pace.clone()))
        }
    }

    pub(super) fn attempt_timeout(&self) -> Duration {
        self.options()
            .and_then(|options| options.attempt_timeout)
            .unwrap_or(self.inner.attempt_timeout)
    }

    /// Returns the functions that are told of each attempt.
    pub(super) fn hooks(&self) -> &[Hook] {
        self.options().map_or(&[], |options| &options.hooks)
    }

    /// Returns `true` if there is a function to tell of each attempt.
    pub(super) fn is_observed(&self) -> bool {
        !self.hooks().is_empty()
    }

    /// Returns the headers that the caller adds to each call.
    pub(super) fn added_headers(&self) -> Option<&HeaderMap> {
        self.options().map(|options| &options.headers)
    }
}
