//! `POST /api/v1/directories`

use axum::{Json, http::StatusCode};
use serde::Deserialize;

use super::DirectoryView;
use crate::{
    acme::{KeyType, budget::Limits},
    control::{
        Ctx,
        directories::{self, NewDirectory},
    },
    domain::secret::Secret,
    http::{Problem, json as body},
};

/// A directory to be entered.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CreateDirectory)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// What people call it; the authority's name if absent.
    #[serde(default)]
    name: String,
    /// `production`, `staging`, `zerossl`, `google`, or an https URL.
    address: String,
    /// It takes the place of one that is in trouble.
    #[serde(default)]
    backup: bool,
    /// How the authority calls the key for new accounts (EAB).
    #[serde(default)]
    external_key: String,
    /// That key, base64url; never told again.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    hmac: Option<Secret>,
    /// Which kind of certificate is asked for, of those that the directory lists.
    #[serde(default)]
    profile: String,
    /// Of hosts' keys.
    #[serde(default)]
    #[schema(inline)]
    key_type: KeyType,
    /// What it bears; what is known of it if absent.
    #[serde(default)]
    limits: Option<Limits>,
}

/// Enter a directory that certificates can come from.
#[utoipa::path(
    post,
    path = "/directories",
    tag = "directories",
    operation_id = "create_directories",
    request_body = Body,
    responses((status = 201, description = "Made.", body = DirectoryView)),
)]
pub async fn handler(
    cx: Ctx,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<DirectoryView>), Problem> {
    let new = NewDirectory {
        name: body.name,
        address: body.address,
        backup: body.backup,
        external_key: body.external_key,
        hmac: body.hmac.unwrap_or_else(|| Secret::new("")),
        profile: body.profile,
        key: body.key_type,
        limits: body.limits,
    };
    let listed = directories::create(&cx, new).await?;
    Ok((StatusCode::CREATED, Json(DirectoryView::new(&cx, listed))))
}
