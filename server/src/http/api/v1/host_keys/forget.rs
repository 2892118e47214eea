//! `DELETE /api/v1/host-keys/{host}`

use axum::http::StatusCode;
use serde::Deserialize;

use crate::{
    control::{Ctx, Error, host_keys},
    domain::{fault::Wrong, right::Place},
    http::{Problem, id::Id, query::Query},
};

/// Where.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct At {
    /// `team`, `project:ID` or `environment:ID`; the team if absent.
    place: Option<String>,
}

/// Trust no key of an ssh host at a place any more.
#[utoipa::path(
    delete,
    path = "/host-keys/{host}",
    tag = "credentials",
    operation_id = "forget_host_keys",
    params(("host" = String, Path), At),
    responses((status = 204, description = "Done.")),
)]
pub async fn handler(cx: Ctx, Id(host): Id<String>, Query(at): Query<At>) -> Result<StatusCode, Problem> {
    let place = match &at.place {
        None => Place::Team,
        Some(text) => Place::named(text).ok_or_else(|| {
            let rule = "must be `team`, `project:ID` or `environment:ID`";
            Error::wrong("place", Wrong::new(rule))
        })?,
    };
    host_keys::forget(&cx, place, &host).await?;
    Ok(StatusCode::NO_CONTENT)
}
