//! The accounts, projects and agencies that IAM and STS of the fake know.

use super::FakeCts;

impl FakeCts {
    /// Adds a project to those that IAM lists (`GET /v3/projects`). The name of a region's own
    /// project is the region's id.
    pub fn add_iam_project(&self, name: impl Into<String>, id: impl Into<String>) {
        self.lock().account.iam.add_project(None, name.into(), id.into());
    }

    /// Adds an agency of another account, which any credentials that the fake accepts may assume,
    /// through IAM or STS, with a project of that account.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::CtsClient;
    /// use huaweicloud_cts::credentials::{AgencyAccount, AssumeAgency};
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let fake = FakeCts::new();
    /// fake.add_agency("account-1", "customer", "auditor");
    /// fake.add_project_of("account-1", "eu-de", "project-1");
    ///
    /// let agency = AssumeAgency::iam("auditor", AgencyAccount::name("customer")).source(fake.credentials());
    /// let client = CtsClient::builder().region("eu-de").credentials(agency).transport(fake.clone()).build()?;
    /// assert!(client.list_all_notifications().await?.is_empty());
    /// assert_eq!(client.project_id(), Some("project-1"));
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_agency(
        &self,
        account_id: impl Into<String>,
        account_name: impl Into<String>,
        agency: impl Into<String>,
    ) {
        self.lock().account.iam.add_agency(account_id.into(), account_name.into(), agency.into());
    }

    /// Adds a project of another account, which IAM lists to those who have assumed an agency of
    /// it.
    pub fn add_project_of(
        &self,
        account_id: impl Into<String>,
        name: impl Into<String>,
        id: impl Into<String>,
    ) {
        self.lock().account.iam.add_project(Some(account_id.into()), name.into(), id.into());
    }
}
