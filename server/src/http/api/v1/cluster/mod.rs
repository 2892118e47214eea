//! The engine and the nodes.

mod engine;
mod nodes;

/// The routes of this noun.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<crate::http::State> {
    use utoipa_axum::routes;
    utoipa_axum::router::OpenApiRouter::new().routes(routes!(engine::handler)).routes(routes!(nodes::handler))
}
