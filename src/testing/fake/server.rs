//! The fake on a loopback port, over real HTTP.

use std::io;
use std::net::SocketAddr;

use super::FakeCts;
use crate::client::{ClientBuilder, CtsClient};
use crate::testing::port::Port;

/// A [`FakeCts`] that listens on a port, until it is dropped.
#[derive(Debug)]
pub struct FakeServer {
    fake: FakeCts,
    endpoint: String,
    port: Port,
}

impl FakeCts {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// If no port can be bound.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "reqwest")]
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::ListNotifications;
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let server = FakeCts::new().serve().await?;
    /// let client = server.client_builder().build()?;
    /// assert!(client.list_notifications(&ListNotifications::smn()).await?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn serve(&self) -> io::Result<FakeServer> {
        self.serve_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Listens on an address of your choice. Must be called on tokio.
    ///
    /// # Errors
    ///
    /// If the address can't be bound.
    pub async fn serve_at(&self, address: SocketAddr) -> io::Result<FakeServer> {
        let port = Port::open(address, self.clone()).await?;
        Ok(FakeServer { fake: self.clone(), endpoint: format!("http://{}", port.address()), port })
    }
}

impl FakeServer {
    /// Returns the endpoint for a client: `http://127.0.0.1:40123`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns the service behind the port.
    #[must_use]
    pub fn fake(&self) -> &FakeCts {
        &self.fake
    }

    /// Returns the configuration of a client that reaches the service through the port.
    pub fn client_builder(&self) -> ClientBuilder {
        CtsClient::builder()
            .endpoint(self.endpoint())
            .iam_endpoint(self.endpoint())
            .cloud(self.fake.cloud())
            .project_id(FakeCts::PROJECT_ID)
            .credentials(self.fake.credentials())
    }

    /// Stops listening and breaks open connections.
    pub async fn shutdown(self) {
        self.port.close().await;
    }
}
