//! The query of a list: how many, and after which. Unknown parameters are refused.

use axum::{
    extract::{FromRequestParts, Query as Inner},
    http::{StatusCode, request::Parts},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Problem, State};

/// A query, read and checked.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<State> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Problem> {
        match Inner::<T>::try_from_uri(&parts.uri) {
            Ok(Inner(query)) => Ok(Self(query)),
            Err(rejection) => {
                let detail = rejection.body_text().replace('\u{1f}', ": ");
                Err(Problem::new(StatusCode::BAD_REQUEST, "invalid_query", detail))
            }
        }
    }
}

/// Which part of a list.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// So many at most: 100 if absent, 500 at most.
    pub limit: Option<i64>,
    /// What the page before gave as `next`.
    pub cursor: Option<String>,
}

/// A page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// In the order of the list.
    pub items: Vec<T>,
    /// Give it as `cursor` to get the next page; none on the last.
    pub next: Option<String>,
}

impl Paging {
    /// How many to give.
    #[must_use]
    pub fn limit(&self) -> usize {
        usize::try_from(self.limit.unwrap_or(100).clamp(1, 500)).unwrap_or(100)
    }

    /// Cuts the page out of the whole list; `key` names an item for good.
    pub fn page<T, V>(&self, all: Vec<T>, key: impl Fn(&T) -> String, view: impl FnMut(T) -> V) -> Page<V> {
        let from = match &self.cursor {
            // What stood there may be gone: then the list begins anew.
            Some(cursor) => all.iter().position(|item| key(item) == *cursor).map_or(0, |at| at + 1),
            None => 0,
        };
        let limit = self.limit();
        let next = all.get(from + limit).and_then(|_| all.get(from + limit - 1)).map(key);
        Page { items: all.into_iter().skip(from).take(limit).map(view).collect(), next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other() {
        let all: Vec<i32> = (1..=5).collect();
        let paging =
            |limit, cursor: Option<&str>| Paging { limit: Some(limit), cursor: cursor.map(str::to_owned) };
        let page = |paging: Paging| {
            let page = paging.page(all.clone(), ToString::to_string, |n| n);
            (page.items, page.next)
        };
        assert_eq!(page(paging(2, None)), (vec![1, 2], Some("2".to_owned())));
        assert_eq!(page(paging(2, Some("2"))), (vec![3, 4], Some("4".to_owned())));
        assert_eq!(page(paging(2, Some("4"))), (vec![5], None));
        assert_eq!(page(paging(5, None)), (vec![1, 2, 3, 4, 5], None));
        assert_eq!(page(paging(-1, None)).0, [1]);
    }
}
