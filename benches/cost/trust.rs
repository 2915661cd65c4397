//! The certificate of a server that speaks TLS, among the system's root certificates.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::CertifiedKey;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// Where the usual systems keep their root certificates, which take most of the time of a start.
const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

/// A file of root certificates, for processes that get its path in the variable that OpenSSL has
/// for it. It is deleted when this is dropped.
pub(crate) struct Trust {
    path: PathBuf,
}

impl Trust {
    pub(crate) const VARIABLE: &str = "SSL_CERT_FILE";

    pub(crate) fn new() -> Self {
        let CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let path =
            std::env::temp_dir().join(format!("huaweicloud-cts-cost-{}.pem", std::process::id()));
        let system = std::fs::read_to_string(SYSTEM_ROOTS).unwrap_or_default();
        std::fs::write(&path, cert.pem() + &system).unwrap();
        std::fs::write(key_beside(&path), signing_key.serialize_pem()).unwrap();
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Trust {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(key_beside(&self.path));
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Returns what encrypts for a server with the first of the certificates in the variable's file.
pub(crate) fn acceptor() -> TlsAcceptor {
    let path = PathBuf::from(std::env::var_os(Trust::VARIABLE).unwrap());
    let certificate = CertificateDer::from_pem_file(&path).unwrap();
    let key = PrivateKeyDer::from_pem_file(key_beside(&path)).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    TlsAcceptor::from(Arc::new(config))
}

fn key_beside(certificates: &Path) -> PathBuf {
    certificates.with_extension("key")
}
