//! A plan as data.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Action, Plan, Step};

impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut plan = serializer.serialize_struct("Plan", 7)?;
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
