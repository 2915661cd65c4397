//! One set in many projects and regions.

mod access_key;

use std::fmt;

use futures_util::stream::{self, StreamExt};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use self::access_key::Keys;
use super::plan::{Action, PlanOptions};
use super::report::ApplyReport;
use super::{NotificationSet, Outcome};
use crate::client::{CtsClient, Pace};
use crate::error::Error;

/// A project in a region, by a client of it.
#[derive(Clone, Debug)]
#[must_use]
pub struct Place {
    name: String,
    client: CtsClient,
    set: Option<NotificationSet>,
}

impl Place {
    /// The project of this client, by a name for the report.
    pub fn new(name: impl Into<String>, client: CtsClient) -> Self {
        Self { name: name.into(), client, set: None }
    }

    /// Gives the place a set of its own in place of the common one: with its own topics, say, by
    /// [`NotificationSet::for_place`].
    pub fn set(mut self, set: NotificationSet) -> Self {
        self.set = Some(set);
        self
    }
}

/// What became of a place.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PlaceReport {
    /// Its name.
    pub name: String,
    /// What became of its rules; an error if they could not even be read.
    pub result: Result<ApplyReport, Error>,
}

impl PlaceReport {
    /// Whether all its rules are as they are to be.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.result.as_ref().is_ok_and(ApplyReport::is_complete)
    }
}

impl Serialize for PlaceReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut place = serializer.serialize_struct("PlaceReport", 3)?;
        place.serialize_field("name", &self.name)?;
        place.serialize_field("report", &self.result.as_ref().ok())?;
        place.serialize_field("error", &self.result.as_ref().err().map(ToString::to_string))?;
        place.end()
    }
}

/// One line: the place, and what was done or went wrong first.
impl fmt::Display for PlaceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", super::columns::clean(&self.name))?;
        let report = match &self.result {
            Ok(report) => report,
            Err(error) => return write!(f, "{error}"),
        };
        if let Some(gap) = report.gap() {
            write!(f, "{gap}: ")?;
        }
        if let Some(error) = report.entries.iter().find_map(|entry| entry.outcome.error()) {
            return write!(f, "{error}");
        }
        let count = |wanted| {
            let did = |outcome: &Outcome| matches!(outcome, Outcome::Done { action } if *action == wanted);
            report.entries.iter().filter(|entry| did(&entry.outcome)).count()
        };
        write!(
            f,
            "{} created, {} updated, {} deleted, {} unchanged",
            count(Action::Create),
            count(Action::Update),
            count(Action::Delete),
            count(Action::Unchanged)
        )
    }
}

/// How far [`ensure_everywhere`] is.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Progress<'r> {
    /// How many places are finished, this one included.
    pub finished: usize,
    /// How many places there are.
    pub total: usize,
    /// The place that was finished last.
    pub report: &'r PlaceReport,
}

/// Makes it so in many places: [`CtsClient::ensure`] in each, so many at a time (0 counts as 1), and the reports in the
/// order of the places. A place that fails does not stop the others. `progress` is told of each place that is finished.
///
/// Five requests in a row with a wrong secret lock an access key for minutes, for every program that uses it. So the places
/// of one access key wait until the key has been accepted in one of them, and once it is refused in two places in a row
/// nothing more is sent with it: the rest fail with [`ErrorKind::Credentials`](crate::ErrorKind::Credentials).
///
/// The places share a [`Pace`], so that they wait together where the gateway throttles calls; a client that was given one
/// keeps its own. The time limit of a call counts while it waits: allow for it with
/// [`RetryPolicy::total_timeout`](crate::RetryPolicy::total_timeout) where many places use one account.
///
/// Nothing is spawned: it all happens within this future, and dropping it stops it.
///
/// ```
/// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use huaweicloud_cts::notification::CreateNotification;
/// use huaweicloud_cts::provision::{NotificationSet, Place, PlanOptions, ensure_everywhere};
/// use huaweicloud_cts::testing::FakeCts;
///
/// let fake = FakeCts::new();
/// let project = |id: &str| fake.client_builder().project_id(id).build().map(|client| Place::new(id, client));
/// let places = vec![project("p1")?, project("p2")?, project("p3")?];
/// let set = NotificationSet::new([CreateNotification::complete("everything")])?;
///
/// let reports = ensure_everywhere(places, &set, &PlanOptions::new(), 2, |at| {
///     println!("{}/{} {}", at.finished, at.total, at.report);
/// })
/// .await;
/// assert!(reports.iter().all(|report| report.is_complete()));
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn ensure_everywhere(
    places: Vec<Place>,
    set: &NotificationSet,
    options: &PlanOptions,
    concurrency: usize,
    mut progress: impl FnMut(Progress<'_>) + Send,
) -> Vec<PlaceReport> {
    let total = places.len();
    let keys = Keys::default();
    let keys = &keys;
    let pace = &Pace::new();
    let work = places.into_iter().enumerate().map(|(index, Place { name, client, set: own })| async move {
        let result = ensure_with_key(keys, &client.sharing(pace), own.as_ref().unwrap_or(set), options).await;
        (index, PlaceReport { name, result })
    });
    let mut finished = stream::iter(work).buffer_unordered(concurrency.max(1));
    let mut reports = Vec::with_capacity(total);
    while let Some((index, report)) = finished.next().await {
        progress(Progress { finished: reports.len() + 1, total, report: &report });
        reports.push((index, report));
    }
    reports.sort_by_key(|(index, _)| *index);
    reports.into_iter().map(|(_, report)| report).collect()
}

async fn ensure_with_key(
    keys: &Keys,
    client: &CtsClient,
    set: &NotificationSet,
    options: &PlanOptions,
) -> Result<ApplyReport, Error> {
    // Without credentials nothing is sent, and the call tells why.
    let Some(access_key) = client.access_key().await else { return client.ensure(set, options).await };
    let key = keys.of(access_key);
    let turn = key.turn().await?;
    let read = client.read_and_plan(set, options).await;
    key.learn(read.as_ref().err());
    drop(turn);
    let (plan, actual) = read?;
    let report = client.ensure_from(plan, actual, set, options).await;
    for error in report.entries.iter().filter_map(|entry| entry.outcome.error()) {
        key.learn(Some(error));
    }
    Ok(report)
}
