//! `POST /api/v1/stores`

use axum::{Json, http::StatusCode};
use serde::Deserialize;

use super::{LoginBody, StoreView};
use crate::{
    control::{
        Ctx,
        stores::{self, NewStore},
    },
    domain::{name::Slug, store::Settings},
    http::{Problem, api::v1::members::PlaceBody, json as body},
};

/// A store to be named.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CreateStore)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Unique within the team.
    name: Slug,
    /// Apps there and below may use it.
    place: PlaceBody,
    /// Where it answers; the kind's own address if absent.
    #[serde(default)]
    address: String,
    /// Its kind, and how that is asked.
    settings: Settings,
    /// What it is shown.
    login: LoginBody,
}

/// Name a secret store that apps' variables can refer to.
///
/// `${{store.NAME:path#key}}` in a variable of an app is what the store has there when the app is
/// deployed. The store is not asked yet; `check` asks it.
#[utoipa::path(
    post,
    path = "/stores",
    tag = "stores",
    operation_id = "create_stores",
    request_body = Body,
    responses((status = 201, description = "Made.", body = StoreView)),
)]
pub async fn handler(
    cx: Ctx,
    body::Json(body): body::Json<Body>,
) -> Result<(StatusCode, Json<StoreView>), Problem> {
    let new = NewStore {
        name: body.name,
        place: body.place.into(),
        address: body.address,
        settings: body.settings,
        login_id: body.login.id,
        login_secret: body.login.secret,
    };
    Ok((StatusCode::CREATED, Json(StoreView::from(stores::create(&cx, new).await?))))
}
