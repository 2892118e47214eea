//! The engine and the nodes.

mod edges;
mod engine;
mod nodes;
mod release;
mod reserve;

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new()
        .routes(routes!(engine::handler))
        .routes(routes!(nodes::handler))
        .routes(routes!(reserve::handler))
        .routes(routes!(release::handler))
        .routes(routes!(edges::handler))
}
