//! What a builder's settings amount to: endpoints, project, account, transport.

use std::sync::Arc;

use super::{BuildError, ClientBuilder};
use crate::client::destination::{Account, Project};
use crate::client::project::{ByRegion, ProjectSource};
use crate::credentials::{ProvideCredentials, iam};
use crate::endpoint::{Endpoint, EndpointError, Endpoints};
use crate::region::{Region, Resolved};
use crate::transport::Transport;
#[cfg(feature = "reqwest")]
use crate::transport::{HAS_TLS, ReqwestTransport};

impl ClientBuilder {
    #[cfg(feature = "reqwest")]
    pub(super) fn sender(
        &self,
        endpoints: &Endpoints,
        iam: Option<&Endpoints>,
    ) -> Result<Arc<dyn Transport>, BuildError> {
        if let Some(transport) = &self.transport {
            return if self.http.is_none() {
                Ok(Arc::clone(transport))
            } else {
                Err(BuildError::TwoTransports)
            };
        }
        let mut all = endpoints.iter().chain(iam.into_iter().flat_map(Endpoints::iter));
        if let Some(encrypted) = all.find(|endpoint| endpoint.url.scheme() == "https" && !HAS_TLS) {
            return Err(BuildError::NoTls { endpoint: encrypted.url.to_string() });
        }
        let settings = self.http.clone().unwrap_or_else(ReqwestTransport::builder);
        let transport = settings
            .connect_timeout(self.connect_timeout)
            .build()
            .map_err(BuildError::Transport)?;
        Ok(Arc::new(transport))
    }

    #[cfg(not(feature = "reqwest"))]
    pub(super) fn sender(
        &self,
        _: &Endpoints,
        _: Option<&Endpoints>,
    ) -> Result<Arc<dyn Transport>, BuildError> {
        self.transport.clone().ok_or(BuildError::NoTransport)
    }

    /// Returns the region, in the cloud that the builder was given unless it has its own.
    pub(super) fn placed_region(&self) -> Result<Option<Region>, BuildError> {
        match (self.region.clone(), &self.cloud_domain) {
            (Some(region), Some(domain)) if !region.has_domain() => {
                region.cloud_domain(domain).map(Some).map_err(BuildError::CloudDomain)
            }
            (region, _) => Ok(region),
        }
    }

    /// Reads an endpoint. `origin` is where it was found if the builder was not given it.
    pub(super) fn parsed(&self, text: &str, origin: Option<&str>) -> Result<Endpoint, BuildError> {
        let from = origin.map(|origin| format!(" (it is from {origin})")).unwrap_or_default();
        match Endpoint::of_api(text) {
            Ok(endpoint) if endpoint.is_exposed() && !self.plain_http => {
                Err(BuildError::PlainHttp { endpoint: format!("{}{from}", endpoint.url) })
            }
            Ok(endpoint) => Ok(endpoint),
            Err(EndpointError { endpoint, reason }) => {
                Err(BuildError::Endpoint { endpoint, reason: reason + &from })
            }
        }
    }

    pub(super) fn endpoints(&self) -> Result<Endpoints, BuildError> {
        if let Some(endpoint) = &self.endpoint {
            return Ok(Endpoints::new(self.parsed(endpoint, None)?, Vec::new()));
        }
        let region = self.region.as_ref().ok_or(BuildError::NoEndpoint)?;
        let resolved = region.resolve(|name| std::env::var(name).ok(), std::env::home_dir());
        let resolved = resolved.map_err(BuildError::RegionsFile)?;
        let mut listed = resolved
            .iter()
            .map(|Resolved { endpoint, origin }| self.parsed(endpoint, origin.as_deref()));
        let first = listed
            .next()
            .ok_or_else(|| BuildError::UnknownRegion { id: region.id().to_owned() })?;
        Ok(Endpoints::new(first?, listed.collect::<Result<_, _>>()?))
    }

    pub(super) fn account(&self) -> Result<Option<Account>, BuildError> {
        self.domain_id
            .as_deref()
            .map(|id| Account::new(id).map_err(|reason| BuildError::DomainId { reason }))
            .transpose()
    }

    pub(super) fn project(&self) -> Result<ProjectSource, BuildError> {
        // The project of the environment is in another account than credentials that were assumed.
        let is_assumed = self.credentials.as_ref().is_some_and(ProvideCredentials::is_assumed);
        let project_id =
            self.project_id.as_ref().filter(|_| self.project_origin.is_none() || !is_assumed);
        match (project_id, &self.region) {
            (Some(id), _) => match Project::new(id) {
                Ok(project) => Ok(ProjectSource::Given(Box::new(project))),
                Err(reason) => {
                    let origin = self
                        .project_origin
                        .map(|name| format!(" (it is from {name})"))
                        .unwrap_or_default();
                    Err(BuildError::ProjectId { reason: reason + &origin })
                }
            },
            (None, Some(region)) => {
                let iam = iam::endpoint(self.iam_endpoint.as_deref(), Some(region))
                    .map_err(BuildError::Iam)?;
                let iam = iam.map(|endpoint| Endpoints::new(endpoint, Vec::new()));
                Ok(ProjectSource::LookedUp(Box::new(ByRegion::new(region.clone(), iam))))
            }
            (None, None) => Err(BuildError::NoProjectId),
        }
    }
}
