//! Secret stores that the team has elsewhere: who may use which, and with which credentials. What they
//! hold is read by deployments alone (`deploy/stored.rs`).
//!
//! To add an operation: a file named by its verb.

mod change;
mod check;
mod create;
mod list;
mod refer;
mod remove;

pub use change::{Changed, change};
pub use check::check;
pub use create::{NewStore, create};
pub use list::list;
pub use refer::{referred, refers};
pub use remove::remove;

use serde_json::{Value, json};

use super::{Ctx, Error};
use crate::domain::{
    audit::Object,
    outbound::{Outbound, ranges},
    right::Place,
    store::{Login, Settings, Store, StoreAddress},
};

/// Stores of one team at most.
const COUNT: usize = 50;

/// What is asked for, checked: settings, the address that they lead to, and the login.
///
/// # Errors
/// Every wrong field at once.
fn checked(
    cx: &Ctx,
    settings: &Settings,
    address: &str,
    login: (&str, &str),
) -> Result<(StoreAddress, Login), Error> {
    let mut faults = Vec::new();
    let outbound = Outbound::new(ranges(&cx.parts.instance.allow_addresses));
    let address = settings.address(address).and_then(|at| at.allowed(&outbound).map(|()| at));
    let address = address.map_err(|wrong| faults.push(wrong.at("address"))).ok();
    let login = Login::new(login.0, login.1).map_err(|wrong| faults.extend(wrong)).ok();
    if let Some(login) = &login {
        faults.extend(settings.faults(login));
    }
    match (address, login) {
        (Some(address), Some(login)) if faults.is_empty() => Ok((address, login)),
        _ => Err(Error::Invalid(faults)),
    }
}

fn sealed(cx: &Ctx, login: &Login) -> Vec<u8> {
    cx.parts.seal.seal(&*cx.parts.clock, "store", login.plain().expose().as_bytes())
}

/// As the audit log names it.
fn object(store: &Store) -> Object {
    let object = Object::new("store", store.id, &store.name);
    match store.place {
        Place::Team => object,
        Place::Project(id) => object.of_project(id),
        Place::Environment(id) => object.of_environment(id),
    }
}

/// As the audit log compares it.
fn told(store: &Store) -> Value {
    json!({"place": store.place.to_string(), "address": store.address.as_str(), "settings": store.settings})
}
