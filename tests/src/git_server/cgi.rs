//! Git's `http-backend` as a CGI program (RFC 3875): the request goes in, the answer comes out,
//! both as streams.

use std::{io, process::Stdio};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use futures::StreamExt as _;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::Command,
};
use tokio_util::io::ReaderStream;

use super::Settings;

/// Answers one request of the git protocol.
pub(super) async fn run(settings: &Settings, request: Request) -> io::Result<Response> {
    let (parts, body) = request.into_parts();
    let told = |name: HeaderName| text(&parts.headers, &name).to_owned();
    let mut command = Command::new("git");
    command
        .arg("http-backend")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GIT_PROJECT_ROOT", &settings.root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("REQUEST_METHOD", parts.method.as_str())
        .env("PATH_INFO", parts.uri.path())
        .env("QUERY_STRING", parts.uri.query().unwrap_or_default())
        .env("CONTENT_TYPE", told(header::CONTENT_TYPE))
        .env("HTTP_CONTENT_ENCODING", told(header::CONTENT_ENCODING))
        .env("REMOTE_ADDR", "127.0.0.1")
        .env("REMOTE_USER", settings.login.as_ref().map_or("anyone", |(user, _)| user)) // may push
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true);
    if let Some(length) = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()) {
        command.env("CONTENT_LENGTH", length);
    }
    let protocol = text(&parts.headers, &HeaderName::from_static("git-protocol"));
    if !settings.oldest_protocol && !protocol.is_empty() {
        command.env("GIT_PROTOCOL", protocol);
    }
    let mut child = command.spawn()?;
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::Error::other("no pipes"));
    };
    tokio::spawn(async move {
        let mut body = body.into_data_stream();
        while let Some(Ok(chunk)) = body.next().await {
            if stdin.write_all(&chunk).await.is_err() {
                break;
            }
        }
    });
    let mut output = BufReader::new(stdout);
    let mut response = Response::builder();
    let mut status = StatusCode::OK;
    let mut line = String::new();
    while output.read_line(&mut line).await? > 2 {
        if let Some((name, value)) = line.trim_end().split_once(':') {
            let value = value.trim();
            if name.eq_ignore_ascii_case("status") {
                let code = value.split(' ').next().and_then(|code| code.parse::<u16>().ok());
                status = code.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(status);
            } else if let Ok(value) = HeaderValue::from_str(value) {
                response = response.header(name, value);
            }
        }
        line.clear();
    }
    // The child lives as long as its output is read.
    let stream = ReaderStream::new(output).map(move |chunk| {
        let _alive = &child;
        chunk
    });
    response.status(status).body(Body::from_stream(stream)).map_err(io::Error::other)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
