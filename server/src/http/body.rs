//! Reads a body whole, within its bounds of size and time: 413 and 408 (cases 16, 17).

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header},
};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use tokio::sync::Semaphore;

use super::Problem;

/// A body that is longer takes one of the few places for long ones.
const LONG: usize = 1 << 20;

/// The whole body. A length that says too much is refused before a byte is read. Of long bodies
/// only as many are held at once as `long` has places, so that memory stays flat.
///
/// # Errors
/// 413, 408, 503, or 400 if the client went away.
pub async fn read(
    headers: &HeaderMap,
    body: Body,
    most: usize,
    within: Duration,
    long: &Semaphore,
) -> Result<Bytes, Problem> {
    let told = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|told| told > most as u64) {
        return Err(too_large(most));
    }
    let read = async {
        let mut whole = BytesMut::new();
        let mut place = None;
        let mut pieces = body.into_data_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|_| {
                Problem::new(
                    StatusCode::BAD_REQUEST,
                    "body_incomplete",
                    "the request's body did not arrive whole",
                )
            })?;
            if whole.len() + piece.len() > most {
                return Err(too_large(most));
            }
            if whole.len() + piece.len() > LONG && place.is_none() {
                place = Some(long.try_acquire().map_err(|_| {
                    let detail = "too many large requests at once; try again";
                    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail).retry_after(5)
                })?);
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    };
    tokio::time::timeout(within, read).await.unwrap_or_else(|_| {
        let detail = format!("the request's body did not arrive within {} s", within.as_secs_f32());
        Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", detail))
    })
}

fn too_large(most: usize) -> Problem {
    let detail = format!("the request's body is larger than {most} bytes");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
}
