//! Host names and path prefixes of domains.

use skep::domain::{
    domain_name::{Hostname, PathPrefix},
    redirect::RedirectTarget,
};
use skep_tests::corpus::{HOSTS, PREFIXES, REDIRECTS};

use super::{refused, taken};

fn host(text: &str) -> String {
    Hostname::parse(text).unwrap_or_else(|wrong| panic!("{text:?}: {wrong}")).as_str().to_owned()
}

#[test]
fn case_086_wildcards() {
    refused(HOSTS, 86, Hostname::parse);
    assert_eq!(Hostname::parse("*.example.org").unwrap_err().code, "invalid_host");
}

#[test]
fn case_088_one_host_has_one_spelling() {
    for same in ["shop.example.org", "SHOP.Example.ORG", "shop.example.org.", "\u{ff53}hop.example.org"] {
        assert_eq!(host(same), "shop.example.org", "{same:?}");
    }
    for same in [
        "b\u{fc}cher.example.org",
        "B\u{dc}CHER.example.org",
        "xn--bcher-kva.example.org",
        "XN--BCHER-KVA.example.org",
        "bu\u{308}cher.example.org",
    ] {
        assert_eq!(host(same), "xn--bcher-kva.example.org", "{same:?}");
    }
}

#[test]
fn case_089_look_alikes_are_kept_as_punycode() {
    // A Cyrillic letter that looks like a Latin one.
    let odd = host("\u{430}pple.example.org");
    assert!(odd.starts_with("xn--") && odd.is_ascii(), "{odd}");
    assert_ne!(odd, host("apple.example.org"));
}

#[test]
fn case_090_addresses_and_local_names() {
    refused(HOSTS, 90, Hostname::parse);
}

#[test]
fn case_093_no_rule_is_injected() {
    refused(HOSTS, 93, Hostname::parse);
    refused(PREFIXES, 93, PathPrefix::parse);
}

#[test]
fn case_094_path_prefixes() {
    refused(PREFIXES, 94, PathPrefix::parse);
    assert_eq!(PathPrefix::parse(&format!("/{}", "a".repeat(300))).unwrap_err().code, "invalid_path");
    taken(PathPrefix::parse, &["/", "/api", "/api/v1", "/a-b_c.d~e"]);
    assert_eq!(PathPrefix::parse("/api/").unwrap().as_str(), "/api");
    for port in [70_000, -1] {
        assert!(
            serde_json::from_value::<skep_stack::app::Settings>(serde_json::json!({"port": port})).is_err()
        );
    }
}

#[test]
fn case_095_lengths_and_hyphens() {
    refused(HOSTS, 95, Hostname::parse);
    let long = format!("{}example.org", "abcdefghi.".repeat(25));
    assert!(long.len() > 253);
    assert_eq!(Hostname::parse(&long).unwrap_err().code, "invalid_host");
    assert_eq!(Hostname::parse(&"a".repeat(1 << 20)).unwrap_err().code, "invalid_host");
    taken(
        Hostname::parse,
        &[
            "a.example.org",
            "a-b.example.org",
            "1.example.org",
            "xn--bcher-kva.example",
            &format!("{}.org", "a".repeat(63)),
        ],
    );
}

#[test]
fn case_098_redirects_lead_to_a_whole_address() {
    refused(REDIRECTS, 98, RedirectTarget::parse);
    let long = format!("https://shop.example.org/{}", "a".repeat(2000));
    assert_eq!(RedirectTarget::parse(&long).unwrap_err().code, "invalid_redirect");
    taken(
        RedirectTarget::parse,
        &[
            "https://shop.example.org",
            "http://shop.example.org:8080/new/place?a=b&c=%20d",
            "https://b\u{fc}cher.example.org/\u{e9}",
        ],
    );
    assert_eq!(
        RedirectTarget::parse("https://B\u{dc}CHER.example.org").unwrap().as_str(),
        "https://xn--bcher-kva.example.org/"
    );
}

#[test]
fn the_names_above_a_host_end_before_the_last_label() {
    let host = Hostname::parse("a.b.shop.example.org").unwrap();
    assert_eq!(host.parents().collect::<Vec<_>>(), ["b.shop.example.org", "shop.example.org", "example.org"]);
    assert_eq!(Hostname::parse("example.org").unwrap().parents().count(), 0);
}
