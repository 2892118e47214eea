//! `extends`: a service over another one, of the same file or of a further one (Compose
//! specification, extends).

use std::collections::BTreeMap;

use super::{
    super::{
        read::At,
        yaml::{Node, Value, join, weight},
    },
    Dialect, files,
    loading::{Loading, Named, Vars},
    merge::{self, Merge},
};

/// Services that extend each other, in a row.
const DEPTH_MAX: usize = 32;

/// The services of one tree, and of the files that they extend.
struct Extends<'e, 'l> {
    loading: &'e mut Loading<'l>,
    vars: &'e Vars,
    /// By file; the tree's own under the empty path.
    files: BTreeMap<String, BTreeMap<String, Node>>,
    /// What is being put together, from the outside in.
    way: Vec<(String, String)>,
}

/// Puts every service of the tree over what it extends. A service that is not in this tree may be
/// one of `earlier`, the tree of the files before.
pub(super) fn resolve(loading: &mut Loading<'_>, root: &mut Node, earlier: Option<&Node>, vars: &Vars) {
    let Some(Node { value: Value::Map(entries), .. }) = root.get_mut("services") else { return };
    if entries.iter().all(|(_, service)| service.get("extends").is_none()) {
        return;
    }
    let before = earlier.and_then(|root| root.get("services")).map_or(&[][..], Node::entries);
    let own: BTreeMap<String, Node> = before.iter().chain(entries.iter()).cloned().collect();
    let files = BTreeMap::from([(String::new(), own)]);
    let mut extends = Extends { loading, vars, files, way: Vec::new() };
    for (name, service) in entries {
        if let Some(whole) = extends.service("", name) {
            *service = whole;
        }
    }
}

impl Extends<'_, '_> {
    /// A service of a file, put over what it extends; none if the file has none of that name.
    fn service(&mut self, file: &str, name: &str) -> Option<Node> {
        if self.loading.full() {
            return None;
        }
        let mut service = self.files.get(file)?.get(name)?.clone();
        let Some(extends) = service.take("extends") else { return Some(service) };
        if extends.value == Value::Null {
            return Some(service);
        }
        let path = join(&join("services", name), "extends");
        let at = Named { path: &path, node: &extends };
        self.way.push((file.to_owned(), name.to_owned()));
        let base = self.base(file, &extends, at);
        self.way.pop();
        let Some(mut base) = base else { return Some(service) };
        if !matches!(base.value, Value::Map(_)) || !self.loading.weigh(weight(&base), &path, &extends.place) {
            return Some(service);
        }
        merge::settle(&mut base);
        // No docker CLI has rules of its own for this.
        let Loading { faults, notes, .. } = &mut *self.loading;
        let mut merge = Merge { dialect: Dialect::Compose, faults, notes };
        let whole = merge.put(base, service, &mut vec!["services".to_owned(), name.to_owned()]);
        if let Some(services) = self.files.get_mut(file) {
            services.insert(name.to_owned(), whole.clone());
        }
        Some(whole)
    }

    /// What the service extends, whole; none if it cannot, which is told.
    fn base(&mut self, file: &str, extends: &Node, at: Named<'_>) -> Option<Node> {
        let (name, other) = match &extends.value {
            Value::Text(name) => (name.clone(), None),
            Value::Map(_) => {
                let faults = &mut self.loading.faults;
                let here = At::new(extends, at.path);
                let fields = here.fields(&["service", "file"], faults);
                let Some(name) = fields.get("service") else {
                    here.fault("required", "must name a `service`", faults);
                    return None;
                };
                let name = name.text(faults)?.to_owned();
                let other = match fields.get("file") {
                    Some(file) => Some(file.text(faults)?),
                    None => None,
                };
                (name, other)
            }
            _ => {
                self.loading.fault(at, "invalid_type", "must be a service's name, or a map with `service`");
                return None;
            }
        };
        let file = match other {
            Some(other) => self.open(other, at)?,
            None => file.to_owned(),
        };
        if self.way.contains(&(file.clone(), name.clone())) {
            self.loading.fault(at, "extends_cycle", "leads back to this service");
            return None;
        }
        if self.way.len() > DEPTH_MAX {
            self.loading.fault(at, "too_deep", format!("has more than {DEPTH_MAX} services in a row"));
            return None;
        }
        let base = self.service(&file, &name);
        if base.is_none() && !self.loading.full() {
            let place =
                if file.is_empty() { "this file".to_owned() } else { format!("`{}`", file.escape_debug()) };
            let message = format!("names `{}`, which is no service of {place}", name.escape_debug());
            self.loading.fault(at, "unknown_service", message);
        }
        base
    }

    /// Reads the services of a file, once.
    fn open(&mut self, file: &str, at: Named<'_>) -> Option<String> {
        let whole = files::join("", file);
        if !self.files.contains_key(&whole) {
            let mut root = self.loading.document(file, files::folder(&whole), self.vars, at)?;
            merge::settle(&mut root);
            let services = root.get("services").map_or(&[][..], Node::entries).iter().cloned().collect();
            self.files.insert(whole.clone(), services);
        }
        Some(whole)
    }
}
