//! How services are built, as a file says it.

use super::*;

const FILE: &str = "services:
  web:
    build:
      context: web
      additional_contexts: {shared: ./shared, base: 'service:base', os: 'docker-image://registry.example.org/os:1'}
      labels: [a=1, b]
      secrets: [npm, {source: pem, target: cert, uid: '1', mode: 0400}]
      extra_hosts: ['git.test:10.0.0.1', 'v6.test=[::1]']
      network: none
      no_cache: true
      pull: true
  base: {build: {context: base, additional_contexts: [more=service:store], labels: {c: 2}, network: default}}
  store: {image: 'registry.example.org/store:1'}
secrets: {npm: {environment: NPM}, pem: {file: ./pem}, kept: {external: true}}
";

fn found(text: &str) -> Result<Outline, Vec<Fault>> {
    outline(&[load::Source::only(text)], &BTreeMap::new(), &BTreeMap::new())
}

#[test]
fn all_that_a_build_may_ask_for_is_carried() {
    let builds = found(FILE).unwrap().builds;
    let web = &builds["web"];
    let (folder, service) = (Further::Folder("./shared".to_owned()), Further::Service("base".to_owned()));
    assert_eq!((&web.contexts["shared"], &web.contexts["base"]), (&folder, &service));
    assert_eq!(web.contexts["os"], Further::Image("registry.example.org/os:1".to_owned()));
    assert_eq!((web.labels["a"].as_str(), web.labels["b"].as_str()), ("1", ""));
    assert_eq!(web.secrets["npm"], Kept::Variable("NPM".to_owned()));
    assert_eq!(web.secrets["cert"], Kept::File("./pem".to_owned()));
    assert_eq!(web.hosts, ["git.test:10.0.0.1", "v6.test:::1"]);
    assert!(web.offline && web.no_cache && web.pull);
    let base = &builds["base"];
    assert_eq!((base.labels["c"].as_str(), base.offline, base.no_cache), ("2", false, false));
    assert_eq!(in_order(&builds), ["base", "web"]);
}

#[test]
fn what_it_may_not_is_told_with_its_line() {
    for (from, to, code) in [
        ("'service:base'", "'service:gone'", "unknown_service"),
        ("more=service:store", "more=service:web", "cycle"),
        ("more=service:store", "more=service:base", "cycle"),
        ("shared: ./shared", "shared: ../shared", "path_outside_repository"),
        ("shared: ./shared", "shared: /etc", "path_outside_repository"),
        ("shared: ./shared", "shared: 'https://git.example.org/a.git'", "not_allowed"),
        ("shared: ./shared", "shared: 'git@git.example.org:a.git'", "not_allowed"),
        (
            "os: 'docker-image://registry.example.org/os:1'",
            "os: \"docker-image://a\\nRUN b\"",
            "invalid_image",
        ),
        ("os: 'docker-image://registry.example.org/os:1'", "os: 'docker-image://'", "invalid_image"),
        ("os: 'docker-image", "'os:1': 'docker-image", "invalid_name"),
        ("os: 'docker-image", "\"os\\nRUN x\": 'docker-image", "invalid_name"),
        ("[npm,", "[gone,", "unknown_secret"),
        ("[npm,", "[kept,", "not_readable"),
        ("{source: pem, target", "{target", "required"),
        ("network: none", "network: host", "not_allowed"),
        ("network: none", "network: other", "not_allowed"),
        ("no_cache: true", "no_cache: 7", "invalid_type"),
        ("network: none", "ssh: [default]", "not_allowed"),
        ("network: none", "privileged: true", "not_allowed"),
    ] {
        let text = FILE.replace(from, to);
        assert_ne!(text, FILE, "{from}");
        let faults = found(&text).err().unwrap_or_else(|| panic!("was taken: {to}"));
        assert!(faults.iter().any(|fault| fault.code == code), "{to}: {faults:?}");
        let placed = |fault: &Fault| fault.line.is_some() && fault.path.starts_with("services.");
        assert!(faults.iter().all(placed), "{to}: {faults:?}");
    }
}
