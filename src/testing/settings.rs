//! How a fake is set up, as opposed to what it keeps.

/// The settings of a fake.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) cloud: Cloud,
    /// How many notifications a project can have.
    pub(super) notification_quota: usize,
}

/// A cloud, by which the service differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cloud {
    Huawei,
    OpenTelekom,
}

impl Settings {
    pub(super) fn new(cloud: Cloud) -> Self {
        Self { cloud, notification_quota: 100 }
    }

    pub(super) fn is_otc(&self) -> bool {
        self.cloud == Cloud::OpenTelekom
    }
}
