//! Traces that a test puts into the fake, and takes a look at.

use std::time::Duration;

use serde_json::Value;

use super::FakeCts;
use crate::testing::paging::TracePaging;
use crate::trace::Trace;

impl FakeCts {
    /// Adds traces to a project, which can be listed at once. One without an id gets a UUID of
    /// version 1, and one without `record_time` is recorded at its `time`, or else now. Times
    /// should be numbers of milliseconds.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::testing::FakeCts;
    /// use huaweicloud_cts::trace::{ListTraces, Trace, TraceQuery};
    ///
    /// let mut login = Trace::default();
    /// login.service_type = Some("IAM".to_owned());
    /// login.trace_name = Some("login".to_owned());
    ///
    /// let fake = FakeCts::new();
    /// fake.add_traces(FakeCts::PROJECT_ID, [login]);
    /// let page = fake.client().list_traces(&ListTraces::new(TraceQuery::system())).await?;
    /// assert_eq!(page.traces.len(), 1);
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_traces(&self, project_id: &str, traces: impl IntoIterator<Item = Trace>) {
        self.store_traces(project_id, traces, Duration::ZERO);
    }

    /// Adds a trace that arrives late: it can be listed only after a time, and then has its place
    /// among earlier ones.
    pub fn add_trace_after(&self, project_id: &str, delay: Duration, trace: Trace) {
        self.store_traces(project_id, [trace], delay);
    }

    fn store_traces(
        &self,
        project_id: &str,
        traces: impl IntoIterator<Item = Trace>,
        delay: Duration,
    ) {
        let delay = delay.as_millis().try_into().unwrap_or(u64::MAX);
        self.lock().seed(project_id, |project, call| {
            for trace in traces {
                let visible = if delay == 0 { 0 } else { call.millis().saturating_add(delay) };
                if let Ok(Value::Object(fields)) = serde_json::to_value(trace) {
                    project.traces.add(fields, visible, call.millis());
                }
            }
        });
    }

    /// Returns the traces of a project, the earliest first: those added, and those of the fake's
    /// own operations. It includes those that can't be listed yet, or no longer.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let fake = FakeCts::new();
    /// fake.client().create_notification(&CreateNotification::complete("everything")).await?;
    /// let traces = fake.traces(FakeCts::PROJECT_ID);
    /// assert_eq!(traces[0].trace_name.as_deref(), Some("createNotification"));
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn traces(&self, project_id: &str) -> Vec<Trace> {
        let gateway = self.lock();
        let Some(project) = gateway.account.projects.get(project_id) else { return Vec::new() };
        project.traces.all().filter_map(|json| serde_json::from_str(json).ok()).collect()
    }

    /// Sets how long after its recording each trace can be listed; at once without it. Huawei Cloud
    /// documents a minute for management operations, and five for those on data.
    pub fn set_trace_delay(&self, delay: Duration) {
        self.lock().settings.trace_delay = delay;
    }

    /// Sets how lists of traces are paged.
    pub fn set_trace_paging(&self, paging: TracePaging) {
        self.lock().settings.trace_paging = paging;
    }
}
