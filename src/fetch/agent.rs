//! The HTTP client: time limits, certificates, proxies.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Proxy};

use crate::base::files;

use super::errors::FetchError;

/// Redirects that are followed for one request.
const REDIRECTS: u32 = 5;

/// How the network is used.
#[derive(Clone, Debug)]
pub struct Limits {
    /// For finding and reaching a host, and for the first byte of its answer.
    pub timeout: Duration,
    /// For which nothing, or next to nothing, may arrive.
    pub stall: Duration,
    /// How often a mirror is asked again.
    pub retries: u32,
    /// Certificates to trust besides the usual ones.
    pub ca_file: Option<PathBuf>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(20), stall: Duration::from_secs(30), retries: 3, ca_file: None }
    }
}

/// Clients for both schemes.
#[derive(Clone, Debug)]
pub(super) struct Agents {
    plain: Agent,
    /// One for each set of certificates; a host is trusted if one of them accepts it.
    secure: Vec<Agent>,
}

impl Agents {
    pub(super) fn new(limits: &Limits) -> Result<Self, FetchError> {
        let mut secure = Vec::new();
        let env = std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()).map(PathBuf::from);
        if let Some(path) = limits.ca_file.as_ref().or(env.as_ref()) {
            let roots = RootCerts::new_with_certs(&certificates(path)?);
            secure.push(agent(limits, true, Some(roots))?);
        }
        secure.push(agent(limits, true, None)?);
        Ok(Self { plain: agent(limits, false, None)?, secure })
    }

    /// Those to ask, one after the other.
    pub(super) fn for_url(&self, url: &str) -> &[Agent] {
        if url.starts_with("https:") { &self.secure } else { std::slice::from_ref(&self.plain) }
    }
}

fn agent(limits: &Limits, secure: bool, roots: Option<RootCerts>) -> Result<Agent, FetchError> {
    let tls = TlsConfig::builder().root_certs(roots.unwrap_or(RootCerts::WebPki)).build();
    let config: Config = Agent::config_builder()
        .http_status_as_error(false)
        // From https, no redirect leads to where anybody could read and change what is sent.
        .https_only(secure)
        .max_redirects(REDIRECTS)
        .timeout_resolve(Some(limits.timeout))
        .timeout_connect(Some(limits.timeout))
        .timeout_recv_response(Some(limits.timeout))
        .timeout_per_read(Some(limits.stall))
        .timeout_per_write(Some(limits.stall))
        // A connection after which a server sent something unasked for is of no more use.
        .max_idle_connections(0)
        .user_agent(concat!("mnistaug/", env!("CARGO_PKG_VERSION")))
        // Files are wanted as they are.
        .accept_encoding("identity")
        .proxy(proxy(secure)?)
        .tls_config(tls)
        .build();
    Ok(Agent::new_with_config(config))
}

/// The proxy that the environment names for a scheme. `NO_PROXY` is minded by the client.
fn proxy(secure: bool) -> Result<Option<Proxy>, FetchError> {
    let names: &[&'static str] = if secure {
        &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
    } else {
        &["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]
    };
    for &name in names {
        let Ok(value) = std::env::var(name) else { continue };
        if value.is_empty() {
            continue;
        }
        let shown = value.rsplit_once('@').map_or(value.clone(), |(_, host)| format!("***@{host}"));
        let bad = || FetchError::Proxy { variable: name, value: shown.clone() };
        let proxy = Proxy::new(&value).map_err(|_| bad())?;
        let mut builder = Proxy::builder(proxy.protocol()).host(proxy.host()).port(proxy.port());
        if let Some(user) = proxy.username() {
            builder = builder.username(user);
        }
        if let Some(password) = proxy.password() {
            builder = builder.password(password);
        }
        if let Ok(except) = std::env::var("NO_PROXY").or_else(|_| std::env::var("no_proxy")) {
            for host in except.split(',').map(str::trim).filter(|host| !host.is_empty()) {
                builder = builder.no_proxy(host);
            }
        }
        return builder.build().map(Some).map_err(|_| bad());
    }
    Ok(None)
}

fn certificates(path: &Path) -> Result<Vec<Certificate<'static>>, FetchError> {
    let pem = files::read(path, files::SMALL).map_err(FetchError::read(path))?;
    let found: Vec<Certificate<'static>> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if found.is_empty() {
        return Err(FetchError::NoCertificates { path: path.into() });
    }
    Ok(found)
}

/// The host of an address, with its port where there is one.
pub(super) fn host(url: &str) -> String {
    url.parse::<Uri>().ok().and_then(|uri| uri.authority().map(|a| a.as_str().to_owned())).unwrap_or_default()
}

/// The path of a `file:` address.
pub(super) fn local_path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("file://")?;
    let path = path.strip_prefix("localhost").unwrap_or(path);
    let text = path.as_bytes();
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let escaped = path.get(at + 1..at + 3).filter(|_| text[at] == b'%');
        if let Some(value) = escaped.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            bytes.push(value);
            at += 3;
        } else {
            bytes.push(text[at]);
            at += 1;
        }
    }
    Some(PathBuf::from(String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        assert_eq!(host("https://a.example:8443/x/y"), "a.example:8443");
        assert_eq!(host("http://a.example/"), "a.example");
        assert_eq!(local_path("http://a/b"), None);
        for (url, path) in [
            ("file:///a/b.gz", "/a/b.gz"),
            ("file://localhost/a/b%20c%2x", "/a/b c%2x"),
            ("file:///\u{e9}/%C3%A9%", "/\u{e9}/\u{e9}%"),
        ] {
            assert_eq!(local_path(url), Some(PathBuf::from(path)));
        }
    }
}
