//! TLS for the two ways out of the house, IMAP and SMTP: whom to believe, and how.
//!
//! The trust roots are Mozilla's list (compiled in), the machine's own store, and one PEM file
//! of the configuration. The provider is ring, named explicitly: with a second provider in the
//! dependency tree the implicit choice would panic at the first connection.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

/// Certificates read from a `ca_file`; a file with more is refused, it is not a trust root but
/// somebody's whole store.
const MAX_CA_CERTIFICATES: usize = 1_000;

/// Why no TLS configuration could be made. All of them are faults of the configuration.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file cannot be read or is not PEM.
    #[error("the CA file {path} cannot be used: {reason}")]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The host is neither a name nor an address that a certificate could be valid for.
    #[error("{0:?} is not a host name")]
    Host(String),
    /// The provider does not offer the default protocol versions.
    #[error("no usable TLS version: {0}")]
    Versions(#[from] rustls::Error),
}

/// The client side of TLS 1.2 and 1.3 with Mozilla's roots, the machine's roots and those in
/// `ca_file` (PEM, one or more certificates, at most 1,000).
///
/// Reads files, so it is made once and shared.
pub fn client_config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());

    // A machine without a store, or with one odd certificate in it, still has Mozilla's list.
    let native = rustls_native_certs::load_native_certs();
    for error in &native.errors {
        tracing::debug!(%error, "a part of the machine's certificate store was not read");
    }
    roots.add_parsable_certificates(native.certs);

    if let Some(path) = ca_file {
        add_ca_file(&mut roots, path)?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// The name a server's certificate must be valid for: a DNS name or an IP address.
pub fn server_name(host: &str) -> Result<ServerName<'static>, TlsError> {
    ServerName::try_from(host.to_owned()).map_err(|_| TlsError::Host(host.to_owned()))
}

/// Adds every certificate of a PEM file; a file without any is a mistake worth telling.
fn add_ca_file(roots: &mut RootCertStore, path: &Path) -> Result<(), TlsError> {
    let unusable = |reason: String| TlsError::CaFile {
        path: path.to_owned(),
        reason,
    };
    let certificates =
        CertificateDer::pem_file_iter(path).map_err(|error| unusable(error.to_string()))?;
    let mut count = 0_usize;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| unusable(error.to_string()))?;
        count += 1;
        if count > MAX_CA_CERTIFICATES {
            return Err(unusable(format!(
                "more than {MAX_CA_CERTIFICATES} certificates"
            )));
        }
    }
    if count == 0 {
        return Err(unusable("no certificate in it".to_owned()));
    }
    Ok(())
}
