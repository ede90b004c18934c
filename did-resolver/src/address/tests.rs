use serde_json::Value;

use super::*;

fn vectors(name: &str) -> Vec<String> {
    let all: Value = serde_json::from_str(include_str!("../../vectors/address.json")).unwrap();
    serde_json::from_value(all[name].clone()).unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn addresses_of_the_public_internet_are_permitted() {
    for text in vectors("public") {
        assert!(is_public(ip(&text)), "{text}");
    }
}

#[test]
fn addresses_of_special_purpose_are_refused() {
    for text in vectors("refused") {
        assert!(!is_public(ip(&text)), "{text}");
        assert!(!Policy::default().permits(ip(&text)), "{text}");
    }
}

#[test]
fn public_urls_are_allowed() {
    for text in vectors("urls_allowed") {
        assert_eq!(check_url(&text.parse().unwrap(), &Policy::default()), Ok(()), "{text}");
    }
}

/// T-D18: every notation of an address, every scheme, every port.
#[test]
fn urls_into_our_own_network_are_refused() {
    for text in vectors("urls_refused") {
        let Ok(url) = text.parse::<Url>() else {
            continue;
        };
        assert!(check_url(&url, &Policy::default()).is_err(), "{text}");
    }
}

#[test]
fn exceptions_widen_the_policy_only_as_far_as_they_say() {
    let loopback = Policy { loopback: true, private: false };
    let private = Policy { loopback: false, private: true };
    let every = Policy { loopback: true, private: true };
    assert!(loopback.permits(ip("127.0.0.1")) && loopback.permits(ip("::1")));
    assert!(!loopback.permits(ip("10.0.0.1")) && !private.permits(ip("127.0.0.1")));
    for text in ["10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd00::1"] {
        assert!(private.permits(ip(text)), "{text}");
    }
    for text in ["169.254.169.254", "fe80::1", "0.0.0.0", "::", "::ffff:127.0.0.1", "224.0.0.1"] {
        assert!(!every.permits(ip(text)), "{text}");
    }
    assert_eq!(check_url(&"http://localhost:8080/".parse().unwrap(), &loopback), Ok(()));
    assert_eq!(check_url(&"http://localhost:8080/".parse().unwrap(), &private), Err(Refused::Host));
    assert_eq!(check_url(&"http://10.0.0.1/".parse().unwrap(), &loopback), Err(Refused::Address));
}
