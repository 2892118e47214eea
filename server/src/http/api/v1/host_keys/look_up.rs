//! `POST /api/v1/host-keys/look-up`

use axum::Json;
use serde::Deserialize;

use super::HostKeyView;
use crate::{
    control::{Ctx, host_keys},
    domain::right::Place,
    http::{
        api::v1::{Answer, members::PlaceBody},
        json as body,
    },
};

/// An ssh host.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = LookUpHostKeys)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The host, with its port unless that is 22: `git.example.org:2222`.
    host: String,
    /// Where they would be trusted; in the team if absent.
    #[serde(default)]
    place: Option<PlaceBody>,
}

/// Ask an ssh host for its keys.
///
/// Nothing is saved: compare the fingerprints with what the host publishes, then trust them.
#[utoipa::path(
    post,
    path = "/host-keys/look-up",
    tag = "credentials",
    operation_id = "look_up_host_keys",
    request_body = Body,
    responses((status = 200, description = "What it shows now.", body = Vec<HostKeyView>)),
)]
pub async fn handler(cx: Ctx, body::Json(body): body::Json<Body>) -> Answer<Vec<HostKeyView>> {
    let shown = host_keys::look_up(&cx, body.place.map_or(Place::Team, Place::from), &body.host).await?;
    Ok(Json(shown.into_iter().map(HostKeyView::from).collect()))
}
