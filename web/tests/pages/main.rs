//! The dashboard over a fake, looked at as a browser without scripts would see it.
//!
//! To add a page: its path in `draw::PAGES`. To add a form: a case in `forms`.

mod audit;
mod draw;
mod forms;
mod gate;
mod html;
mod sso;

use std::sync::Arc;

use axum::{body::Body, extract::Request, http::header, response::Response};
use skep_web::{
    Visit,
    api::Time,
    fake::{Fake, Mood},
};

const NOW: Time = Time(1_790_000_000_000);

fn fake(mood: Mood) -> Arc<Fake> {
    Arc::new(Fake::new(mood, NOW))
}

async fn send(fake: &Arc<Fake>, request: Request) -> Response {
    let visit = Visit { nonce: "nonce1".into(), now: NOW };
    skep_web::handle(request, fake.clone(), visit).await
}

async fn body(response: Response) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("body");
    String::from_utf8(bytes.to_vec()).expect("utf-8")
}

fn reading(path: &str) -> Request {
    Request::get(path).body(Body::empty()).expect("request")
}

fn writing(path: &str, form: &str) -> Request {
    Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()))
        .expect("request")
}

async fn get(fake: &Arc<Fake>, path: &str) -> (u16, String) {
    let response = send(fake, reading(path)).await;
    (response.status().as_u16(), body(response).await)
}

/// Sends a form; answers status, where it leads, and the page.
async fn post(fake: &Arc<Fake>, path: &str, form: &str) -> (u16, String, String) {
    let response = send(fake, writing(path, form)).await;
    let to = response.headers().get(header::LOCATION).map(|to| to.to_str().expect("ascii").to_owned());
    (response.status().as_u16(), to.unwrap_or_default(), body(response).await)
}
