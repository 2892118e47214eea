//! The session of a build: BuildKit asks us over it for secrets and for the credentials of
//! registries, and for nothing else.
//!
//! `POST /session` turns the connection around: the engine becomes the client of a gRPC server
//! that runs here (BuildKit's `session` package; `moby.buildkit.secrets.v1`, `moby.filesync.v1.Auth`).

use std::collections::BTreeMap;

use bollard::{
    health::{
        HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse,
        health_check_response::ServingStatus,
        health_server::{Health, HealthServer},
    },
    moby::{
        buildkit::secrets::v1::{
            GetSecretRequest, GetSecretResponse,
            secrets_server::{Secrets, SecretsServer},
        },
        filesync::v1::{
            CredentialsRequest, CredentialsResponse, FetchTokenRequest, FetchTokenResponse,
            GetTokenAuthorityRequest, GetTokenAuthorityResponse, VerifyTokenAuthorityRequest,
            VerifyTokenAuthorityResponse,
            auth_server::{Auth, AuthServer},
        },
    },
};
use futures::{StreamExt, stream::BoxStream};
use hyper::Method;
use hyper_util::rt::TokioIo;
use tokio_util::task::AbortOnDropHandle;
use tonic::{Request, Response, Status};

use crate::{
    domain::secret::Secret,
    swarm::{DockerEngine, EngineError, RegistryAuth, wire},
};

/// The methods that the engine may call.
const METHODS: [&str; 3] = [
    "/moby.buildkit.secrets.v1.Secrets/GetSecret",
    "/moby.filesync.v1.Auth/Credentials",
    "/grpc.health.v1.Health/Check",
];
/// How long the engine may take to accept the session.
const LIMIT: std::time::Duration = std::time::Duration::from_secs(10);

/// An open session; it ends when it is dropped.
pub(super) struct Session {
    _tasks: [AbortOnDropHandle<()>; 3],
}

/// Opens a session under this id.
///
/// # Errors
/// The engine's.
pub(super) async fn open(
    engine: &DockerEngine,
    id: &str,
    secrets: BTreeMap<String, Secret>,
    registries: Vec<RegistryAuth>,
) -> Result<Session, EngineError> {
    let mut request = wire::request(Method::POST, &format!("{}/session", engine.prefix().await?))
        .header("Connection", "Upgrade")
        .header("Upgrade", "h2c")
        .header("X-Docker-Expose-Session-Uuid", id)
        .header("X-Docker-Expose-Session-Name", "skep");
    for method in METHODS {
        request = request.header("X-Docker-Expose-Session-Grpc-Method", method);
    }
    let request = request.body(wire::nothing()).map_err(wire::unsendable)?;
    let answer = wire::success(wire::send(engine.address(), request, LIMIT).await?, LIMIT).await?;
    let (response, connection) = answer.into_parts();
    let upgraded = hyper::upgrade::on(response)
        .await
        .map_err(|error| EngineError::Unreachable(format!("the build session did not open: {error}")))?;

    let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
    let copy = tokio::spawn(async move {
        drop(tokio::io::copy_bidirectional(&mut TokioIo::new(upgraded), &mut theirs).await);
    });
    let serve = tokio::spawn(async move {
        let incoming =
            futures::stream::iter([Ok::<_, std::io::Error>(ours)]).chain(futures::stream::pending());
        let server = tonic::transport::Server::builder()
            .add_service(HealthServer::new(Alive))
            .add_service(SecretsServer::new(Store(secrets)))
            .add_service(AuthServer::new(Registries(registries)));
        drop(server.serve_with_incoming(incoming).await);
    });
    let tasks = [connection, AbortOnDropHandle::new(copy), AbortOnDropHandle::new(serve)];
    Ok(Session { _tasks: tasks })
}

/// The secrets of one build.
struct Store(BTreeMap<String, Secret>);

#[async_trait::async_trait]
impl Secrets for Store {
    async fn get_secret(
        &self,
        request: Request<GetSecretRequest>,
    ) -> Result<Response<GetSecretResponse>, Status> {
        match self.0.get(&request.get_ref().id) {
            Some(secret) => {
                Ok(Response::new(GetSecretResponse { data: secret.expose().as_bytes().to_vec() }))
            }
            None => Err(Status::not_found("no such secret: add it to the build settings")),
        }
    }
}

/// The credentials of one build.
struct Registries(Vec<RegistryAuth>);

#[async_trait::async_trait]
impl Auth for Registries {
    /// An empty answer means that nobody signs in.
    async fn credentials(
        &self,
        request: Request<CredentialsRequest>,
    ) -> Result<Response<CredentialsResponse>, Status> {
        let asked = &request.get_ref().host;
        let found = self.0.iter().find(|key| same_registry(&key.host, asked));
        Ok(Response::new(found.map_or_else(CredentialsResponse::default, |key| CredentialsResponse {
            username: key.username.clone(),
            secret: key.password.expose().to_owned(),
        })))
    }
    async fn fetch_token(
        &self,
        _: Request<FetchTokenRequest>,
    ) -> Result<Response<FetchTokenResponse>, Status> {
        Err(Status::unimplemented("the builder fetches tokens itself"))
    }
    async fn get_token_authority(
        &self,
        _: Request<GetTokenAuthorityRequest>,
    ) -> Result<Response<GetTokenAuthorityResponse>, Status> {
        Err(Status::unimplemented("the builder fetches tokens itself"))
    }
    async fn verify_token_authority(
        &self,
        _: Request<VerifyTokenAuthorityRequest>,
    ) -> Result<Response<VerifyTokenAuthorityResponse>, Status> {
        Err(Status::unimplemented("the builder fetches tokens itself"))
    }
}

/// Docker Hub has many names, every other registry has one.
fn same_registry(ours: &str, asked: &str) -> bool {
    let hub = |host: &str| host == "docker.io" || host.ends_with(".docker.io") || host == "hub.docker.com";
    ours.eq_ignore_ascii_case(asked) || (hub(ours) && hub(asked))
}

/// The engine asks now and then whether we are there.
struct Alive;

fn serving() -> HealthCheckResponse {
    HealthCheckResponse { status: ServingStatus::Serving.into() }
}

#[async_trait::async_trait]
impl Health for Alive {
    type WatchStream = BoxStream<'static, Result<HealthCheckResponse, Status>>;

    async fn check(&self, _: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        Ok(Response::new(serving()))
    }
    async fn watch(&self, _: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented("ask again instead"))
    }
    async fn list(&self, _: Request<HealthListRequest>) -> Result<Response<HealthListResponse>, Status> {
        Ok(Response::new(HealthListResponse::default()))
    }
}
