//! Puts the dashboard behind `http`: neither knows the other.

use std::sync::Arc;

use crate::{
    deploy::parts::Parts,
    http::{self, Cookie},
    web_impl::{Cookies, Dashboard, Visitor},
};

/// Makes the dashboard's API for each request.
#[must_use]
pub fn dashboard(parts: Parts) -> http::Dashboard {
    let dashboard = Dashboard::new(parts);
    Arc::new(move |asks: http::Visitor| {
        let https = asks.peer.https;
        dashboard.visit(Visitor {
            caller: asks.known.map(|known| known.caller),
            address: asks.peer.address,
            agent: asks.peer.agent,
            request_id: asks.request_id,
            cookies: Cookies {
                session: asks.peer.session,
                known: asks.peer.known,
                pending: asks.peer.pending,
                sign_on: asks.peer.sign_on,
                give: Box::new(move |session, known| {
                    vec![
                        Cookie::Session.set(session, https),
                        Cookie::Known.set(known, https),
                        Cookie::Pending.clear(https),
                    ]
                }),
                wait: Box::new(move |pending| Cookie::Pending.set(pending, https)),
                take: Box::new(move || Cookie::Session.clear(https)),
                go: Box::new(move |sign_on| Cookie::SignOn.set(sign_on, https)),
                back: Box::new(move || Cookie::SignOn.clear(https)),
            },
        })
    })
}
