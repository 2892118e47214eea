//! Variables that containers get as files: each a Swarm secret below `/run/secrets`, in memory, and not
//! in the environment, where `docker inspect`, child processes and crash reports would show it.
//!
//! Put on top of a stack that is made already, so that an app of one image and a Compose file get them
//! alike. `KEY_FILE` names the file beside it, as images of the Docker library read it. To add a way to
//! deliver: a file like this one, called where `server`'s `deploy/desire.rs` calls [`mount`].

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bollard_stubs::models::{
    SecretSpec, ServiceSpec, TaskSpecContainerSpec, TaskSpecContainerSpecFile, TaskSpecContainerSpecSecrets,
};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::{
    fault::{Fault, Faults},
    labels,
    spec::StackSpec,
    text,
};

/// The folder that Swarm mounts secrets in.
pub const FOLDER: &str = "/run/secrets";
/// Only its owner may read it.
const MODE: u32 = 0o400;
/// The engine refuses secrets of this many bytes and more.
const SECRET_MAX: usize = 500 * 1024;

/// A variable to be mounted.
#[derive(Clone, Copy)]
pub struct SecretFile<'a> {
    /// The variable's name.
    pub key: &'a str,
    /// The file's name in [`FOLDER`].
    pub name: &'a str,
    /// What it holds.
    pub value: &'a str,
    /// The services that get it, by their names in the Compose file; all if empty.
    pub services: &'a BTreeSet<String>,
    /// Whose it is: `uid` or `uid:gid`. If absent: the service's user, if that is a number, else root.
    pub owner: Option<&'a str>,
}

/// Without the value.
impl std::fmt::Debug for SecretFile<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretFile").field("key", &self.key).field("name", &self.name).finish_non_exhaustive()
    }
}

/// The key under which names are made of values: without it a name in a plan or in `docker secret ls`
/// says nothing of the value, not even whether a guess is right.
#[derive(Clone, PartialEq, Eq)]
pub struct NameKey([u8; 32]);

impl std::fmt::Debug for NameKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NameKey(…)")
    }
}

impl NameKey {
    /// Of these bytes, which nobody else knows.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// `<stack>_<file>-<hash16>`, at most 63 characters: Swarm's secrets cannot be changed, so another
    /// value is another object, which rolls out.
    fn name(&self, stack: &str, file: &str, value: &str) -> String {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key");
        for part in [stack, file, value] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        let hash = &hex::encode(mac.finalize().into_bytes())[..16];
        let file: String = file
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '_' { c } else { '-' })
            .take(text::NAME_MAX.saturating_sub(stack.len() + 18))
            .collect();
        format!("{stack}_{file}-{hash}")
    }
}

/// Mounts the files into the services of a stack of `app`, and takes their values out of the
/// environment. `is_variable` tells which names are variables of the app.
///
/// # Errors
/// All that cannot be mounted, with paths below `variables`; the stack is not to be used then.
pub fn mount(
    spec: &mut StackSpec,
    app: &str,
    files: &[SecretFile<'_>],
    names: &NameKey,
    is_variable: impl Fn(&str) -> bool,
) -> Result<(), Vec<Fault>> {
    let mut faults = Faults::default();
    for file in files {
        let path = format!("variables.{}", file.key);
        let size = (1..SECRET_MAX).contains(&file.value.len());
        let rule = "must, as a file, not be empty, and be smaller than 500 KiB, which is what Swarm takes: give it another value, or deliver it in the environment";
        faults.unless(size, path.as_str(), "too_long", rule);
        let stack = spec.name.clone();
        let short = |name: &str| text::short(&stack, name).unwrap_or(name).to_owned();
        let known: BTreeSet<String> = spec.services.keys().map(|name| short(name)).collect();
        for unknown in file.services.difference(&known) {
            let all = known.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            let rule = format!(
                "names the service `{}`, which the app does not have: name some of {all}, or none for all",
                unknown.escape_debug()
            );
            faults.add(path.as_str(), "unknown_service", rule);
        }
        let name = names.name(&stack, file.name, file.value);
        let mut used = false;
        let wanted = |name: &str| file.services.is_empty() || file.services.contains(&short(name));
        for (service, body) in spec.services.iter_mut().filter(|(name, _)| wanted(name)) {
            used = true;
            if !add(body, file, &name, &is_variable) {
                let rule = format!(
                    "cannot be mounted in `{}`: the Compose file mounts a secret at {FOLDER}/{} already; choose another name",
                    short(service).escape_debug(),
                    file.name
                );
                faults.add(path.as_str(), "duplicate_target", rule);
            }
        }
        if used {
            let body = SecretSpec {
                name: Some(name.clone()),
                labels: Some(labels::owned(&stack, app)),
                data: Some(STANDARD.encode(file.value)),
                ..SecretSpec::default()
            };
            spec.secrets.insert(name, body);
        }
    }
    faults.give(())
}

/// Mounts one file into a service; false if something is mounted there.
fn add(
    service: &mut ServiceSpec,
    file: &SecretFile<'_>,
    name: &str,
    is_variable: &impl Fn(&str) -> bool,
) -> bool {
    let task = service.task_template.get_or_insert_default();
    let container = task.container_spec.get_or_insert_default();
    let (uid, gid) = owner(file.owner.or(container.user.as_deref()));
    let secrets = container.secrets.get_or_insert_default();
    let at = |secret: &TaskSpecContainerSpecSecrets| {
        let target = secret.file.as_ref().and_then(|file| file.name.clone()).unwrap_or_default();
        target.strip_prefix(FOLDER).unwrap_or(&target).trim_start_matches('/').to_owned()
    };
    if secrets.iter().any(|secret| at(secret) == file.name) {
        return false;
    }
    secrets.push(TaskSpecContainerSpecSecrets {
        file: Some(TaskSpecContainerSpecFile {
            name: Some(file.name.to_owned()),
            uid: Some(uid),
            gid: Some(gid),
            mode: Some(MODE),
        }),
        secret_name: Some(name.to_owned()),
        ..TaskSpecContainerSpecSecrets::default()
    });
    secrets.sort_by_key(at);
    environment(container, file, is_variable);
    true
}

/// The value goes, and `KEY_FILE` comes. What the Compose file says itself of either name stays.
fn environment(
    container: &mut TaskSpecContainerSpec,
    file: &SecretFile<'_>,
    is_variable: &impl Fn(&str) -> bool,
) {
    let env = container.env.get_or_insert_default();
    let value = format!("{}={}", file.key, file.value);
    env.retain(|entry| *entry != value && *entry != file.key);
    let named = format!("{}_FILE", file.key);
    let has = |name: &str| env.iter().any(|entry| entry.split('=').next() == Some(name));
    if !is_variable(&named) && !has(&named) && !has(file.key) {
        env.push(format!("{named}={FOLDER}/{}", file.name));
        env.sort();
    }
    if env.is_empty() {
        container.env = None;
    }
}

/// User and group of the file, as numbers.
fn owner(user: Option<&str>) -> (String, String) {
    let number = |text: &str| text.parse::<u32>().ok().map(|id| id.to_string());
    let (uid, gid) = user.map_or((None, None), |user| match user.split_once(':') {
        Some((uid, gid)) => (number(uid), number(gid)),
        None => (number(user), None),
    });
    let root = || "0".to_owned();
    match uid {
        Some(uid) => (uid, gid.unwrap_or_else(root)),
        None => (root(), root()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: NameKey = NameKey::new([7; 32]);

    fn stack(services: &[(&str, &[&str])]) -> StackSpec {
        let service = |(name, env): &(&str, &[&str])| {
            let mut body = ServiceSpec::default();
            let container = body.task_template.get_or_insert_default().container_spec.get_or_insert_default();
            container.env = Some(env.iter().map(|entry| (*entry).to_owned()).collect());
            ((*name).to_owned(), body)
        };
        StackSpec {
            name: "s".to_owned(),
            services: services.iter().map(service).collect(),
            ..StackSpec::default()
        }
    }

    fn container<'s>(spec: &'s StackSpec, name: &str) -> &'s TaskSpecContainerSpec {
        spec.services[name].task_template.as_ref().unwrap().container_spec.as_ref().unwrap()
    }

    fn file<'a>(value: &'a str, services: &'a BTreeSet<String>) -> SecretFile<'a> {
        SecretFile { key: "KEY", name: "key.pem", value, services, owner: None }
    }

    fn put(spec: &mut StackSpec, file: SecretFile<'_>) -> Result<(), Vec<Fault>> {
        mount(spec, "app", &[file], &NAMES, |name| name == "OTHER_FILE")
    }

    #[test]
    fn a_file_takes_the_place_of_its_variable_in_all_services() {
        let all = BTreeSet::new();
        let mut spec = stack(&[("s_web", &["A=1", "KEY=v", "Z=2"]), ("s_db", &["KEY=own"]), ("s_job", &[])]);
        put(&mut spec, file("v", &all)).unwrap();
        let env = |name: &str| container(&spec, name).env.clone().unwrap_or_default();
        assert_eq!(env("s_web"), ["A=1", "KEY_FILE=/run/secrets/key.pem", "Z=2"]);
        assert_eq!(env("s_db"), ["KEY=own"], "what the file says itself stays, and both would contradict");
        let mounted = &container(&spec, "s_job").secrets.as_ref().unwrap()[0];
        let at = mounted.file.clone().unwrap();
        assert_eq!(
            (at.name.as_deref(), at.mode, at.uid.as_deref()),
            (Some("key.pem"), Some(0o400), Some("0"))
        );
        let (name, body) = spec.secrets.first_key_value().unwrap();
        assert_eq!((mounted.secret_name.as_ref(), spec.secrets.len()), (Some(name), 1));
        assert_eq!(body.data.as_deref(), Some("dg=="));
        assert!(name.starts_with("s_key.pem-") && name.len() == 26, "{name}");
    }

    #[test]
    fn only_the_named_services_get_it() {
        let web = BTreeSet::from(["web".to_owned()]);
        let mut spec = stack(&[("s_web", &[]), ("s_db", &[])]);
        put(&mut spec, file("v", &web)).unwrap();
        assert!(container(&spec, "s_web").secrets.is_some() && container(&spec, "s_db").secrets.is_none());
        let faults = put(&mut stack(&[("s_db", &[])]), file("v", &web)).unwrap_err();
        assert_eq!((faults[0].path.as_str(), faults[0].code.as_str()), ("variables.KEY", "unknown_service"));
        assert!(faults[0].message.contains("`web`") && faults[0].message.contains("db"), "{}", faults[0]);
    }

    #[test]
    fn names_follow_values_and_tell_nothing_of_them() {
        let name = |key: &NameKey, value: &str| key.name("s", "key.pem", value);
        assert_eq!(name(&NAMES, "a"), name(&NAMES, "a"));
        assert_ne!(name(&NAMES, "a"), name(&NAMES, "b"));
        assert_ne!(name(&NAMES, "a"), name(&NameKey::new([8; 32]), "a"), "nobody else can make it");
        let long = NAMES.name(&"s".repeat(40), &"f".repeat(200), "a");
        assert!(long.len() == 63 && text::object(&long), "{long}");
        assert!(!format!("{NAMES:?} {:?}", file("hunter2", &BTreeSet::new())).contains("hunter2"));
    }

    #[test]
    fn what_swarm_does_not_take_is_refused() {
        let all = BTreeSet::new();
        for value in [String::new(), "x".repeat(SECRET_MAX)] {
            let faults = put(&mut stack(&[("s", &[])]), file(&value, &all)).unwrap_err();
            assert!(faults[0].message.contains("500 KiB"), "{}", faults[0]);
        }
        assert!(put(&mut stack(&[("s", &[])]), file(&"x".repeat(SECRET_MAX - 1), &all)).is_ok());
        let mut spec = stack(&[("s", &[])]);
        put(&mut spec, file("v", &all)).unwrap();
        let faults = put(&mut spec, file("w", &all)).unwrap_err();
        assert_eq!(faults[0].code, "duplicate_target");
    }

    #[test]
    fn the_owner_is_who_runs_the_service_or_who_is_named() {
        for (user, ids) in [
            (None, ("0", "0")),
            (Some("1000"), ("1000", "0")),
            (Some("1000:33"), ("1000", "33")),
            (Some("node"), ("0", "0")),
            (Some("1000:staff"), ("1000", "0")),
            (Some("-1"), ("0", "0")),
        ] {
            let (uid, gid) = owner(user);
            assert_eq!((uid.as_str(), gid.as_str()), ids, "{user:?}");
        }
        let all = BTreeSet::new();
        let mut spec = stack(&[("s", &["KEY"])]);
        spec.services
            .get_mut("s")
            .unwrap()
            .task_template
            .as_mut()
            .unwrap()
            .container_spec
            .as_mut()
            .unwrap()
            .user = Some("70".to_owned());
        put(&mut spec, file("v", &all)).unwrap();
        let mounted = container(&spec, "s");
        assert_eq!(mounted.secrets.as_ref().unwrap()[0].file.as_ref().unwrap().uid.as_deref(), Some("70"));
        assert_eq!(
            mounted.env.as_deref().unwrap(),
            ["KEY_FILE=/run/secrets/key.pem"],
            "a bare name goes, too"
        );
    }

    #[test]
    fn a_variable_of_that_name_stays() {
        let all = BTreeSet::new();
        let mut spec = stack(&[("s", &[])]);
        let other = SecretFile { key: "OTHER", ..file("v", &all) };
        put(&mut spec, other).unwrap();
        assert_eq!(container(&spec, "s").env, None);
        assert!(container(&spec, "s").secrets.is_some());
    }
}
