//! [`Builder`] by the engine's BuildKit: `POST /build?version=2` with a session beside it.
//!
//! The client library would open a session of its own without secrets, so the two calls are made
//! here. Each has its own connection: when the build is dropped they close, and the engine stops.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bollard::moby::buildkit::v1::StatusResponse;
use bytes::BytesMut;
use futures::StreamExt;
use http_body_util::{BodyExt, Either, StreamBody};
use hyper::Method;
use prost::Message;
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{BuildError, Builder, LogSink, Recipe, context::Context, session, trace::Trace};
use crate::{
    domain::clock::Clock,
    swarm::{DockerEngine, EngineError, wire},
};

/// How long the engine may take over a cancel.
const CANCEL: Duration = Duration::from_secs(5);
/// How long clearing away may take.
const PRUNE: Duration = Duration::from_secs(300);
/// A message of the build's stream is never longer.
const LONGEST: usize = 16 << 20;
/// With less the engine cannot start a step's first process.
const LEAST_MEMORY: i64 = 256 << 20;
/// The first API version whose builds take limits for processes: Docker 23.
const PROCESS_LIMITS: &str = "/v1.42";

/// Builds by the engine itself.
pub struct DockerBuilder {
    engine: Arc<DockerEngine>,
    clock: Arc<dyn Clock>,
    places: Semaphore,
}

impl DockerBuilder {
    /// A builder on this engine, of so many builds at once; the clock gives random names to builds.
    #[must_use]
    pub fn new(engine: Arc<DockerEngine>, clock: Arc<dyn Clock>, at_once: usize) -> Self {
        Self { engine, clock, places: Semaphore::new(at_once.max(1)) }
    }
}

impl std::fmt::Debug for DockerBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DockerBuilder").field("engine", &self.engine).finish_non_exhaustive()
    }
}

#[async_trait]
impl Builder for DockerBuilder {
    async fn build(
        &self,
        recipe: &Recipe,
        log: &dyn LogSink,
        cancel: &CancellationToken,
    ) -> Result<String, BuildError> {
        if self.places.available_permits() == 0 {
            log.line("Other builds run on this node: waiting for them.");
        }
        // Waiting does not count: the build's time begins with the build.
        let _place = tokio::select! {
            place = self.places.acquire() => place.map_err(|e| BuildError::Unavailable(e.to_string()))?,
            () = cancel.cancelled() => return Err(BuildError::Cancelled),
        };
        let id = self.clock.uuid().simple().to_string();
        let result = tokio::select! {
            result = self.run(&id, recipe, log) => return result,
            () = cancel.cancelled() => BuildError::Cancelled,
            () = tokio::time::sleep(recipe.limits.time) => BuildError::Timeout(recipe.limits.time),
        };
        self.stop(&id).await;
        Err(result)
    }

    async fn prune(&self, keep: u64) -> Result<u64, BuildError> {
        #[derive(Deserialize)]
        struct Pruned {
            #[serde(rename = "SpaceReclaimed", default)]
            bytes: u64,
        }
        let prefix = self.engine.prefix().await?;
        // The old name of the bound is known to every version; new ones read it as before.
        let bound = keep.to_string();
        let path = format!("{prefix}/build/prune?{}", wire::query(&[("all", "1"), ("keep-storage", &bound)]));
        let request = wire::request(Method::POST, &path).body(wire::nothing()).map_err(wire::unsendable)?;
        let answer = wire::send(self.engine.address(), request, PRUNE).await?;
        let body = wire::body(wire::success(answer, PRUNE).await?, PRUNE).await?;
        let pruned: Pruned =
            serde_json::from_slice(&body).map_err(|e| BuildError::Unavailable(e.to_string()))?;
        Ok(pruned.bytes)
    }
}

impl DockerBuilder {
    async fn run(&self, id: &str, recipe: &Recipe, log: &dyn LogSink) -> Result<String, BuildError> {
        let (folder, ignore, mut files, limit) =
            (recipe.context.clone(), recipe.ignore.clone(), recipe.files.clone(), recipe.limits.context);
        files.insert(recipe.path.clone(), recipe.dockerfile.clone().into_bytes());
        let below = recipe.below;
        let collect = move || Context::collect(&folder, &ignore, files, limit).map(|all| all.below(below));
        let context = tokio::task::spawn_blocking(collect)
            .await
            .map_err(|error| BuildError::Unavailable(error.to_string()))??;

        let prefix = self.engine.prefix().await?;
        tell_unheld(recipe, &prefix, log);
        let _session =
            session::open(&self.engine, id, recipe.secrets.clone(), recipe.registries.clone()).await?;
        let request = wire::request(Method::POST, &format!("{prefix}/build?{}", query(id, recipe)))
            .header("Content-Type", "application/x-tar")
            .body(Either::Right(StreamBody::new(context.stream().boxed())))
            .map_err(wire::unsendable)?;
        // The engine answers after it has read the context.
        let answer = wire::send(self.engine.address(), request, recipe.limits.time).await?;
        let answer = wire::success(answer, CANCEL).await?;
        let (response, _connection) = answer.into_parts();
        read(response.into_body(), log).await
    }

    /// Tells the engine too, in case something between us keeps the connection open.
    async fn stop(&self, id: &str) {
        let Ok(prefix) = self.engine.prefix().await else { return };
        let path = format!("{prefix}/build/cancel?{}", wire::query(&[("id", id)]));
        if let Ok(request) = wire::request(Method::POST, &path).body(wire::nothing()) {
            drop(wire::send(self.engine.address(), request, CANCEL).await);
        }
    }
}

fn query(id: &str, recipe: &Recipe) -> String {
    let json = |map: &std::collections::BTreeMap<String, String>| serde_json::json!(map).to_string();
    let mut labels = recipe.own_labels.clone();
    labels.extend(recipe.labels.clone());
    let (args, labels) = (json(&recipe.args), json(&labels));
    let mut pairs = vec![
        ("version", "2"),
        ("session", id),
        ("buildid", id),
        ("dockerfile", recipe.path.as_str()),
        ("t", recipe.tag.as_str()),
        ("rm", "1"),
        ("buildargs", args.as_str()),
        ("labels", labels.as_str()),
        ("nocache", if recipe.no_cache { "1" } else { "0" }),
    ];
    if let Some(target) = &recipe.target {
        pairs.push(("target", target));
    }
    if recipe.offline {
        pairs.push(("networkmode", "none"));
    }
    if recipe.pull {
        pairs.push(("pull", "1"));
    }
    pairs.extend(recipe.hosts.iter().map(|host| ("extrahosts", host.as_str())));
    let ulimits = recipe
        .limits
        .memory
        .map(|bytes| bytes.max(LEAST_MEMORY))
        .map(|bytes| serde_json::json!([{"Name": "data", "Soft": bytes, "Hard": bytes}]).to_string());
    if let Some(ulimits) = &ulimits {
        pairs.push(("ulimits", ulimits));
    }
    wire::query(&pairs)
}

/// Says which bounds the engine will not hold.
fn tell_unheld(recipe: &Recipe, prefix: &str, log: &dyn LogSink) {
    // `/v1.41` and `/v1.42` have the same length, and nothing older is spoken.
    let memory =
        recipe.limits.memory.is_some() && prefix.len() == PROCESS_LIMITS.len() && prefix < PROCESS_LIMITS;
    let unheld: Vec<&str> = [(memory, "memory"), (recipe.limits.nano_cpus.is_some(), "CPU")]
        .into_iter()
        .filter_map(|(unheld, name)| unheld.then_some(name))
        .collect();
    if !unheld.is_empty() {
        log.line(&format!(
            "This engine's builder holds no {} limit; the build runs without.",
            unheld.join(" and no ")
        ));
    }
}

/// One message of the build's stream.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Note {
    id: String,
    aux: serde_json::Value,
    stream: String,
    error: Option<String>,
}

async fn read(mut body: hyper::body::Incoming, log: &dyn LogSink) -> Result<String, BuildError> {
    let mut buffer = BytesMut::new();
    let mut trace = Trace::default();
    let mut image = None;
    let mut starved = false;
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|error| BuildError::Unavailable(format!("the build broke off: {error}")))?;
        let Some(data) = frame.data_ref() else { continue };
        buffer.extend_from_slice(data);
        if buffer.len() > LONGEST {
            return Err(BuildError::Unavailable("a message of the build is too long".to_owned()));
        }
        while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            let line = buffer.split_to(end + 1);
            let Ok(note) = serde_json::from_slice::<Note>(&line) else { continue };
            if let Some(error) = note.error {
                return Err(failed(&error, starved));
            }
            match note.id.as_str() {
                "moby.buildkit.trace" => {
                    let bytes = note.aux.as_str().and_then(|text| STANDARD.decode(text).ok());
                    if let Some(piece) = bytes.and_then(|bytes| StatusResponse::decode(bytes.as_slice()).ok())
                    {
                        for line in trace.lines(piece) {
                            starved |= lacks_memory(&line);
                            log.line(&line);
                        }
                    }
                }
                "moby.image.id" => {
                    image = note.aux.get("ID").and_then(|id| id.as_str()).map(ToOwned::to_owned);
                }
                _ => {
                    note.stream.lines().filter(|line| !line.trim().is_empty()).for_each(|line| log.line(line))
                }
            }
        }
    }
    image.ok_or_else(|| {
        BuildError::Unavailable("the build ended without an image and without an error".to_owned())
    })
}

/// The words of the C library, and of programs that have their own, for a refused allocation.
fn lacks_memory(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    line.contains("cannot allocate memory") || line.contains("out of memory")
}

/// What a failed build means. The log has the step and its output.
fn failed(message: &str, starved: bool) -> BuildError {
    let lower = message.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["graceful_stop", "server shutting down", "no active session", "transport is closing"]) {
        return BuildError::Unavailable(message.to_owned());
    }
    // The registry of a base image is away: its name is in the message.
    let away = [
        "connection refused",
        "connection reset",
        "i/o timeout",
        "tls handshake timeout",
        "bad gateway",
        "service unavailable",
    ];
    if lower.contains("failed to do request") && has(&away) {
        return BuildError::Unavailable(message.trim().to_owned());
    }
    let (code, advice) = if starved || has(&["exit code: 137", "out of memory", "signal: killed"]) {
        ("build_oom", "; a step ended, most likely for want of memory: give the build more")
    } else if has(&[
        "pull access denied",
        "failed to resolve source metadata",
        "failed to do request",
        "load metadata for",
        "manifest unknown",
        "failed to authorize",
        "401 unauthorized",
        "403 forbidden",
        "no basic auth credentials",
    ]) {
        ("base_image_unavailable", "; check the image's name, its registry and the credentials for it")
    } else if has(&["dockerfile parse error", "unknown instruction", "target stage"]) {
        ("dockerfile_invalid", "")
    } else {
        ("build_failed", "")
    };
    BuildError::Failed { code, message: format!("{}{advice}", message.trim()) }
}

impl From<EngineError> for BuildError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Refused(message) | EngineError::NotFound(message) => failed(&message, false),
            other => Self::Unavailable(other.to_string()),
        }
    }
}
