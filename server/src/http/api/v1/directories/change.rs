//! `PATCH /api/v1/directories/{id}`

use axum::Json;
use serde::Deserialize;

use super::DirectoryView;
use crate::{
    acme::{KeyType, budget::Limits},
    control::{
        Ctx,
        directories::{self, Changed},
    },
    domain::{id::DirectoryId, secret::Secret},
    http::{api::v1::Answer, id::Id, json as body},
};

/// What is to be changed; what is absent stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ChangeDirectory)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// What people call it.
    #[serde(default)]
    name: Option<String>,
    /// Its place in the list: 1 is the first after that of the settings.
    #[serde(default)]
    position: Option<i64>,
    /// It takes the place of one that is in trouble.
    #[serde(default)]
    backup: Option<bool>,
    /// How the authority calls the key for new accounts (EAB); empty for none.
    #[serde(default)]
    external_key: Option<String>,
    /// That key, base64url; never told again.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    hmac: Option<Secret>,
    /// Which kind of certificate is asked for; empty for the usual one.
    #[serde(default)]
    profile: Option<String>,
    /// Of hosts' keys.
    #[serde(default)]
    #[schema(inline)]
    key_type: Option<KeyType>,
    /// What it bears.
    #[serde(default)]
    limits: Option<Limits>,
}

/// Change what a directory is asked for, and when. It counts from the next order on.
#[utoipa::path(
    patch,
    path = "/directories/{id}",
    tag = "directories",
    operation_id = "change_directories",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 200, description = "Done.", body = DirectoryView)),
)]
pub async fn handler(
    cx: Ctx,
    Id(id): Id<DirectoryId>,
    body::Json(body): body::Json<Body>,
) -> Answer<DirectoryView> {
    let changed = Changed {
        name: body.name,
        position: body.position,
        backup: body.backup,
        external: body.external_key.map(|key| (key, body.hmac.unwrap_or_else(|| Secret::new("")))),
        profile: body.profile,
        key: body.key_type,
        limits: body.limits,
    };
    let listed = directories::change(&cx, id, changed).await?;
    Ok(Json(DirectoryView::new(&cx, listed)))
}
