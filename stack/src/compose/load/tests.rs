//! Projects of several files on their way to one tree.
//!
//! To add a case: a [`Case`] with its files, and what its tree prints as.

mod bounds;
mod environment;
mod extends;
mod include;
mod merge;
mod mutations;
mod profiles;

use super::*;

/// What a test gives, and may vary.
#[derive(Default, Clone)]
struct Case {
    main: Vec<(String, String)>,
    more: BTreeMap<String, Vec<u8>>,
    vars: BTreeMap<String, String>,
    profiles: Vec<String>,
    dialect: Dialect,
    unset: Unset,
}

/// One main file.
fn file(text: &str) -> Case {
    files(&[text])
}

/// Main files `a.yml`, `b.yml`, and so on.
fn files(texts: &[&str]) -> Case {
    let named = texts.iter().zip('a'..).map(|(text, name)| (format!("{name}.yml"), (*text).to_owned()));
    Case { main: named.collect(), ..Case::default() }
}

impl Case {
    fn with(mut self, path: &str, text: &str) -> Self {
        self.more.insert(path.to_owned(), text.as_bytes().to_vec());
        self
    }

    fn var(mut self, name: &str, value: &str) -> Self {
        self.vars.insert(name.to_owned(), value.to_owned());
        self
    }

    fn stack(mut self) -> Self {
        self.dialect = Dialect::Stack;
        self
    }

    fn load(&self) -> Result<Project, Vec<Fault>> {
        let files: Vec<Source<'_>> = self.main.iter().map(|(path, text)| Source { path, text }).collect();
        load(&LoadInput {
            files: &files,
            vars: &self.vars,
            unset: self.unset,
            profiles: &self.profiles,
            more: &self.more,
            dialect: self.dialect,
        })
    }

    /// The tree.
    fn tree(&self) -> String {
        let project = self.load().unwrap_or_else(|faults| panic!("{faults:#?}"));
        assert!(project.wanted.is_empty());
        shown(&project.root)
    }

    /// The tree's only service.
    fn service(&self) -> String {
        let project = self.load().unwrap_or_else(|faults| panic!("{faults:#?}"));
        shown(&project.root.get("services").unwrap().entries()[0].1)
    }

    /// Paths and codes of what is worth knowing.
    fn notes(&self) -> Vec<(String, String)> {
        let project = self.load().unwrap_or_else(|faults| panic!("{faults:#?}"));
        project.notes.into_iter().map(|note| (note.path, note.code)).collect()
    }

    /// What is wrong: `code path file:line:column`.
    fn wrong(&self) -> Vec<String> {
        let faults = self.load().err().unwrap_or_else(|| panic!("was taken: {:?}", self.main));
        assert!(faults.iter().all(|fault| fault.message.len() > 5 && !fault.message.contains("s3cret")));
        let number = |number: Option<u32>| number.map_or_else(String::new, |number| number.to_string());
        let show = |f: Fault| {
            let file = f.file.unwrap_or_default();
            format!("{} {} {file}:{}:{}", f.code, f.path, number(f.line), number(f.column))
        };
        faults.into_iter().map(show).collect()
    }
}

/// As YAML on one line.
fn shown(node: &Node) -> String {
    match &node.value {
        Value::Null => "~".to_owned(),
        Value::Bool(set) => set.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(text) | Value::Text(text) => text.clone(),
        Value::List(list) => format!("[{}]", list.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(key, node)| format!("{key}: {}", shown(node)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

#[test]
fn every_node_knows_its_file() {
    let case = files(&[
        "services:\n  web: {image: a}\n",
        "services:\n  web:\n    ports: [\"80:80\"]\n    <<: {user: \"${NONE}\"}\n",
    ]);
    assert_eq!(case.wrong(), ["variable_undefined services.web.user b.yml:4:16"]);
    let project = case.var("NONE", "me").load().unwrap();
    let web = project.root.get("services").unwrap().get("web").unwrap();
    let at = |key: &str| {
        let place = &web.get(key).unwrap().place;
        format!("{}:{}:{}", place.file, place.line, place.column)
    };
    assert_eq!([at("image"), at("ports"), at("user")], ["a.yml:2:16", "b.yml:3:5", "b.yml:4:16"]);
    let fault = Fault::new("services.web", "x", "is wrong").at(&web.get("ports").unwrap().place);
    assert_eq!(fault.to_string(), "services.web (b.yml, line 3, column 5): is wrong");
}

#[test]
fn the_name_is_a_variable() {
    let text = "name: ${BASE}-1\nservices: {a: {image: 'x:$COMPOSE_PROJECT_NAME'}}";
    let case = file(text).var("BASE", "shop");
    assert_eq!(case.tree(), "{name: shop-1, services: {a: {image: x:shop-1}}}");
    assert_eq!(case.load().unwrap().name.as_deref(), Some("shop-1"));
    let named = case.var("COMPOSE_PROJECT_NAME", "other");
    assert_eq!(named.service(), "{image: x:other}", "a variable that is set wins");
    let two = files(&["name: a\nservices: {x: {image: '$COMPOSE_PROJECT_NAME'}}", "name: b"]);
    assert_eq!(two.service(), "{image: b}");
    assert_eq!(
        file("services: {}").var("COMPOSE_PROJECT_NAME", "z").load().unwrap().name.as_deref(),
        Some("z")
    );
    assert_eq!(file("name: Big\nservices: {}").wrong(), ["invalid_name name a.yml:1:7"]);
    assert_eq!(file("name: ''\nservices: {}").load().unwrap().name, None, "no name is none");
    assert_eq!(file("name: 1\nservices: {}").wrong(), ["invalid_type name a.yml:1:7"]);
    assert_eq!(file("name: $NO\nservices: {}").wrong(), ["variable_undefined name a.yml:1:7"]);
}

#[test]
fn unset_variables_may_be_empty() {
    let mut case = file("services: {a: {image: 'x$NO'}}");
    assert_eq!(case.wrong(), ["variable_undefined services.a.image a.yml:1:23"]);
    case.unset = Unset::Empty;
    assert_eq!(case.service(), "{image: x}");
    assert_eq!(case.notes(), [("services.a.image".to_owned(), "variable_undefined".to_owned())]);
}

#[test]
fn all_files_are_told_about_at_once() {
    let case = files(&["a: [", "services: {a: {image: $NO}}", "- x"]);
    let wrong = case.wrong();
    assert_eq!(wrong.len(), 3, "{wrong:?}");
    assert_eq!(wrong[1..], ["yaml  c.yml:1:1", "variable_undefined services.a.image b.yml:1:23"]);
    assert_eq!(files(&[]).wrong(), ["required  ::"]);
}

#[test]
fn files_may_be_asked_for_one_after_the_other() {
    let case = file(
        "include: [x.yml]\nservices: {a: {extends: {file: ./d/y.yml, service: a}, env_file: [{path: e, required: false}]}}",
    );
    let later = |_: &str| Err(Missing::Later);
    let files = [Source { path: "a.yml", text: &case.main[0].1 }];
    let vars = BTreeMap::new();
    let input = LoadInput {
        files: &files,
        vars: &vars,
        unset: Unset::Refuse,
        profiles: &[],
        more: &later,
        dialect: Dialect::Compose,
    };
    let wanted: Vec<(String, Need)> = load(&input).unwrap().wanted.into_iter().collect();
    let need = |path: &str, need| (path.to_owned(), need);
    assert_eq!(
        wanted,
        [
            need(".env", Need::Tree { required: false }),
            need("d/y.yml", Need::Tree { required: true }),
            need("e", Need::Values { required: false }),
            need("x.yml", Need::Tree { required: true })
        ]
    );
}

#[test]
fn variable_files() {
    let vars = BTreeMap::from([("A".to_owned(), "a".to_owned())]);
    let read = |text: &str| dotenv(text, &vars, Unset::Refuse);
    let found = read("export X=1\nY: two # more\nZ=\"${A}\\n$X\"\nA\nB\n").unwrap();
    let pairs: Vec<(&str, &str)> =
        found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(pairs, [("A", "a"), ("X", "1"), ("Y", "two"), ("Z", "a\n1")]);
    let fault = read("A=1\nB=\"s3cret").unwrap_err();
    assert_eq!((fault.code.as_str(), fault.line), ("invalid_env_file", Some(2)));
    assert!(!fault.message.contains("s3cret"));
}
