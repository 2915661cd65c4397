//! The certificate, and signatures by its key.

use std::time::SystemTime;

use ring::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaParameters, UnparsedPublicKey,
};
use x509_cert::Certificate as X509;
use x509_cert::der::DecodePem as _;
use x509_cert::time::Time;

use super::error::{SmnError, SmnErrorKind};

/// The object identifiers of RSA keys, and of certificates signed with RSA (PKCS #1 v1.5) over a
/// digest.
const RSA: &str = "1.2.840.113549.1.1.1";
const WITH_SHA1: &str = "1.2.840.113549.1.1.5";
const WITH_SHA256: &str = "1.2.840.113549.1.1.11";
const WITH_SHA384: &str = "1.2.840.113549.1.1.12";
const WITH_SHA512: &str = "1.2.840.113549.1.1.13";

/// The parts of a signing certificate that verification needs.
#[derive(Debug)]
pub(super) struct Certificate {
    key: UnparsedPublicKey<Vec<u8>>,
    digest: Digest,
    not_before: SystemTime,
    not_after: SystemTime,
}

/// The digest that a certificate was signed with. Messages are signed with the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Digest {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
    /// None that signatures of messages could have: these are RSA, PKCS #1 v1.5.
    Other,
}

impl Certificate {
    /// Reads the first certificate of a PEM file.
    pub(super) fn from_pem(pem: &[u8]) -> Result<Self, SmnError> {
        const END: &str = "-----END CERTIFICATE-----";

        let text = str::from_utf8(pem).map_err(|_| unusable("is not PEM"))?;
        let first = text.split_inclusive(END).next().unwrap_or_default();
        let first = X509::from_pem(first.trim())
            .map_err(|error| unusable(&format!("can't be read: {error}")))?;
        let content = first.tbs_certificate();
        let info = content.subject_public_key_info();
        let kind = info.algorithm.oid.to_string();
        if kind != RSA {
            return Err(unusable(&format!("has no RSA key, but one of {kind}")));
        }
        let key =
            info.subject_public_key.as_bytes().ok_or_else(|| unusable("has an unreadable key"))?;
        let digest = match first.signature_algorithm().oid.to_string().as_str() {
            WITH_SHA1 => Digest::Sha1,
            WITH_SHA256 => Digest::Sha256,
            WITH_SHA384 => Digest::Sha384,
            WITH_SHA512 => Digest::Sha512,
            _ => Digest::Other,
        };
        let validity = content.validity();
        Ok(Self {
            key: UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.to_vec()),
            digest,
            not_before: point(validity.not_before),
            not_after: point(validity.not_after),
        })
    }

    pub(super) fn check_validity(&self, now: SystemTime) -> Result<(), SmnError> {
        if now < self.not_before {
            return Err(unusable("is not valid yet"));
        }
        if now > self.not_after {
            return Err(unusable("is no longer valid"));
        }
        Ok(())
    }

    /// Checks that the signature is one of any of these strings.
    ///
    /// The digest is the certificate's own, as in the official samples for Java and Node.js, or
    /// SHA-256, as in that for Go. Where they differ both are tried: either covers the whole
    /// message.
    pub(super) fn verify(
        &self,
        texts: &[String],
        signature: &[u8],
        accept_sha1: bool,
    ) -> Result<(), SmnError> {
        let own: Option<&'static RsaParameters> = match self.digest {
            Digest::Sha1 if accept_sha1 => Some(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY),
            Digest::Sha384 => Some(&RSA_PKCS1_2048_8192_SHA384),
            Digest::Sha512 => Some(&RSA_PKCS1_2048_8192_SHA512),
            Digest::Sha1 | Digest::Sha256 | Digest::Other => None,
        };
        let holds = [Some(&RSA_PKCS1_2048_8192_SHA256), own].into_iter().flatten().any(|digest| {
            let key = UnparsedPublicKey::new(digest, self.key.as_ref());
            texts.iter().any(|text| key.verify(text.as_bytes(), signature).is_ok())
        });
        if holds {
            return Ok(());
        }
        let hint = if self.digest == Digest::Sha1 && !accept_sha1 {
            "; it may be over SHA-1, as the certificate's own is, which is not accepted"
        } else {
            ""
        };
        Err(SmnError::new(SmnErrorKind::Signature, format!("its signature is wrong{hint}")))
    }
}

fn point(time: Time) -> SystemTime {
    // The form of these times ends with the year 9999.
    SystemTime::UNIX_EPOCH.checked_add(time.to_unix_duration()).unwrap_or(SystemTime::UNIX_EPOCH)
}

fn unusable(problem: &str) -> SmnError {
    SmnError::new(
        SmnErrorKind::Certificate,
        format!("the certificate at signing_cert_url {problem}"),
    )
}
