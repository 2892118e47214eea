//! Hints that something changed in the swarm.

use futures::{StreamExt, stream::BoxStream};
use http_body_util::BodyStream;
use hyper::Method;

use super::{
    EngineError,
    client::{DockerEngine, SHORT},
    wire,
};

impl DockerEngine {
    pub(super) async fn follow_changes(&self) -> Result<BoxStream<'static, ()>, EngineError> {
        let filters = serde_json::json!({"scope": ["swarm"]}).to_string();
        let path = format!("{}/events?{}", self.prefix().await?, wire::query(&[("filters", &filters)]));
        let request = wire::request(Method::GET, &path).body(wire::nothing()).map_err(wire::unsendable)?;
        let answer = wire::send(&self.address, request, SHORT).await;
        let answer = wire::success(self.heard(answer).await?, SHORT).await?;
        let (response, connection) = answer.into_parts();
        // The engine sends each event as a piece of its own; what it says does not matter.
        let pieces =
            BodyStream::new(response.into_body()).take_while(|piece| std::future::ready(piece.is_ok()));
        Ok(pieces
            .map(move |_| {
                let _open = &connection;
            })
            .boxed())
    }
}
