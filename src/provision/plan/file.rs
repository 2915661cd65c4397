//! A plan as it is saved.

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::{Map, Value};

use super::super::{NotificationSet, NotificationSpec};
use super::{Action, Plan, Step};
use crate::notification::{Notification, NotificationId};
use crate::wire::open::OpenStruct as _;
use crate::wire::room::Room;

/// The version of the format that this crate writes, and the only one that it reads.
pub(in super::super) const FORMAT_VERSION: u64 = 1;

impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut plan = serializer.serialize_struct("Plan", 8)?;
        plan.serialize_field("format_version", &FORMAT_VERSION)?;
        plan.serialize_field("project_id", &self.project_id)?;
        plan.serialize_field("steps", &self.steps)?;
        plan.serialize_field("create", &self.count(Action::Create))?;
        plan.serialize_field("update", &self.count(Action::Update))?;
        plan.serialize_field("delete", &self.count(Action::Delete))?;
        plan.serialize_field("unchanged", &self.count(Action::Unchanged))?;
        plan.serialize_field("conflict", &self.count(Action::Conflict))?;
        plan.end()
    }
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut step = serializer.serialize_struct("Step", 8)?;
        step.serialize_field("action", &self.action())?;
        step.serialize_field("name", self.name())?;
        step.serialize_field("id", &self.id())?;
        step.serialize_field("desired", &self.desired())?;
        step.serialize_field("current", &self.current())?;
        step.serialize_field("candidates", self.candidates())?;
        step.serialize_field("differences", self.differences())?;
        step.serialize_field("reason", &self.reason())?;
        step.end()
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "a plan")]
struct PlanFile {
    #[serde(deserialize_with = "known_version")]
    format_version: (),
    project_id: Option<String>,
    steps: Vec<StepFile>,
    create: usize,
    update: usize,
    delete: usize,
    unchanged: usize,
    conflict: usize,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "a step of a plan")]
struct StepFile {
    action: Action,
    name: String,
    id: Option<NotificationId>,
    desired: Option<NotificationSpec>,
    current: Option<AsRead>,
    candidates: Vec<AsRead>,
    differences: Value,
    reason: Option<String>,
}

/// A notification as the service sent it, which may include fields of another type than documented.
struct AsRead(Notification);

impl<'de> Deserialize<'de> for AsRead {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Map::deserialize(deserializer)?;
        Ok(Self(Notification::from_odd_object(fields, &Room::unlimited())))
    }
}

pub(in super::super) fn known_version<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<(), D::Error> {
    match u64::deserialize(deserializer)? {
        FORMAT_VERSION => Ok(()),
        other => Err(D::Error::custom(format!(
            "format_version is {other}, but this version of huaweicloud-cts reads {FORMAT_VERSION}: make the plan again"
        ))),
    }
}

impl<'de> Deserialize<'de> for Plan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        PlanFile::deserialize(deserializer)?.into_plan().map_err(D::Error::custom)
    }
}

impl PlanFile {
    /// Makes the plan again from what is desired and what was read, and compares it with the rest
    /// of the file. What is checked when a plan is made, such as that names are unique, holds for a
    /// plan from a file too.
    fn into_plan(self) -> Result<Plan, String> {
        let Self {
            format_version: (),
            project_id,
            steps,
            create,
            update,
            delete,
            unchanged,
            conflict,
        } = self;
        let desired = steps.iter().filter_map(|step| step.desired.clone());
        let set = NotificationSet::new(desired).map_err(|error| error.to_string())?;
        let read = steps.iter().flat_map(|step| step.current.iter().chain(&step.candidates));
        let read: Vec<Notification> =
            read.map(|AsRead(notification)| notification.clone()).collect();
        // What was read and is not desired was to be deleted.
        let plan = Plan { project_id, ..Plan::compare(&set, &read, |_| true) };

        for (number, (written, step)) in steps.iter().zip(plan.steps()).enumerate() {
            if let Some(field) = written.wrong_field(step) {
                let (name, action) = (&written.name, step.action());
                return Err(format!(
                    "steps[{number}], {name:?}: {field} does not match what the step does: {action} {:?}; make the plan again",
                    step.name()
                ));
            }
        }
        let counts = [
            ("steps", steps.len(), plan.steps.len()),
            ("create", create, plan.count(Action::Create)),
            ("update", update, plan.count(Action::Update)),
            ("delete", delete, plan.count(Action::Delete)),
            ("unchanged", unchanged, plan.count(Action::Unchanged)),
            ("conflict", conflict, plan.count(Action::Conflict)),
        ];
        match counts.into_iter().find(|(_, written, counted)| written != counted) {
            Some((what, written, counted)) => Err(format!(
                "the file shows {written} {what}, but the plan has {counted}; make the plan again"
            )),
            None => Ok(plan),
        }
    }
}

impl StepFile {
    /// Returns the first field that differs from the step.
    fn wrong_field(&self, step: &Step) -> Option<&'static str> {
        let Self { action, name, id, desired, current, candidates, differences, reason } = self;
        let fields = [
            ("action", *action == step.action()),
            ("name", name == step.name()),
            ("id", id.as_ref() == step.id()),
            ("desired", desired.as_ref() == step.desired()),
            ("current", current.as_ref().map(|AsRead(current)| current) == step.current()),
            (
                "candidates",
                candidates.iter().map(|AsRead(candidate)| candidate).eq(step.candidates()),
            ),
            (
                "differences",
                serde_json::to_value(step.differences()).is_ok_and(|value| value == *differences),
            ),
            ("reason", *reason == step.reason()),
        ];
        fields.into_iter().find(|(_, is_same)| !is_same).map(|(field, _)| field)
    }
}
