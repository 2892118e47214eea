//! Version 1. One file for each operation, named by its verb, under its noun.
//!
//! To add one: the file with its `handler` and documentation, a line in the noun's `routes`, and
//! nothing else: `/api/openapi.json` and the test that calls every route as a stranger find it there.

pub mod apps;
pub mod audit;
pub mod certificates;
pub mod cluster;
pub mod credentials;
pub mod deployments;
pub mod directories;
pub mod dns_providers;
pub mod domains;
pub mod environments;
pub mod host_keys;
pub mod identities;
pub mod invitations;
pub mod members;
pub mod own_certificates;
pub mod passkeys;
pub mod ports;
pub mod projects;
pub mod roles;
pub mod service_accounts;
pub mod session;
pub mod settings;
pub mod setup;
pub mod sso;
pub mod stores;
pub mod teams;
pub mod tokens;
pub mod two_factor;
pub mod variables;
pub mod verified_domains;
pub mod webhooks;

use axum::Json;
use utoipa_axum::router::OpenApiRouter;

use super::super::{Problem, State};

/// What most handlers give.
pub type Answer<T> = Result<Json<T>, Problem>;

/// All routes with their documentation.
#[must_use]
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .merge(setup::routes())
        .merge(session::routes())
        .merge(two_factor::routes())
        .merge(passkeys::routes())
        .merge(tokens::routes())
        .merge(teams::routes())
        .merge(members::routes())
        .merge(roles::routes())
        .merge(invitations::routes())
        .merge(service_accounts::routes())
        .merge(projects::routes())
        .merge(environments::routes())
        .merge(apps::routes())
        .merge(deployments::routes())
        .merge(variables::routes())
        .merge(domains::routes())
        .merge(ports::routes())
        .merge(certificates::routes())
        .merge(webhooks::routes())
        .merge(credentials::routes())
        .merge(stores::routes())
        .merge(host_keys::routes())
        .merge(settings::routes())
        .merge(cluster::routes())
        .merge(audit::routes())
        .merge(sso::routes())
        .merge(identities::routes())
        .merge(dns_providers::routes())
        .merge(verified_domains::routes())
        .merge(own_certificates::routes())
        .merge(directories::routes())
}
