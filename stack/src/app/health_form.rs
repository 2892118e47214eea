//! How a health check is read. Serde cannot refuse unknown fields beside a flattened choice, so
//! the fields are read flat and told apart here.
//!
//! To add a kind of check: a variant of [`Check`] and an arm here that names its fields.

use serde::Deserialize;

use super::{Check, Health};

/// All fields that any kind of check may have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    kind: Kind,
    path: Option<String>,
    port: Option<u16>,
    command: Option<Vec<String>>,
    interval: Option<String>,
    timeout: Option<String>,
    retries: Option<u32>,
    start_period: Option<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Http,
    Tcp,
    Command,
    Image,
    None,
}

impl TryFrom<Form> for Health {
    type Error = &'static str;

    fn try_from(form: Form) -> Result<Self, Self::Error> {
        use Kind::{Command, Http, Image, None as Nothing, Tcp};
        let kind = form.kind;
        if form.path.is_some() && kind != Http {
            return Err("`path` belongs to the kind `http` only");
        }
        if form.port.is_some() && !matches!(kind, Http | Tcp) {
            return Err("`port` belongs to the kinds `http` and `tcp` only");
        }
        if form.command.is_some() && kind != Command {
            return Err("`command` belongs to the kind `command` only");
        }
        let check = match kind {
            Http => Check::Http { path: form.path.ok_or("the kind `http` needs a `path`")?, port: form.port },
            Tcp => Check::Tcp { port: form.port },
            Command => {
                Check::Command { command: form.command.ok_or("the kind `command` needs a `command`")? }
            }
            Image => Check::Image,
            Nothing => Check::None,
        };
        let Form { interval, timeout, retries, start_period, .. } = form;
        Ok(Self { check, interval, timeout, retries, start_period })
    }
}
