//! The dashboard's API by `control`: translate, nothing else. One file for each noun.
//!
//! A [`Dashboard`] is made once; [`Dashboard::visit`] binds it to whoever asks. To add a method:
//! its body in the file of its noun: the actor's `Ctx`, the ids and fields checked, one call of
//! `control`, and its answer as a view.

mod apps;
mod audit;
mod certificates;
mod configuration;
mod credentials;
mod deployments;
mod dns;
mod domains;
mod error;
mod fields;
mod instance;
mod lines;
mod nodes;
mod outcome;
mod passkeys;
mod places;
mod projects;
mod quota;
mod releases;
mod service_accounts;
mod session;
mod sso;
mod stores;
mod teams;
mod traffic;
mod two_factor;
mod variables;
mod webhooks;

use std::{net::IpAddr, sync::Arc};

use skep_web::api::{self, Api};

use crate::{
    control::{Ctx, Error, identity::Caller, look::Looker},
    deploy::parts::Parts,
    domain::secret::Secret,
};

/// What a browser is given for two secrets: whole `Set-Cookie` values.
pub type Give = Box<dyn Fn(&Secret, &Secret) -> Vec<String> + Send + Sync>;

/// The cookies of a browser; their names and attributes are those of `http`.
pub struct Cookies {
    /// The session cookie that it shows.
    pub session: Option<String>,
    /// The sign of a known browser that it shows.
    pub known: Option<String>,
    /// What it shows between the two steps of signing in.
    pub pending: Option<String>,
    /// What it shows when it comes back from an identity provider.
    pub sign_on: Option<String>,
    /// The whole `Set-Cookie` values that give it a session and that sign.
    pub give: Give,
    /// The whole `Set-Cookie` value that lets it wait for the second step.
    pub wait: Box<dyn Fn(&Secret) -> String + Send + Sync>,
    /// The whole `Set-Cookie` value that takes its session away.
    pub take: Box<dyn Fn() -> String + Send + Sync>,
    /// The whole `Set-Cookie` value with which it goes to an identity provider.
    pub go: Box<dyn Fn(&Secret) -> String + Send + Sync>,
    /// The whole `Set-Cookie` value that takes that away.
    pub back: Box<dyn Fn() -> String + Send + Sync>,
}

/// Whoever asks.
pub struct Visitor {
    /// Who is signed in, if anybody.
    pub caller: Option<Caller>,
    /// Their network address.
    pub address: IpAddr,
    /// The browser's own words about itself.
    pub agent: String,
    /// By this the log knows the request.
    pub request_id: String,
    /// What the browser shows and gets.
    pub cookies: Cookies,
}

/// What all visitors share.
#[derive(Clone)]
pub struct Dashboard {
    parts: Parts,
    looker: Arc<Looker>,
}

impl Dashboard {
    /// Over these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let looker = Looker::new(Arc::clone(&parts.engine), Arc::clone(&parts.clock));
        Self { parts, looker: Arc::new(looker) }
    }

    /// The API for one request.
    #[must_use]
    pub fn visit(&self, visitor: Visitor) -> Arc<dyn Api> {
        Arc::new(Web { shared: self.clone(), visitor })
    }
}

/// The API for one visitor.
struct Web {
    shared: Dashboard,
    visitor: Visitor,
}

impl Web {
    /// What commands and queries take; nothing for whoever is not signed in.
    fn cx(&self) -> api::Result<Ctx> {
        let caller = self.caller()?;
        let Visitor { address, request_id, .. } = &self.visitor;
        Ok(Ctx::new(self.shared.parts.clone(), caller, *address, request_id))
    }

    fn caller(&self) -> api::Result<&Caller> {
        self.visitor.caller.as_ref().ok_or(api::Error::Unauthenticated)
    }

    fn parts(&self) -> &Parts {
        &self.shared.parts
    }

    fn looker(&self) -> &Looker {
        &self.shared.looker
    }

    fn told(&self, error: Error) -> api::Error {
        error::told(&self.visitor.request_id, error)
    }
}
