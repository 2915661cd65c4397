//! The settings of TLS, checked before anything is connected.

use std::path::PathBuf;

use zeroize::Zeroizing;

/// The oldest version of TLS that is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.2.
    V1_2,
    /// TLS 1.3.
    V1_3,
}

/// Root certificates in PEM.
#[derive(Clone)]
#[cfg_attr(
    not(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls")),
    expect(dead_code, reason = "refused unread without TLS")
)]
pub(super) enum Roots {
    Pem(Vec<u8>),
    File(PathBuf),
}

/// The settings of the program, unchecked.
#[derive(Clone, Default)]
pub(super) struct TlsSettings {
    pub(super) roots: Vec<Roots>,
    pub(super) without_system_roots: bool,
    pub(super) identity: Option<Zeroizing<Vec<u8>>>,
    pub(super) min_version: Option<TlsVersion>,
}

pub(super) use self::features::Tls;

#[cfg(not(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls")))]
mod features {
    use super::TlsSettings;

    /// Nothing, in a build without TLS.
    #[derive(Clone, Default)]
    pub(in super::super) struct Tls {}

    impl Tls {
        pub(in super::super) fn read(given: &TlsSettings) -> Result<Self, String> {
            let TlsSettings { roots, without_system_roots, identity, min_version } = given;
            if roots.is_empty()
                && !without_system_roots
                && identity.is_none()
                && min_version.is_none()
            {
                return Ok(Self {});
            }
            Err(super::super::NO_TLS.to_owned())
        }

        #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as in a build with TLS")]
        pub(in super::super) fn apply(
            &self,
            builder: reqwest::ClientBuilder,
            _: bool,
        ) -> Result<reqwest::ClientBuilder, String> {
            Ok(builder)
        }

        #[expect(clippy::unused_self, reason = "as in a build with TLS")]
        pub(in super::super) fn needs_system_roots(&self) -> bool {
            false
        }
    }
}

#[cfg(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"))]
mod features {
    use std::io::Error;

    use reqwest::{Certificate, Identity};

    use super::{Roots, TlsSettings, TlsVersion};
    use crate::text::Chain;

    /// The settings of the program, read and tried.
    #[derive(Clone, Default)]
    pub(in super::super) struct Tls {
        roots: Vec<Certificate>,
        without_system_roots: bool,
        identity: Option<Identity>,
        min_version: Option<TlsVersion>,
    }

    impl Tls {
        /// Reads the settings and tries them, because an error now is better than one in the first
        /// call.
        pub(in super::super) fn read(given: &TlsSettings) -> Result<Self, String> {
            let mut roots = Vec::new();
            for source in &given.roots {
                roots.append(&mut certificates(source)?);
            }
            if given.without_system_roots && roots.is_empty() {
                return Err(
                    "there are no root certificates: set some, or do not call without_system_roots()".to_owned()
                );
            }
            let mut tls = Self {
                roots,
                without_system_roots: given.without_system_roots,
                identity: None,
                min_version: given.min_version,
            };
            if !tls.roots.is_empty() || tls.min_version.is_some() {
                tls.attempt()
                    .map_err(|error| format!("the root certificates can't be used: {error}"))?;
            }
            if let Some(pem) = &given.identity {
                // No cause is shown, because it would be about the contents of a private key.
                tls.identity = Some(identity(pem).ok_or(
                    "the client certificate can't be used: it must be one PEM string with the certificate, its intermediate \
                     certificates and its private key (PKCS#8; with rustls PKCS#1 and SEC1 as well)",
                )?);
                tls.attempt()
                    .map_err(|error| format!("the client certificate can't be used: {error}"))?;
            }
            Ok(tls)
        }

        /// Creates a client with these settings, without the system's root certificates, and drops
        /// it.
        fn attempt(&self) -> Result<(), String> {
            let builder =
                self.common(reqwest::Client::builder())?.tls_certs_only(self.roots.clone());
            builder.no_proxy().build().map(|_| ()).map_err(|error| Chain(&error).to_string())
        }

        /// Sets up TLS, or as little of it as reqwest allows if nothing is encrypted.
        pub(in super::super) fn apply(
            &self,
            builder: reqwest::ClientBuilder,
            is_encrypted: bool,
        ) -> Result<reqwest::ClientBuilder, String> {
            if !is_encrypted {
                // If the roots are given, even as an empty list, the system's are not read.
                return Ok(backend(builder)?.tls_certs_only([]));
            }
            let builder = self.common(builder)?;
            let roots = self.roots.iter().cloned();
            Ok(match (self.without_system_roots, self.roots.is_empty()) {
                (true, _) => builder.tls_certs_only(roots),
                (false, false) => builder.tls_certs_merge(roots),
                (false, true) => builder,
            })
        }

        pub(in super::super) fn needs_system_roots(&self) -> bool {
            !self.without_system_roots
        }

        fn common(
            &self,
            builder: reqwest::ClientBuilder,
        ) -> Result<reqwest::ClientBuilder, String> {
            let mut builder = backend(builder)?;
            if let Some(identity) = &self.identity {
                builder = builder.identity(identity.clone());
            }
            if let Some(version) = self.min_version {
                builder = builder.tls_version_min(match version {
                    TlsVersion::V1_2 => reqwest::tls::Version::TLS_1_2,
                    TlsVersion::V1_3 => reqwest::tls::Version::TLS_1_3,
                });
            }
            Ok(builder)
        }
    }

    /// Chooses the library, because another crate may have enabled a different one.
    #[cfg(feature = "native-tls")]
    #[expect(clippy::unnecessary_wraps, reason = "as with rustls")]
    fn backend(builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, String> {
        Ok(builder.tls_backend_native())
    }

    /// Chooses the library, because another crate may have enabled a different one.
    #[cfg(not(feature = "native-tls"))]
    #[cfg_attr(
        feature = "rustls",
        expect(clippy::unnecessary_wraps, reason = "as without a provider")
    )]
    fn backend(builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, String> {
        // Without one, reqwest panics, even if nothing is encrypted.
        #[cfg(not(feature = "rustls"))]
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(
                "the feature rustls-no-provider is on, but no provider is installed: call \
                        rustls::crypto::CryptoProvider::install_default first"
                    .to_owned(),
            );
        }
        Ok(builder.tls_backend_rustls())
    }

    fn certificates(source: &Roots) -> Result<Vec<Certificate>, String> {
        let read;
        let (pem, origin) = match source {
            Roots::Pem(pem) => (pem, String::new()),
            Roots::File(path) => {
                let wrong = |error: Error| {
                    format!("the root certificates in {} can't be read: {error}", path.display())
                };
                read = std::fs::read(path).map_err(wrong)?;
                (&read, format!(" in {}", path.display()))
            }
        };
        match Certificate::from_pem_bundle(pem) {
            Ok(found) if !found.is_empty() => Ok(found),
            Ok(_) => Err(format!(
                "there is no root certificate{origin}: PEM is expected, with lines -----BEGIN CERTIFICATE-----"
            )),
            Err(error) => {
                Err(format!("the root certificates{origin} can't be read: {}", Chain(&error)))
            }
        }
    }

    #[cfg(not(feature = "native-tls"))]
    fn identity(pem: &[u8]) -> Option<Identity> {
        Identity::from_pem(pem).ok()
    }

    #[cfg(feature = "native-tls")]
    fn identity(pem: &[u8]) -> Option<Identity> {
        let begin = b"-----BEGIN PRIVATE KEY-----";
        let at = pem.windows(begin.len()).position(|window| window == begin)?;
        Identity::from_pkcs8_pem(pem, pem.get(at..)?).ok()
    }
}
