//! One bare HTTP/1.1 call to the engine, where the client library has no words for it: version
//! negotiation, task addresses, log details, and the session of a build.
//!
//! Every call has a connection of its own, so dropping the answer ends the call at the engine too.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Either, Full, StreamBody};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Frame, Incoming},
    client::conn::http1,
};
use hyper_util::rt::TokioIo;
use tokio::{io, net};
use tokio_util::task::AbortOnDropHandle;

use super::{EngineError, address::Address, refusal};

/// The pieces of a body that is sent while it is made.
pub(crate) type Pieces = futures::stream::BoxStream<'static, io::Result<Frame<Bytes>>>;
/// What may be sent.
pub(crate) type Body = Either<Full<Bytes>, StreamBody<Pieces>>;

/// An answer that is still coming; its connection ends when it is dropped.
pub(crate) struct Answer {
    /// Status, headers and the body to come.
    pub(crate) response: Response<Incoming>,
    connection: AbortOnDropHandle<()>,
}

impl Answer {
    /// The response, and what keeps its connection open.
    pub(crate) fn into_parts(self) -> (Response<Incoming>, AbortOnDropHandle<()>) {
        (self.response, self.connection)
    }
}

/// A body without a byte.
pub(crate) fn nothing() -> Body {
    Either::Left(Full::new(Bytes::new()))
}

/// Starts a request: `path` begins with `/` and is whole, version and query too.
pub(crate) fn request(method: Method, path: &str) -> hyper::http::request::Builder {
    Request::builder().method(method).uri(path).header("Host", "docker")
}

/// Sends it; any status is an answer. The body comes without a time limit.
///
/// # Errors
/// `Unreachable`: no connection, or no status within `limit`.
pub(crate) async fn send(
    address: &Address,
    request: Request<Body>,
    limit: Duration,
) -> Result<Answer, EngineError> {
    let talk = async {
        match address {
            Address::Unix(path) => talk(net::UnixStream::connect(path).await?, request).await,
            Address::Tcp(host) => talk(net::TcpStream::connect(host).await?, request).await,
        }
    };
    match tokio::time::timeout(limit, talk).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(EngineError::Unreachable(error.to_string())),
        Err(_) => Err(EngineError::Unreachable(format!("no answer within {} s", limit.as_secs()))),
    }
}

async fn talk<S>(stream: S, request: Request<Body>) -> io::Result<Answer>
where
    S: io::AsyncRead + io::AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    let running = tokio::spawn(async move {
        // Its errors reach the sender or the body.
        drop(connection.with_upgrades().await);
    });
    let running = AbortOnDropHandle::new(running);
    let response = sender.send_request(request).await.map_err(io::Error::other)?;
    Ok(Answer { response, connection: running })
}

/// Turns a status that is no success into the engine's error.
///
/// # Errors
/// As [`refusal::of`] reads it.
pub(crate) async fn success(answer: Answer, limit: Duration) -> Result<Answer, EngineError> {
    let status = answer.response.status();
    if status.is_success() || status == StatusCode::SWITCHING_PROTOCOLS {
        return Ok(answer);
    }
    let text = body(answer, limit).await?;
    let message = serde_json::from_slice::<serde_json::Value>(&text)
        .ok()
        .and_then(|json| json.get("message")?.as_str().map(ToOwned::to_owned))
        .unwrap_or_else(|| String::from_utf8_lossy(&text).into_owned());
    Err(refusal::of(status.as_u16(), &message))
}

/// The whole body.
///
/// # Errors
/// `Unreachable`: it did not come whole within `limit`.
pub(crate) async fn body(answer: Answer, limit: Duration) -> Result<Bytes, EngineError> {
    let (response, _connection) = answer.into_parts();
    match tokio::time::timeout(limit, response.into_body().collect()).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) => Err(EngineError::Unreachable(error.to_string())),
        Err(_) => Err(EngineError::Unreachable(format!("half an answer after {} s", limit.as_secs()))),
    }
}

/// `GET path` as JSON.
///
/// # Errors
/// `Unreachable`, the engine's own, or `Refused` if it cannot be read.
pub(crate) async fn get_json<T: serde::de::DeserializeOwned>(
    address: &Address,
    path: &str,
    limit: Duration,
) -> Result<T, EngineError> {
    let request = request(Method::GET, path).body(nothing()).map_err(unsendable)?;
    let answer = success(send(address, request, limit).await?, limit).await?;
    let text = body(answer, limit).await?;
    serde_json::from_slice(&text)
        .map_err(|error| EngineError::Refused(format!("an answer that cannot be read: {error}")))
}

/// The request itself was none: a name with a character that no URL has.
pub(crate) fn unsendable(error: hyper::http::Error) -> EngineError {
    EngineError::Refused(format!("a call that cannot be sent: {error}"))
}

/// `key=value&…`, percent-encoded.
pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
