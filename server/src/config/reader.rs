//! Gathers settings and what is wrong with them.

use super::Fault;

/// A setting may be as long as this.
const MOST: u64 = 64 * 1024;

/// Takes one setting after another and remembers all faults.
pub(super) struct Reader<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(variable: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { variable, faults: Vec::new() }
    }

    /// Notes a fault.
    pub(super) fn fault(&mut self, name: &str, message: impl Into<String>) {
        self.faults.push(Fault { name: name.to_owned(), message: message.into() });
    }

    /// An environment variable that is not empty.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.plain(&(self.variable)(name))
    }

    /// A value that is not empty, without blanks around it.
    #[expect(clippy::unused_self, reason = "reads as a method beside its kin")]
    pub(super) fn plain(&self, given: &Option<String>) -> Option<String> {
        given.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// A setting with a flag.
    pub(super) fn flag(&mut self, name: &str, given: &Option<String>) -> Option<String> {
        let given = self.plain(given).or_else(|| self.variable(name));
        self.or_file(name, given)
    }

    /// A setting without a flag.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        let given = self.variable(name);
        self.or_file(name, given)
    }

    /// A secret; `needed`: it is a fault if it is not there.
    pub(super) fn secret(&mut self, name: &str, needed: bool, what: &str) -> Option<String> {
        let before = self.faults.len();
        let given = self.text(name);
        if given.is_none() && needed && self.faults.len() == before {
            self.fault(name, format!("is missing: give {what}, best as a file by {name}_FILE"));
        }
        given
    }

    fn or_file(&mut self, name: &str, given: Option<String>) -> Option<String> {
        let file_name = format!("{name}_FILE");
        let Some(path) = self.variable(&file_name) else { return given };
        if given.is_some() {
            self.fault(name, format!("is given twice: take away one of {name} and {file_name}"));
            return None;
        }
        let read = std::fs::metadata(&path).and_then(|about| {
            if about.len() > MOST {
                Err(std::io::Error::other("is too long"))
            } else {
                std::fs::read_to_string(&path)
            }
        });
        match read {
            Ok(text) if text.trim().is_empty() => {
                self.fault(&file_name, format!("{path} is empty"));
                None
            }
            Ok(text) => Some(text.trim().to_owned()),
            Err(error) => {
                self.fault(&file_name, format!("cannot be read from {path}: {error}"));
                None
            }
        }
    }

    /// Turns a given text into what it means, or notes why not.
    pub(super) fn check<T>(
        &mut self,
        name: &str,
        given: Option<String>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        match parse(&given?) {
            Ok(value) => Some(value),
            Err(message) => {
                self.fault(name, message);
                None
            }
        }
    }

    /// `value`, if nothing was wrong.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Vec<Fault>> {
        if self.faults.is_empty() { Ok(value) } else { Err(self.faults) }
    }
}
