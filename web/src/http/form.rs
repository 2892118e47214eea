//! A form as it was sent, read field by field, and as it is drawn again.

use std::{
    str::FromStr,
    sync::{Arc, Mutex},
};

use crate::api::{Fault, Secret};

/// The pairs of a form or query, in order.
#[derive(Clone, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Decodes `application/x-www-form-urlencoded`.
    pub fn parse(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// All pairs.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The field's text as it was sent; empty if it was not.
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The field's text without blanks around it.
    pub fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The field's text, if there is any.
    pub fn optional(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// The field was sent with something in it: a ticked box.
    pub fn flag(&self, name: &str) -> bool {
        !self.raw(name).is_empty()
    }

    /// The field's text, not to be seen.
    pub fn secret(&self, name: &str) -> Secret {
        Secret::new(self.raw(name))
    }

    /// The field as a number; none if empty, a fault if it is none.
    pub fn number<T: FromStr>(&self, name: &str, faults: &mut Vec<Fault>) -> Option<T> {
        let text = self.text(name);
        if text.is_empty() {
            return None;
        }
        let number = text.parse().ok();
        if number.is_none() {
            faults.push(Fault::new(name, "must be a whole number in range"));
        }
        number
    }

    /// The field's lines without blanks around them, empty ones left out.
    pub fn lines(&self, name: &str) -> Vec<String> {
        self.raw(name).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    /// The rows of a repeated group: the numbers `n` for which a field `prefix[n].…` was sent.
    pub fn rows(&self, prefix: &str) -> Vec<usize> {
        let mut rows: Vec<usize> = self
            .0
            .iter()
            .filter_map(|(key, _)| {
                key.strip_prefix(prefix)?.strip_prefix('[')?.split_once(']')?.0.parse().ok()
            })
            .filter(|row| *row < 200)
            .collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }
}

/// A form that was refused.
pub struct Entered {
    /// Where it was posted to.
    pub action: String,
    /// What it held.
    pub form: Form,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

/// A form about to be drawn: empty, or as it was sent with its faults.
#[derive(Clone)]
pub struct FormState {
    key: String,
    /// Where it posts to.
    pub action: String,
    entered: Option<Arc<Entered>>,
    /// The labels of the fields drawn so far.
    labels: Arc<Mutex<Vec<(String, String)>>>,
}

impl FormState {
    /// The form that posts to `action`.
    pub fn new(key: impl Into<String>, action: String, entered: Option<Arc<Entered>>) -> Self {
        let entered = entered.filter(|entered| entered.action == action);
        Self { key: key.into(), action, entered, labels: Arc::default() }
    }

    /// The same form for one of several things on the page: its fields have ids of their own, and only what
    /// was sent for that one (`provider`) is shown again.
    #[must_use]
    pub fn of(&self, provider: &str) -> Self {
        self.only("provider", provider)
    }

    /// The same form for one of several things on the page, which is known by the field `name`.
    #[must_use]
    pub fn only(&self, name: &str, value: &str) -> Self {
        let entered = self.entered.clone().filter(|entered| entered.form.raw(name) == value);
        Self {
            key: format!("{}-{value}", self.key),
            action: self.action.clone(),
            entered,
            labels: Arc::default(),
        }
    }

    /// The id of a field's input.
    pub fn id(&self, name: &str) -> String {
        let id = format!("{}-{name}", self.key);
        id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
    }

    /// What to show in a field: what was entered, else what is `stored`.
    pub fn value(&self, name: &str, stored: &str) -> String {
        self.entered.as_ref().map_or(stored, |entered| entered.form.raw(name)).to_owned()
    }

    /// Whether a box is ticked: as entered, else as `stored`.
    pub fn ticked(&self, name: &str, value: &str, stored: bool) -> bool {
        self.entered.as_ref().map_or(stored, |entered| {
            entered.form.pairs().iter().any(|(key, sent)| key == name && sent == value)
        })
    }

    /// The rows of a repeated group: as entered, else `stored` and one empty row.
    pub fn rows(&self, prefix: &str, stored: usize) -> Vec<usize> {
        self.entered.as_ref().map_or_else(|| (0..=stored).collect(), |entered| entered.form.rows(prefix))
    }

    /// What is wrong with a field.
    pub fn fault(&self, name: &str) -> Option<String> {
        let faults = &self.entered.as_ref()?.faults;
        faults.iter().find(|fault| belongs(&fault.field, name)).map(|fault| fault.message.clone())
    }

    /// The field `name` has that label on the page.
    pub fn labelled(&self, name: &str, label: &str) {
        if let Ok(mut labels) = self.labels.lock() {
            labels.push((name.to_owned(), label.to_owned()));
        }
    }

    /// The id and the label of the field that shows a fault at `path`, if one was drawn.
    pub fn field_of(&self, path: &str) -> Option<(String, String)> {
        let labels = self.labels.lock().ok()?;
        let (name, label) = labels.iter().find(|(name, _)| belongs(path, name))?;
        Some((self.id(name), label.clone()))
    }

    /// All that is wrong: messages with the field each belongs to.
    pub fn faults(&self) -> Vec<Fault> {
        self.entered.as_ref().map(|entered| entered.faults.clone()).unwrap_or_default()
    }
}

/// Whether a fault at `path` is shown at the field `name`: the same path, a part of it (a line of a
/// list, an entry of a map), or a path that has one field for each kind.
fn belongs(path: &str, name: &str) -> bool {
    let path = match (path, name) {
        ("source.credential", "source.git_credential" | "source.registry_credential")
        | ("build.folder", "build.static_folder" | "build.nixpacks_folder")
        | (
            "source.follow" | "source.follow.branch" | "source.follow.pattern" | "source.follow.sha",
            "source.follow.target",
        ) => name,
        _ => path,
    };
    path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_finds_its_field() {
        for (path, name, hit) in [
            ("source.url", "source.url", true),
            ("settings.command[2]", "settings.command", true),
            ("settings.labels.a", "settings.labels", true),
            ("settings.portal", "settings.port", false),
            ("source.follow.sha", "source.follow.target", true),
            ("build.folder", "build.nixpacks_folder", true),
            ("name", "names", false),
        ] {
            assert_eq!(belongs(path, name), hit, "{path} {name}");
        }
    }

    #[test]
    fn rows_are_found_by_number_and_bounded() {
        let form =
            Form::parse(b"m%5B2%5D.a=1&m%5B0%5D.a=&m%5B0%5D.b=&mx%5B1%5D.a=&m%5B999999%5D.a=&m%5Bx%5D=");
        assert_eq!(form.rows("m"), [0, 2]);
    }

    #[test]
    fn a_wrong_number_is_a_fault_at_its_field_and_an_empty_one_is_none() {
        let form = Form::parse(b"port=70000&replicas=");
        let mut faults = Vec::new();
        assert_eq!(form.number::<u16>("port", &mut faults), None);
        assert_eq!(form.number::<u64>("replicas", &mut faults), None);
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].field, "port");
    }

    #[test]
    fn a_form_keeps_only_what_was_sent_to_it() {
        let entered = Arc::new(Entered {
            action: "/actions/a".into(),
            form: Form::parse(b"name=x"),
            faults: vec![Fault::new("name", "no")],
        });
        let own = FormState::new("a", "/actions/a".into(), Some(entered.clone()));
        let other = FormState::new("b", "/actions/b".into(), Some(entered));
        assert_eq!((own.value("name", "y"), own.fault("name")), ("x".into(), Some("no".into())));
        assert_eq!((other.value("name", "y"), other.fault("name")), ("y".into(), None));
    }
}
