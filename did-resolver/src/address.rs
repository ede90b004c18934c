//! Which addresses a peer may make us talk to.
//!
//! Source: IANA IPv4 and IPv6 Special-Purpose Address Registries; RFC 6052, RFC 6598, RFC 6890.
//! What a peer names (an endpoint, a did:web, a context) must not reach our own network.
//!
//! Absent on purpose: name resolution. The caller asks [`Policy::permits`] for every address that
//! a name resolves to, connects to that very address, and asks again for every redirect.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Longest URL that we fetch or send to, in bytes.
pub const URL_BYTES_MAX: usize = 2048;

/// Exceptions that the operator allows, for development and closed networks. Default: none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Loopback addresses and `localhost` are allowed, also with plain http for did:web.
    pub loopback: bool,
    /// Private networks (RFC 1918, RFC 6598, unique local IPv6) are allowed.
    pub private: bool,
}

impl Policy {
    /// Whether we may connect to this address.
    ///
    /// Link-local addresses, the cloud's metadata service among them, are never permitted.
    #[must_use]
    pub fn permits(&self, ip: IpAddr) -> bool {
        is_public(ip) || (self.loopback && ip.is_loopback()) || (self.private && is_private(ip))
    }
}

/// Why a URL is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Only http and https.
    #[error("scheme is neither http nor https")]
    Scheme,
    /// User name or password in the URL.
    #[error("user information in a URL")]
    UserInfo,
    /// No host, or a name that leads to ourselves.
    #[error("host is missing or local")]
    Host,
    /// An address that is not public.
    #[error("address is not public")]
    Address,
    /// A port of another well-known service.
    #[error("port is neither 80, 443 nor above 1023")]
    Port,
    /// Longer than [`URL_BYTES_MAX`].
    #[error("URL is too long")]
    Length,
}

/// Checks what can be checked of a URL before its name is resolved.
///
/// Numeric hosts in any notation (`2130706433`, `0x7f.1`, `::ffff:127.0.0.1`) were turned into
/// addresses by the URL parser and are judged here. A name may still lead anywhere: ask
/// [`Policy::permits`] for each address that it resolves to.
///
/// # Errors
/// What is wrong with it.
pub fn check_url(url: &Url, policy: &Policy) -> Result<(), Refused> {
    if url.as_str().len() > URL_BYTES_MAX {
        return Err(Refused::Length);
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refused::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refused::UserInfo);
    }
    let port = url.port_or_known_default().ok_or(Refused::Port)?;
    if !matches!(port, 80 | 443 | 1024..) {
        return Err(Refused::Port);
    }
    let ip: IpAddr = match url.host().ok_or(Refused::Host)? {
        Host::Domain(name) if is_local_name(name) && !policy.loopback => return Err(Refused::Host),
        Host::Domain("" | ".") => return Err(Refused::Host),
        Host::Domain(_) => return Ok(()),
        Host::Ipv4(ip) => ip.into(),
        Host::Ipv6(ip) => ip.into(),
    };
    if policy.permits(ip) { Ok(()) } else { Err(Refused::Address) }
}

/// RFC 6761 §6.3: `localhost` and every name below it.
pub(crate) fn is_local_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let last = name.rsplit('.').next().unwrap_or(name);
    ["localhost", "localdomain", "ip6-localhost", "ip6-loopback"]
        .iter()
        .any(|local| last.eq_ignore_ascii_case(local))
}

/// Whether an address belongs to the public internet.
///
/// Also refuses forms that carry another address inside (v4-mapped, NAT64, 6to4, Teredo), because
/// what they reach is decided elsewhere.
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    !matches!(
        ip.octets(),
        [0 | 10 | 127 | 224.., ..]      // this network, private, loopback, multicast, reserved
            | [100, 64..=127, ..]        // RFC 6598 shared address space
            | [169, 254, ..]             // link-local, metadata services
            | [172, 16..=31, ..]         // private
            | [192, 168, ..]             // private
            | [192, 0, 0 | 2, _]         // protocol assignments, documentation
            | [192, 88, 99, _]           // 6to4 relays
            | [198, 18 | 19, ..]         // benchmarks
            | [198, 51, 100, _]          // documentation
            | [203, 0, 113, _] // documentation
    )
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    // Global unicast is 2000::/3; loopback, mapped, NAT64, unique local, link-local, multicast and
    // everything unassigned lie outside.
    matches!(ip.segments()[0], 0x2000..=0x3fff)
        && !matches!(
            ip.segments(),
            [0x2001, 0..=0x01ff, ..]     // protocol assignments: Teredo, ORCHID, benchmarks
                | [0x2001, 0x0db8, ..]   // documentation
                | [0x2002, ..]           // 6to4
                | [0x3fff, 0..=0x0fff, ..] // documentation
        )
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || matches!(ip.octets(), [100, 64..=127, ..]),
        IpAddr::V6(ip) => ip.is_unique_local(),
    }
}

#[cfg(test)]
mod tests;
