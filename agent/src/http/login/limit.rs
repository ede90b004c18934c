//! How often somebody may do something: one bucket an address, in memory.
//!
//! Source: bad-input rows 95 and 97; the numbers are those of `picomesh_login::limits`.
//!
//! A proxy in front speaks for others: a peer of this machine or of a private network may say
//! whom it speaks for (`X-Forwarded-For`, the last entry, which it added itself). A peer of this
//! machine that speaks for nobody is trusted, as it is for the admin API.

use crate::http::serve::Peer;
use picomesh_login::limits::{
    CLIENT_FAILURES_BURST, CLIENT_FAILURES_REFILL_SECONDS, LOGINS_PER_ADDRESS_BURST,
    LOGINS_PER_ADDRESS_REFILL_SECONDS,
};
use picomesh_login::rate::Bucket;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use warp::http::HeaderMap;

/// Addresses that are remembered; with more of them, those with full buckets go first.
const ADDRESSES_MAX: usize = 20_000;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// A program of this machine, for itself.
    Here,
    /// An address, or a network where every host has many.
    There(IpAddr),
}

impl Address {
    pub(super) fn of(peer: Option<Peer>, headers: &HeaderMap) -> Self {
        let Some(Peer(peer)) = peer else {
            return Self::Here;
        };
        let peer = peer.ip().to_canonical();
        match forwarded(headers) {
            Some(client) if is_near(peer) => Self::There(network(client.to_canonical())),
            Some(_) | None if peer.is_loopback() => Self::Here,
            Some(_) | None => Self::There(network(peer)),
        }
    }

    /// As text, for fingerprints and keys.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Here => "here".into(),
            Self::There(address) => address.to_string(),
        }
    }
}

fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    }
}

/// One host of IPv6 may have 2^64 addresses.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

/// Buckets by key.
struct Buckets {
    burst: u32,
    refill_seconds: u64,
    buckets: Mutex<HashMap<String, Bucket>>,
}

impl Buckets {
    fn new(burst: u32, refill_seconds: u64) -> Self {
        Self { burst, refill_seconds, buckets: Mutex::default() }
    }

    /// Takes one, or says after how many seconds to try again.
    fn take(&self, key: &str, now: u64) -> Result<(), u64> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= ADDRESSES_MAX && !buckets.contains_key(key) {
            let fresh = self.after_one(Bucket::full(self.burst, now), now);
            buckets.retain(|_, bucket| self.after_one(*bucket, now) != fresh);
            if buckets.len() >= ADDRESSES_MAX {
                // So many at once are no guessing of one; their counts begin anew.
                buckets.clear();
            }
        }
        let bucket = buckets.entry(key.to_owned()).or_insert_with(|| Bucket::full(self.burst, now));
        bucket.take(self.burst, self.refill_seconds, now)
    }

    /// Whether one could be taken.
    fn look(&self, key: &str, now: u64) -> Result<(), u64> {
        let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        match buckets.get(key) {
            Some(bucket) => bucket.clone().take(self.burst, self.refill_seconds, now),
            None => Ok(()),
        }
    }

    fn after_one(&self, mut bucket: Bucket, now: u64) -> Option<Bucket> {
        bucket.take(self.burst, self.refill_seconds, now).ok().map(|()| bucket)
    }
}

/// The counters of the doors.
pub(super) struct Limits {
    logins: Buckets,
    failures: Buckets,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            logins: Buckets::new(LOGINS_PER_ADDRESS_BURST, LOGINS_PER_ADDRESS_REFILL_SECONDS),
            failures: Buckets::new(CLIENT_FAILURES_BURST, CLIENT_FAILURES_REFILL_SECONDS),
        }
    }
}

impl Limits {
    /// One more login, or the seconds to wait.
    pub(super) fn login(&self, address: &Address, now: u64) -> Result<(), u64> {
        match address {
            Address::Here => Ok(()),
            Address::There(_) => self.logins.take(&address.text(), now),
        }
    }

    /// Whether this client, at this address, may still try to authenticate.
    pub(super) fn may_try(&self, client: &str, address: &Address, now: u64) -> Result<(), u64> {
        self.failures.look(&key(client, address), now)
    }

    /// It tried and failed.
    pub(super) fn failed(&self, client: &str, address: &Address, now: u64) {
        // Whether it may go on is asked before it tries again.
        let _ = self.failures.take(&key(client, address), now);
    }
}

/// Bounded, as a stranger chooses the client's name.
fn key(client: &str, address: &Address) -> String {
    let client: String = client.chars().take(picomesh_login::limits::ID_CHARS_MAX).collect();
    format!("{} {client}", address.text())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn address(peer: &str, forwarded: &str) -> Address {
        let mut headers = HeaderMap::new();
        if !forwarded.is_empty() {
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        }
        Address::of(Some(Peer(peer.parse().unwrap())), &headers)
    }

    #[test]
    fn only_a_near_proxy_speaks_for_others() {
        let there = |ip: &str| Address::There(ip.parse().unwrap());
        assert_eq!(address("127.0.0.1:5", ""), Address::Here);
        assert_eq!(address("127.0.0.1:5", "9.9.9.9, 8.8.8.8"), there("8.8.8.8"));
        assert_eq!(address("10.0.0.2:5", "8.8.8.8"), there("8.8.8.8"));
        assert_eq!(address("10.0.0.2:5", ""), there("10.0.0.2"));
        assert_eq!(address("7.7.7.7:5", "8.8.8.8"), there("7.7.7.7"));
        assert_eq!(address("127.0.0.1:5", "nonsense"), Address::Here);
        assert_eq!(address("[2001:db8:1:2:3:4:5:6]:5", ""), there("2001:db8:1:2::"));
    }

    #[test]
    fn an_address_gets_so_many_logins_and_no_more() {
        let limits = Limits::default();
        let one = address("7.7.7.7:5", "");
        for _ in 0..LOGINS_PER_ADDRESS_BURST {
            assert_eq!(limits.login(&one, 100), Ok(()));
        }
        assert_eq!(limits.login(&one, 100), Err(LOGINS_PER_ADDRESS_REFILL_SECONDS));
        assert_eq!(limits.login(&address("7.7.7.8:5", ""), 100), Ok(()));
        assert_eq!(limits.login(&one, 100 + LOGINS_PER_ADDRESS_REFILL_SECONDS), Ok(()));
        for _ in 0..100 {
            assert_eq!(limits.login(&Address::Here, 100), Ok(()));
        }
    }

    #[test]
    fn failures_lock_one_client_at_one_address() {
        let limits = Limits::default();
        let one = address("7.7.7.7:5", "");
        for _ in 0..CLIENT_FAILURES_BURST {
            assert_eq!(limits.may_try("shop", &one, 100), Ok(()));
            limits.failed("shop", &one, 100);
        }
        assert!(limits.may_try("shop", &one, 100).is_err());
        assert_eq!(limits.may_try("other", &one, 100), Ok(()));
        assert_eq!(limits.may_try("shop", &address("7.7.7.8:5", ""), 100), Ok(()));
    }

    #[test]
    fn the_memory_is_bounded() {
        let buckets = Buckets::new(2, 10);
        for index in 0..ADDRESSES_MAX + 10 {
            assert_eq!(buckets.take(&index.to_string(), 100), Ok(()));
        }
        assert!(buckets.buckets.lock().unwrap().len() <= ADDRESSES_MAX);
    }
}
