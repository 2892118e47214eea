//! `PATCH /api/v1/stores/{id}`

use axum::Json;
use serde::Deserialize;

use super::{LoginBody, StoreView};
use crate::{
    control::{
        Ctx,
        stores::{self, Changed},
    },
    domain::{id::StoreId, store::Settings},
    http::{api::v1::Answer, id::Id, json as body},
};

/// What is to be changed.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ChangeStore)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Where it answers from now on; as before if absent.
    #[serde(default)]
    address: Option<String>,
    /// How it is asked from now on, of the same kind; as before if absent.
    #[serde(default)]
    settings: Option<Settings>,
    /// What it is shown from now on: always given anew, as it was given for one address.
    login: LoginBody,
}

/// Give a secret store other credentials, and with them another address or other settings.
#[utoipa::path(
    patch,
    path = "/stores/{id}",
    tag = "stores",
    operation_id = "change_stores",
    params(("id" = String, Path)),
    request_body = Body,
    responses((status = 200, description = "Done.", body = StoreView)),
)]
pub async fn handler(cx: Ctx, Id(id): Id<StoreId>, body::Json(body): body::Json<Body>) -> Answer<StoreView> {
    let changed = Changed {
        address: body.address,
        settings: body.settings,
        login_id: body.login.id,
        login_secret: body.login.secret,
    };
    Ok(Json(StoreView::from(stores::change(&cx, id, changed).await?)))
}
