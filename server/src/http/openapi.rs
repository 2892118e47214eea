//! `/api/openapi.json` and `/api`: the API told for programs and for people, from the handlers'
//! own documentation. Rendered when it is first asked for, and kept.

use std::{fmt::Write as _, sync::OnceLock};

use axum::{
    extract::State as Extract,
    http::header,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use utoipa::openapi::{
    Components, OpenApi, RefOr, Response as Told,
    content::ContentBuilder,
    extensions::ExtensionsBuilder,
    info::InfoBuilder,
    schema::Ref,
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};
use utoipa::{PartialSchema as _, ToSchema as _};

use super::{State, answer::AsItIs, api::v1, headers::page_policy, privileges, problem::ProblemDetails};
use crate::domain::fault::Fault;

static DOCUMENT: OnceLock<Bytes> = OnceLock::new();
static PAGE: OnceLock<String> = OnceLock::new();
/// Stands for the nonce of one answer in the page that is kept.
const NONCE: &str = "@NONCE@";

/// The whole document, as JSON.
#[must_use]
pub fn document() -> serde_json::Value {
    serde_json::to_value(collect()).unwrap_or_default()
}

fn collect() -> OpenApi {
    let (_, mut api) = v1::routes().split_for_parts();
    api.info = InfoBuilder::new()
        .title("Skep")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Everything that the dashboard and the command line can do. Errors are problem details (RFC 9457) with a \
             stable `code`. Lists are paged: give `next` as `cursor`. A 202 carries the deployment that was queued.",
        ))
        .build();
    let mut paths = utoipa::openapi::Paths::new();
    for (path, item) in std::mem::take(&mut api.paths.paths) {
        paths.paths.insert(format!("/api/v1{path}"), item);
    }
    api.paths = paths;
    let components = api.components.get_or_insert_with(Components::new);
    components.schemas.insert(ProblemDetails::name().into_owned(), ProblemDetails::schema());
    components.schemas.insert(Fault::name().into_owned(), Fault::schema());
    let bearer =
        HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API token: `skep_…`")).build();
    components.security_schemes.insert("token".to_owned(), SecurityScheme::Http(bearer));
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("__Host-skep")));
    components.security_schemes.insert("session".to_owned(), cookie);
    let none: [&str; 0] = [];
    api.security =
        Some(vec![SecurityRequirement::new("token", none), SecurityRequirement::new("session", none)]);
    let problem = || {
        let schema = RefOr::Ref(Ref::from_schema_name(ProblemDetails::name()));
        let mut told = Told::new("What is wrong, and what to do.");
        told.content.insert(
            "application/problem+json".to_owned(),
            ContentBuilder::new().schema(Some(schema)).build(),
        );
        RefOr::T(told)
    };
    for item in api.paths.paths.values_mut() {
        let all = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in all.into_iter().flatten() {
            operation.responses.responses.insert("default".to_owned(), problem());
            let need = operation.operation_id.as_deref().and_then(privileges::need);
            if let Some(need) = need {
                let told = ExtensionsBuilder::new().add("x-needs", need.words()).build();
                operation.extensions.get_or_insert_default().merge(told);
            }
        }
    }
    api
}

/// `GET /api/openapi.json`
pub async fn json(Extract(_): Extract<State>) -> Response {
    let bytes = DOCUMENT.get_or_init(|| document().to_string().into()).clone();
    ([(header::CONTENT_TYPE, "application/json")], bytes).into_response()
}

/// `GET /api`: the same, to be read.
pub async fn page(Extract(state): Extract<State>) -> Response {
    let page = PAGE.get_or_init(|| draw(&document()));
    let nonce = state.parts.clock.token();
    let policy = page_policy(&nonce).replace("style-src 'self'", &format!("style-src 'nonce-{nonce}'"));
    let heads = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    let mut response = (heads, page.replace(NONCE, &nonce)).into_response();
    response.extensions_mut().insert(AsItIs);
    response
}

fn draw(document: &serde_json::Value) -> String {
    let mut page = format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content='width=device-width'>\
         <title>Skep API</title><style nonce=\"{NONCE}\">{STYLE}</style></head><body><main><h1>Skep API</h1><p>{}</p>\
         <p>For programs: <a href=\"/api/openapi.json\">openapi.json</a>. Sign in with <code>Authorization: Bearer skep_…</code>.</p>",
        escape(document["info"]["description"].as_str().unwrap_or_default())
    );
    let mut tag = String::new();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            operations.push((
                operation["tags"][0].as_str().unwrap_or("other").to_owned(),
                path,
                method,
                operation,
            ));
        }
    }
    operations.sort_by(|a, b| (&a.0, a.1, a.2).cmp(&(&b.0, b.1, b.2)));
    for (of, path, method, operation) in operations {
        if of != tag {
            let _ = write!(page, "<h2>{}</h2>", escape(&of));
            tag = of;
        }
        let said = operation["summary"].as_str().unwrap_or_default();
        let more = operation["description"].as_str().unwrap_or_default();
        let _ = write!(
            page,
            "<details id=\"{}\"><summary><b>{}</b> <code>{}</code> <span>{}</span></summary><p>{}</p><p>Needs {}.</p>",
            escape(operation["operationId"].as_str().unwrap_or_default()),
            escape(&method.to_uppercase()),
            escape(path),
            escape(said),
            escape(more),
            escape(operation["x-needs"].as_str().unwrap_or("nothing"))
        );
        shape(&mut page, "Parameters", &operation["parameters"]);
        shape(
            &mut page,
            "Body",
            &resolve(document, &operation["requestBody"]["content"]["application/json"]["schema"], 0),
        );
        for (status, response) in operation["responses"].as_object().into_iter().flatten() {
            if status != "default" {
                let schema = &response["content"]["application/json"]["schema"];
                shape(&mut page, &format!("Answer {status}"), &resolve(document, schema, 0));
            }
        }
        page.push_str("</details>");
    }
    page.push_str("</main></body></html>");
    page
}

fn shape(page: &mut String, title: &str, value: &serde_json::Value) {
    if !value.is_null() {
        let text = serde_json::to_string_pretty(value).unwrap_or_default();
        let _ = write!(page, "<h3>{}</h3><pre>{}</pre>", escape(title), escape(&text));
    }
}

/// A schema with its references put in, as far as they help to read it.
fn resolve(document: &serde_json::Value, schema: &serde_json::Value, depth: usize) -> serde_json::Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        if depth > 5 {
            return serde_json::Value::String(name.to_owned());
        }
        return resolve(document, &document["components"]["schemas"][name], depth + 1);
    }
    match schema {
        serde_json::Value::Object(map) => {
            map.iter().map(|(key, value)| (key.clone(), resolve(document, value, depth))).collect()
        }
        serde_json::Value::Array(list) => list.iter().map(|value| resolve(document, value, depth)).collect(),
        other => other.clone(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:0;color-scheme:light dark}\
main{max-width:60rem;margin:auto;padding:1rem}details{border-top:1px solid #8884;padding:.4rem 0}\
summary{cursor:pointer}summary b{display:inline-block;min-width:4.5rem}summary span{opacity:.75}\
pre{overflow:auto;background:#8881;padding:.6rem;border-radius:6px;font-size:.85rem}h3{font-size:1rem;margin:.5rem 0 0}";
