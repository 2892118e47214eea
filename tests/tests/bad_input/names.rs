//! Names, keys, images and the free text that people see.

use std::collections::BTreeMap;

use skep::domain::{
    id::{AppId, NotAnId},
    name::{DisplayName, Email, EnvKey, HostPort, ImageRef, SecretFileName, SecretFileOwner, Slug},
    secret::Secret,
    sso::Issuer,
    store::StoreAddress,
};
use skep_stack::{
    app::{AppSpec, Settings, to_stack},
    vip::Vip,
};
use skep_tests::corpus::{
    CREDENTIAL_HOSTS, FILE_NAMES, FILE_OWNERS, IMAGES, ISSUERS, KEYS, NAMES, SLUGS, STORE_ADDRESSES,
};

use super::{refused, taken};

#[test]
fn case_036_to_043_addresses_of_stores_and_providers() {
    for case in [36, 39, 43] {
        refused(ISSUERS, case, Issuer::parse);
    }
    // It is read from no JSON by itself.
    for bad in STORE_ADDRESSES {
        let wrong = StoreAddress::parse(bad.text).expect_err(bad.text);
        assert!(wrong.code == bad.code && wrong.message.starts_with("must "), "{:?}: {wrong:?}", bad.text);
    }
}

#[test]
fn case_084_names_and_owners_of_files() {
    refused(FILE_NAMES, 84, SecretFileName::parse);
    refused(FILE_OWNERS, 84, SecretFileOwner::parse);
    taken(SecretFileName::parse, &["db_password", "tls.key", "A-1"]);
    taken(SecretFileOwner::parse, &["0", "1000", "1000:1000"]);
}

#[test]
fn case_081_images() {
    refused(IMAGES, 81, ImageRef::parse);
    let digest = format!("ghcr.io/team/app:1.2@sha256:{}", "a".repeat(64));
    taken(
        ImageRef::parse,
        &[
            "nginx",
            "nginx:1",
            "team/app",
            "registry.example.org:5000/a/b-c__d.e:v1_2",
            "localhost/a",
            "[2001:db8::1]:5000/a",
            "10.0.0.5:5000/a",
            &digest,
            "skep.invalid/shop:1",
        ],
    );
}

#[test]
fn case_100_variable_keys() {
    refused(KEYS, 100, EnvKey::parse);
    assert_eq!(EnvKey::parse(&"A".repeat(256)).unwrap_err().code, "invalid_key");
    taken(EnvKey::parse, &["A", "_", "DATABASE_URL", "lower", "A1"]);
}

fn spec<'a>(settings: &'a Settings, env: &'a BTreeMap<String, String>) -> AppSpec<'a> {
    AppSpec {
        stack: "shop-live-web",
        app: "0198c0de-0000-7000-8000-000000000001",
        alias: "web",
        deployment: 1,
        image: "skep.invalid/shop-live-web:1",
        image_health: None,
        image_words: None,
        env,
        settings,
        network: "skep-0198c0de",
        edge: None,
        volume_node: None,
        probe: Some(b"probe"),
        vip: Vip::Never,
        running: None,
        replicas: 1,
        constraints: &[],
    }
}

#[test]
fn case_101_values_arrive_byte_for_byte() {
    let settings = Settings { port: Some(80), ..Settings::default() };
    let values = [
        "",
        "a=b",
        "$HOME ${X} $$",
        "# no comment",
        "two\nlines\r\n",
        "\"quoted\" 'too'",
        "\u{1f980} caf\u{e9}",
        " blanks ",
        "`id` $(id)",
        "\\",
    ];
    let env: BTreeMap<String, String> =
        values.iter().enumerate().map(|(at, value)| (format!("V{at}"), (*value).to_owned())).collect();
    let stack = to_stack(&spec(&settings, &env)).expect("a stack");
    let text = serde_json::to_string(&stack).expect("JSON");
    for (at, value) in values.iter().enumerate() {
        let entry = serde_json::to_string(&format!("V{at}={value}")).expect("JSON");
        assert!(text.contains(&entry), "{entry}");
    }
    let nul = BTreeMap::from([("A".to_owned(), "x\0y".to_owned())]);
    assert!(to_stack(&spec(&settings, &nul)).is_err());
    let huge = BTreeMap::from([("A".to_owned(), "x".repeat(64 << 20))]);
    assert!(to_stack(&spec(&settings, &huge)).is_err());
}

#[test]
fn case_102_names_of_apps() {
    refused(SLUGS, 102, Slug::parse);
    assert_eq!(Slug::parse(&"a".repeat(300)).unwrap_err().code, "invalid_name");
    taken(Slug::parse, &["a", "shop", "my-shop-2", &"a".repeat(30)]);
}

#[test]
fn case_103_names_for_people() {
    refused(NAMES, 103, DisplayName::parse);
    assert_eq!(DisplayName::parse(&"x".repeat(101)).unwrap_err().code, "invalid_name");
    assert_eq!(DisplayName::parse(&"x".repeat(10_000)).unwrap_err().code, "invalid_name");
    assert_eq!(DisplayName::parse(&"\u{1f980}".repeat(100)).unwrap().as_str().chars().count(), 100);
    for (text, kept) in [
        ("  Shop  ", "Shop"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"), // text: escaped where it is shown
        ("a\u{202e}b\u{200b}c\u{0}d\u{1b}[31m", "abcd[31m"),
        ("two\nlines", "twolines"),
    ] {
        assert_eq!(DisplayName::parse(text).unwrap().as_str(), kept);
    }
}

#[test]
fn case_104_ids_and_names_of_objects() {
    let good = "0198c0de-0000-7000-8000-000000000001";
    good.parse::<AppId>().unwrap();
    for odd in [
        "",
        "1",
        "' OR 1=1",
        "0198c0de00007000800000000000000",
        "{0198c0de-0000-7000-8000-000000000001}",
        "0198c0de-0000-7000-8000-00000000000g",
        "../0198c0de-0000-7000-8000-000000000001",
        "0198c0de-0000-7000-8000-000000000001\0",
    ] {
        assert_eq!(odd.parse::<AppId>(), Err(NotAnId), "{odd:?}");
    }
    let env = BTreeMap::new();
    for name in ["", "a b", "a/b", "../a", "a;id", "a\0", "a\n", "-a", "caf\u{e9}", &"a".repeat(300)] {
        let json =
            serde_json::json!({"port": 80, "mounts": [{"kind": "volume", "name": name, "target": "/data"}]});
        let settings: Settings = serde_json::from_value(json).unwrap();
        let faults = to_stack(&spec(&settings, &env)).expect_err(name);
        assert!(faults.iter().any(|fault| fault.path == "settings.mounts[0].name"), "{name:?}: {faults:?}");
        let json = serde_json::json!({"port": 80, "networks": [name]});
        let settings: Settings = serde_json::from_value(json).unwrap();
        assert!(to_stack(&spec(&settings, &env)).is_err(), "{name:?}");
    }
}

#[test]
fn case_109_registries() {
    refused(IMAGES, 109, ImageRef::parse);
    refused(CREDENTIAL_HOSTS, 109, HostPort::parse);
    taken(
        HostPort::parse,
        &[
            "ghcr.io",
            "registry.example.org:5000",
            "10.0.0.5:5000",
            "[2001:db8::1]:5000",
            "localhost",
            "registry_1",
        ],
    );
    assert_eq!(HostPort::parse("GHCR.io").unwrap().as_str(), "ghcr.io");
    // A password may be anything, and is never shown.
    let odd = Secret::new("-x\n\u{7}\"'$(id)\u{1f980}");
    assert_eq!(odd.expose(), "-x\n\u{7}\"'$(id)\u{1f980}");
    assert!(!format!("{odd:?}").contains("id"));
}

#[test]
fn e_mail_addresses() {
    for odd in [
        "",
        "a",
        "@b",
        "a@",
        "a@b@c",
        "a b@c",
        "<a@b>",
        "a@b\nBcc: c@d",
        "a@\u{fc}",
        &format!("{}@b", "a".repeat(254)),
    ] {
        assert_eq!(Email::parse(odd).unwrap_err().code, "invalid_email", "{odd:?}");
    }
    assert_eq!(Email::parse(" Ada@Example.ORG ").unwrap().as_str(), "ada@example.org");
}
