//! Whatever is written, it ends with a tree or with faults, and with the same ones each time.

use proptest::prelude::*;

use super::*;

/// A project that has a bit of everything.
const MAIN: &str = "name: p\ninclude: [inc/c.yml, {path: [x.yml], env_file: e.env}]\nx-a: &a {environment: {A: '${A:-1}'}}\nservices:\n  web:\n    <<: *a\n    extends: {file: x.yml, service: b}\n    env_file: [e.env, {path: e.env, required: false, format: raw}]\n    profiles: [p]\n    depends_on: {db: {required: false}}\n    ports: ['80:80', {target: 1, published: 2}]\n  db: {image: 'x:${V:+1}', command: [a], volumes: ['./a:/b', 'c:/d:ro'], extra_hosts: ['a:1']}\nnetworks: {n: {ipam: {config: [{subnet: 10.0.0.0/8}]}}}\n";
const OVER: &str = "services:\n  db: !override {image: y, logging: {driver: z}}\n  web: {ports: !reset [], environment: [B=2, C], networks: [n], dns: 1.1.1.1, healthcheck: {disable: true}}\nnetworks: {n: {driver_opts: {a: 1}}}\n";
const OTHER: &str = "services: {b: {extends: c, build: ., volumes: [./v:/v]}, c: {image: c, tmpfs: /a, env_file: e.env}}\nconfigs: {f: {file: ./f}}\n";
const ENV: &str = "# c\nexport A=\"x\\n${B:-b}\"\nB='q'\nC: 1 # d\nD\n";

fn project(main: &str, over: &str, other: &str, env: &str) -> Case {
    files(&[main, over])
        .with("x.yml", other)
        .with(
            "inc/c.yml",
            &other.replace("b:", "b2:").replace("c:", "c2:").replace(" c,", " c2,").replace("f:", "f2:"),
        )
        .with("inc/e.env", env)
        .with("e.env", env)
        .var("V", "v")
}

/// Loads it in both ways, twice.
fn try_it(case: &Case) {
    for case in [case.clone(), case.clone().stack(), Case { unset: Unset::Empty, ..case.clone() }] {
        let all = Case { profiles: vec!["*".to_owned()], ..case };
        let show = |found: Result<Project, Vec<Fault>>| match found {
            Ok(project) => (shown(&project.root), project.notes),
            Err(faults) => {
                assert!(!faults.is_empty());
                (String::new(), faults)
            }
        };
        assert_eq!(show(all.load()), show(all.load()));
    }
}

/// The text with a piece of another one (or of itself) in place of some of its own.
fn changed(text: &str, at: usize, length: usize, piece: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let at = at % (chars.len() + 1);
    let end = (at + length).min(chars.len());
    chars[..at].iter().chain(piece.chars().collect::<Vec<_>>().iter()).chain(&chars[end..]).collect()
}

#[test]
fn the_samples_are_good() {
    let tree = project(MAIN, OVER, OTHER, ENV).tree();
    assert!(tree.contains("db: {image: y, logging: {driver: z}}"), "{tree}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn random_text(text in "\\PC{0,80}", env in "[A-C=\"'\\\\$#{}: \n-]{0,60}") {
        try_it(&project(&text, &text, &text, &env));
        let _ = dotenv(&env, &BTreeMap::new(), Unset::Refuse);
        let _ = dotenv(&text, &BTreeMap::new(), Unset::Empty);
    }

    #[test]
    fn random_yaml(text in "[a-c:{}\\[\\], &*!'\"\n$-]{0,60}") {
        try_it(&files(&[&format!("services: {{a: {text}}}"), &text]));
    }

    #[test]
    fn mutated_samples(
        which in 0..4_usize,
        at in 0..2000_usize,
        length in 0..30_usize,
        piece in prop_oneof![
            "[a-z:{}\\[\\], !&*$-]{0,12}",
            Just("!reset ".to_owned()),
            Just("!override ".to_owned()),
            Just("extends: web, ".to_owned()),
            Just("~".to_owned()),
            Just("[]".to_owned()),
            Just("{}".to_owned()),
            Just("5".to_owned()),
            Just("include: [a.yml]\n".to_owned()),
        ],
    ) {
        let mut texts = [MAIN, OVER, OTHER, ENV].map(ToOwned::to_owned);
        texts[which] = changed(&texts[which], at, length, &piece);
        try_it(&project(&texts[0], &texts[1], &texts[2], &texts[3]));
    }
}
