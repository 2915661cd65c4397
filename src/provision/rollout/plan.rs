//! The plans of a rollout.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::super::Plan;
use super::super::plan::{FORMAT_VERSION, known_version};
use crate::error::Error;

/// The plans of a [`Rollout`](super::Rollout), one for each target: what
/// [`Rollout::apply`](super::Rollout::apply) does.
///
/// `Display` prints them for people, below the names of their targets.
///
/// # Saved plans
///
/// The plans can be serialized to JSON, stored, reviewed, and applied later by another program, as
/// a single [`Plan`](Plan#saved-plans) can.
///
/// | field | value |
/// |---|---|
/// | `format_version` | 1; another version is an error |
/// | `targets[]` | `name`, and the `plan`, or `null` and the `error` why there is none |
///
/// What holds for a single plan holds for each of them: a plan does what it shows, even if the file
/// was edited, and is bound to its project. An unknown field is an error. So is a target without a
/// plan, because what was not shown can't be approved.
///
/// ```
/// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use huaweicloud_cts::notification::CreateNotification;
/// use huaweicloud_cts::provision::{NotificationSet, Rollout, RolloutPlan, Target};
/// use huaweicloud_cts::testing::FakeCts;
///
/// let fake = FakeCts::new();
/// let target = |id: &str| fake.client_builder().project_id(id).build().map(|client| Target::new(id, client));
/// let targets = [target("p1")?, target("p2")?];
/// let set = NotificationSet::new([CreateNotification::complete("everything")])?;
/// let file = serde_json::to_string_pretty(&Rollout::new(targets.clone()).plan(&set).await)?;
///
/// let plan: RolloutPlan = serde_json::from_str(&file)?;
/// let reports = Rollout::new(targets).apply(&plan).await;
/// assert!(reports.iter().all(|report| report.is_complete()));
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is done until the plans are applied"]
pub struct RolloutPlan {
    targets: Vec<TargetPlan>,
}

/// The plan for one [`Target`](super::Target) of a [`RolloutPlan`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TargetPlan {
    /// The name of the target.
    pub name: String,
    /// The plan, or the error if the notifications of the target could not be read.
    pub result: Result<Plan, Error>,
}

impl RolloutPlan {
    pub(super) fn new(targets: Vec<TargetPlan>) -> Self {
        Self { targets }
    }

    /// Returns the plans, in the order of the targets.
    #[must_use]
    pub fn targets(&self) -> &[TargetPlan] {
        &self.targets
    }

    /// Converts the plans of the rollout into those of its targets.
    #[must_use]
    pub fn into_targets(self) -> Vec<TargetPlan> {
        self.targets
    }

    /// Returns `true` if each target has a plan.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.targets.iter().all(|target| target.result.is_ok())
    }

    /// Returns `true` if each target has a plan, and there is nothing to do in any of them.
    #[must_use]
    pub fn is_up_to_date(&self) -> bool {
        self.targets.iter().all(|target| target.result.as_ref().is_ok_and(Plan::is_up_to_date))
    }
}

impl fmt::Display for RolloutPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, target) in self.targets.iter().enumerate() {
            write!(f, "{}{target}", if index == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

/// The plans of a rollout by the names of their targets. Where several targets share a name, the
/// order decides.
pub(super) struct ByName<'p>(BTreeMap<&'p str, VecDeque<&'p TargetPlan>>);

impl<'p> ByName<'p> {
    pub(super) fn of(plan: &'p RolloutPlan) -> Self {
        let mut by_name: BTreeMap<&str, VecDeque<&TargetPlan>> = BTreeMap::new();
        for target in &plan.targets {
            by_name.entry(&target.name).or_default().push_back(target);
        }
        Self(by_name)
    }

    /// Takes the plan of the next target of this name.
    pub(super) fn take(&mut self, name: &str) -> Option<&'p TargetPlan> {
        self.0.get_mut(name)?.pop_front()
    }

    /// Returns the plans that were not taken.
    pub(super) fn rest(self) -> impl Iterator<Item = &'p TargetPlan> {
        self.0.into_values().flatten()
    }
}

impl Serialize for RolloutPlan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut plan = serializer.serialize_struct("RolloutPlan", 2)?;
        plan.serialize_field("format_version", &FORMAT_VERSION)?;
        plan.serialize_field("targets", &self.targets)?;
        plan.end()
    }
}

impl Serialize for TargetPlan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut target = serializer.serialize_struct("TargetPlan", 3)?;
        target.serialize_field("name", &self.name)?;
        target.serialize_field("plan", &self.result.as_ref().ok())?;
        target.serialize_field("error", &self.result.as_ref().err().map(ToString::to_string))?;
        target.end()
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "the plans of a rollout")]
struct RolloutPlanFile {
    #[serde(deserialize_with = "known_version")]
    format_version: (),
    targets: Vec<TargetPlanFile>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "the plan of a target")]
struct TargetPlanFile {
    name: String,
    plan: Option<Plan>,
    error: Option<String>,
}

impl<'de> Deserialize<'de> for RolloutPlan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let RolloutPlanFile { format_version: (), targets } =
            RolloutPlanFile::deserialize(deserializer)?;
        let read = |TargetPlanFile { name, plan, error }| match (plan, error) {
            (Some(plan), None) => Ok(TargetPlan { name, result: Ok(plan) }),
            (Some(_), Some(_)) => {
                Err(D::Error::custom(format!("the target {name:?} has a plan and an error")))
            }
            (None, error) => {
                let reason =
                    error.map(|error| format!(", because of {error:?}")).unwrap_or_default();
                Err(D::Error::custom(format!(
                    "the target {name:?} has no plan{reason}; make the plans again"
                )))
            }
        };
        Ok(Self { targets: targets.into_iter().map(read).collect::<Result<_, _>>()? })
    }
}
