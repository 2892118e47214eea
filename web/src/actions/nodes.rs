//! Which machine belongs to which environment.

use super::{Reply, ask::ask, go};
use crate::{
    api::Error,
    http::{Cx, Done, Form},
};

/// Reserves one.
pub async fn reserve(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    cx.api.reserve_node(&form.text("node").into(), form.text("environment")).await?;
    go("/nodes", Done::NodeReserved)
}

/// Shares one again.
pub async fn release(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let question = "Apps of all environments without machines of their own may run on it again.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Share", "/nodes") {
        return Ok(reply);
    }
    cx.api.release_node(&form.text("node").into()).await?;
    go("/nodes", Done::NodeReleased)
}
