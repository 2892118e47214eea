//! Identity providers of the team and of the instance. Signing in through one is for browsers: it goes by
//! the pages, `/login/go/{id}` there and `/login/callback` back.

mod change;
mod create;
mod list;
mod remove;
mod set_team;
mod show_team;
mod test;

use serde::{Deserialize, Serialize};

use super::members::{PlaceBody, RoleName};
use crate::{
    control::sso::Of,
    domain::{
        clock::Time,
        id::ProviderId,
        sso::{Kind, Mapping, Provider},
    },
};

/// Who is given a role.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = GroupMapping)]
#[serde(deny_unknown_fields)]
pub struct MappingBody {
    /// A group as the provider names it; everybody whom it vouches for, if absent.
    #[serde(default)]
    group: Option<String>,
    /// Where they get the role.
    place: PlaceBody,
    /// Which; not `owner`.
    role: RoleName,
}

impl From<&Mapping> for MappingBody {
    fn from(mapping: &Mapping) -> Self {
        Self { group: mapping.group.clone(), place: mapping.place.into(), role: RoleName(mapping.role) }
    }
}

fn mappings(bodies: Vec<MappingBody>) -> Vec<Mapping> {
    let mapping =
        |body: MappingBody| Mapping { group: body.group, place: body.place.into(), role: body.role.0 };
    bodies.into_iter().map(mapping).collect()
}

/// An identity provider, without its secret.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProviderView {
    /// Its id.
    #[schema(value_type = String)]
    id: ProviderId,
    /// Whose.
    of: Of,
    /// For people.
    name: String,
    /// How it is spoken with.
    kind: Kind,
    /// Where it is.
    issuer: String,
    /// What it calls us.
    client: String,
    /// The claim that lists groups.
    claim: String,
    /// People can sign in through it.
    enabled: bool,
    /// Who is given what.
    mappings: Vec<MappingBody>,
    /// When it was entered.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl From<Provider> for ProviderView {
    fn from(provider: Provider) -> Self {
        Self {
            id: provider.id,
            of: if provider.team.is_some() { Of::Team } else { Of::Instance },
            name: provider.name.to_string(),
            kind: provider.kind,
            issuer: provider.issuer.to_string(),
            client: provider.client.to_string(),
            claim: provider.claim.to_string(),
            enabled: provider.enabled,
            mappings: provider.mappings.iter().map(MappingBody::from).collect(),
            created_at: provider.created_at,
        }
    }
}

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(list::handler))
        .routes(routes!(create::handler))
        .routes(routes!(show_team::handler))
        .routes(routes!(set_team::handler))
        .routes(routes!(change::handler))
        .routes(routes!(remove::handler))
        .routes(routes!(test::handler))
}
