//! Ids in paths. What is no id names nothing: 404, as for an id that is not there.

use std::str::FromStr;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};

use super::{Problem, State};

/// The only id of a path.
#[derive(Debug, Clone, Copy)]
pub struct Id<T>(pub T);

/// The two ids of a path, in their order.
#[derive(Debug, Clone, Copy)]
pub struct Ids<A, B>(pub A, pub B);

impl<T: FromStr> FromRequestParts<State> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let all = all(parts, state).await?;
        Ok(Self(nth(&all, 0)?))
    }
}

impl<A: FromStr, B: FromStr> FromRequestParts<State> for Ids<A, B> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let all = all(parts, state).await?;
        Ok(Self(nth(&all, 0)?, nth(&all, 1)?))
    }
}

async fn all(parts: &mut Parts, state: &State) -> Result<Vec<String>, Problem> {
    let params =
        RawPathParams::from_request_parts(parts, state).await.map_err(|_| Problem::not_found("thing"))?;
    Ok(params.iter().map(|(_, value)| value.to_owned()).collect())
}

fn nth<T: FromStr>(all: &[String], index: usize) -> Result<T, Problem> {
    all.get(index).and_then(|text| text.parse().ok()).ok_or_else(|| Problem::not_found("thing"))
}
