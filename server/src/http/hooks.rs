//! `POST /hooks/{provider}/{id}`: webhooks. The raw bytes go to `control`, which verifies them
//! before anything reads them (S6).

use axum::{
    Json,
    body::Body,
    extract::{Path, State as Extract},
    http::{HeaderMap, StatusCode, header},
};
use serde::Serialize;

use super::{Problem, State, body};
use crate::{
    control::deliveries::{NotTaken, receive},
    domain::{
        delivery::Provider,
        fault::Fault,
        id::{DeploymentId, WebhookId},
    },
};

/// What the sender is told.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct HookAnswer {
    /// `queued`, `awaiting_approval`, `pong`, `duplicate`, `already_deployed`, `ignored:…`
    pub outcome: String,
    /// Why nothing is to be done, if so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignored: Option<String>,
    /// The deployment that was queued.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub deployment: Option<DeploymentId>,
}

/// Receives a delivery of a forge or registry.
pub async fn hook(
    Extract(state): Extract<State>,
    Path((provider, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<HookAnswer>), Problem> {
    if headers.contains_key(header::CONTENT_ENCODING) {
        let detail = "the body must not be compressed: send it without `Content-Encoding`";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
    }
    let limits = &state.limits;
    let bytes = body::read(&headers, body, limits.hook, limits.read, &state.long).await?;
    // What cannot be a webhook's address takes the same way as one that is not there (case 31).
    let known = Provider::named(&provider).zip(id.parse::<WebhookId>().ok());
    let (provider, id) = known.unwrap_or_else(|| (Provider::Generic, WebhookId::new(&*state.parts.clock)));
    let answer = receive(&state.parts, provider, id, &headers, &bytes).await.map_err(told)?;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let ignored = answer.outcome.strip_prefix("ignored:").map(str::to_owned);
    Ok((status, Json(HookAnswer { outcome: answer.outcome, ignored, deployment: answer.deployment })))
}

fn told(not_taken: NotTaken) -> Problem {
    match not_taken {
        NotTaken::Unknown => Problem::not_found("webhook"),
        NotTaken::Failed(error) => error.into(),
        NotTaken::TooMany(seconds) => {
            let detail = format!("{not_taken}: send it again then");
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many", detail).retry_after(seconds)
        }
        NotTaken::Rejected(rejection) => {
            let status = StatusCode::from_u16(rejection.status).unwrap_or(StatusCode::BAD_REQUEST);
            let mut problem = Problem::new(status, rejection.code, rejection.message.clone());
            if let Some(field) = rejection.field {
                problem.errors =
                    vec![Fault { field, code: rejection.code.to_owned(), message: rejection.message }];
            }
            problem
        }
    }
}
