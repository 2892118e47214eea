//! The dashboard's API over the real control and SQL, as pages ask for it, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that finds no value has failed")]

mod approvals;
mod audit;
mod commands;
mod many;
mod statuses;
mod tenancy;
mod truth;
mod upload;
mod variables;

use std::sync::Arc;

use skep::{
    control::identity::{Caller, Means},
    domain::{id::SessionId, secret::Secret},
    web_impl::{Cookies, Dashboard, Visitor},
};
use skep_tests::world::World;
use skep_web::api::Api;

/// The API for somebody, or for nobody.
fn api(world: &World, caller: Option<Caller>) -> Arc<dyn Api> {
    Dashboard::new(world.parts.clone()).visit(Visitor {
        caller,
        address: "192.0.2.1".parse().unwrap(),
        agent: "test".to_owned(),
        request_id: "r1".to_owned(),
        cookies: Cookies {
            session: None,
            known: None,
            pending: None,
            sign_on: None,
            give: Box::new(|session: &Secret, known: &Secret| {
                vec![format!("session={}", session.expose()), format!("known={}", known.expose())]
            }),
            wait: Box::new(|pending: &Secret| format!("pending={}", pending.expose())),
            take: Box::new(|| "session=; Max-Age=0".to_owned()),
            go: Box::new(|sign_on: &Secret| format!("sign_on={}", sign_on.expose())),
            back: Box::new(|| "sign_on=; Max-Age=0".to_owned()),
        },
    })
}

/// The API for the owner of the world's team.
fn own(world: &World) -> Arc<dyn Api> {
    let means = Means::Session(SessionId::new(&*world.parts.clock));
    let access = Arc::clone(&world.cx.access);
    api(world, Some(Caller { actor: world.cx.actor, means, access, through: None, closed: false }))
}
