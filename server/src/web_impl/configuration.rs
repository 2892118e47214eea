//! Source, build and settings, both ways. Forms carry plain text; every field is checked by its
//! own type, so that a fault names the field.

use skep_web::api;

use super::fields::Fields;
use crate::{
    control::Error,
    domain::{
        app::{App, Build, Follow, Settings, Source},
        fault::{Fault, Wrong},
        git_url::GitUrl,
        id::CredentialId,
        name::{EnvKey, ImageRef, RefName, RelPath, Sha, Slug},
    },
};

/// A configuration whose every field is right by itself.
pub(super) struct Checked {
    pub(super) source: Source,
    pub(super) build: Build,
    pub(super) settings: Settings,
}

/// Checks the parts of a configuration.
pub(super) fn checked(
    fields: &mut Fields,
    source: api::Source,
    build: api::Build,
    settings: &api::Settings,
) -> Option<Checked> {
    let source = to_source(fields, source);
    let build = to_build(fields, build);
    let settings = to_settings(fields, settings);
    Some(Checked { source: source?, build: build?, settings: settings? })
}

/// An app's configuration.
pub(super) fn shown(app: &App) -> Result<api::Configuration, Error> {
    let settings = serde_json::to_value(&app.settings).and_then(serde_json::from_value);
    Ok(api::Configuration {
        source: from_source(&app.source),
        build: from_build(&app.build),
        settings: settings.map_err(Error::internal)?,
        auto_deploy: app.auto_deploy,
    })
}

fn to_source(fields: &mut Fields, source: api::Source) -> Option<Source> {
    match source {
        api::Source::Git { url, follow, credential, watch } => {
            let url = fields.take("source.url", GitUrl::parse_allowing_http(&url));
            let follow = to_follow(fields, follow);
            let credential = to_credential(fields, credential);
            Some(Source::Git { url: url?, follow: follow?, credential: credential?, watch })
        }
        api::Source::Image { image, credential } => {
            let image = fields.take("source.image", ImageRef::parse(&image));
            let credential = to_credential(fields, credential);
            Some(Source::Image { image: image?, credential: credential? })
        }
        api::Source::Compose { text } => Some(Source::Compose { text }),
        api::Source::Upload { digest } => Some(Source::Upload { digest }),
    }
}

fn to_follow(fields: &mut Fields, follow: api::Follow) -> Option<Follow> {
    match follow {
        api::Follow::Branch { branch } => {
            let branch = fields.take("source.follow.branch", RefName::parse(&branch))?;
            Some(Follow::Branch { branch })
        }
        api::Follow::Tags { pattern } => Some(Follow::Tags { pattern }),
        api::Follow::Commit { sha } => {
            let sha = fields.take("source.follow.sha", Sha::parse(&sha))?;
            Some(Follow::Commit { sha })
        }
    }
}

/// `Some(None)`: none was chosen.
fn to_credential(fields: &mut Fields, id: Option<api::CredentialId>) -> Option<Option<CredentialId>> {
    match id {
        None => Some(None),
        Some(id) => {
            let unknown = |_| Wrong::new("there is no such credential; choose another");
            fields.take("source.credential", id.0.parse().map_err(unknown)).map(Some)
        }
    }
}

fn to_build(fields: &mut Fields, build: api::Build) -> Option<Build> {
    match build {
        api::Build::None => Some(Build::None),
        api::Build::Dockerfile { path, context, target, args, secrets, no_cache } => {
            let path = if path.trim().is_empty() { "Dockerfile" } else { path.trim() };
            let path = fields.take("build.path", RelPath::parse(path));
            let context = fields.take("build.context", RelPath::parse(&context));
            let target = match target {
                None => Some(None),
                Some(target) => fields.take("build.target", Slug::parse(&target)).map(Some),
            };
            let named = secrets.iter().enumerate();
            let secrets: Vec<Option<EnvKey>> = named
                .map(|(i, key)| fields.take(&format!("build.secrets[{i}]"), EnvKey::parse(key)))
                .collect();
            let secrets = secrets.into_iter().collect::<Option<Vec<_>>>();
            Some(Build::Dockerfile {
                path: path?,
                context: context?,
                target: target?,
                args,
                secrets: secrets?,
                no_cache,
            })
        }
        api::Build::Static { folder, single_page } => {
            let folder = fields.take("build.folder", RelPath::parse(&folder))?;
            Some(Build::Static { folder, single_page })
        }
        api::Build::Nixpacks { folder } => {
            let folder = fields.take("build.folder", RelPath::parse(&folder))?;
            Some(Build::Nixpacks { folder })
        }
        api::Build::Compose { path, overrides } => {
            let path = if path.trim().is_empty() { "compose.yaml" } else { path.trim() };
            let path = fields.take("build.compose_path", RelPath::parse(path));
            let named = overrides.iter().enumerate();
            let overrides: Vec<Option<RelPath>> = named
                .map(|(i, path)| fields.take(&format!("build.overrides[{i}]"), RelPath::parse(path)))
                .collect();
            let overrides = overrides.into_iter().collect::<Option<Vec<_>>>();
            let build = Build::Compose { path: path?, overrides: overrides? };
            // The form has a path for each kind.
            let shown = |field: &str| field.replace("build.path", "build.compose_path");
            fields.add(build.faults().into_iter().map(|fault| Fault { field: shown(&fault.field), ..fault }));
            Some(build)
        }
    }
}

/// The shapes are those of the public API; what the values may be is checked with the app.
fn to_settings(fields: &mut Fields, settings: &api::Settings) -> Option<Settings> {
    let json = serde_json::to_value(settings).unwrap_or_default();
    let read = serde_path_to_error::deserialize(json);
    match read {
        Ok(settings) => Some(settings),
        Err(error) => {
            let path = match error.path().to_string().as_str() {
                "." => "settings".to_owned(),
                path => format!("settings.{path}"),
            };
            fields.take(&path, Err(Wrong::new(error.inner().to_string())))
        }
    }
}

fn from_source(source: &Source) -> api::Source {
    let credential = |id: &Option<CredentialId>| id.map(|id| api::CredentialId(id.to_string()));
    match source {
        Source::Git { url, follow, credential: id, watch } => api::Source::Git {
            url: url.as_str().to_owned(),
            follow: match follow {
                Follow::Branch { branch } => api::Follow::Branch { branch: branch.to_string() },
                Follow::Tags { pattern } => api::Follow::Tags { pattern: pattern.clone() },
                Follow::Commit { sha } => api::Follow::Commit { sha: sha.to_string() },
            },
            credential: credential(id),
            watch: watch.clone(),
        },
        Source::Image { image, credential: id } => {
            api::Source::Image { image: image.to_string(), credential: credential(id) }
        }
        Source::Compose { text } => api::Source::Compose { text: text.clone() },
        Source::Upload { digest } => api::Source::Upload { digest: digest.clone() },
    }
}

fn from_build(build: &Build) -> api::Build {
    match build {
        Build::None => api::Build::None,
        Build::Dockerfile { path, context, target, args, secrets, no_cache } => api::Build::Dockerfile {
            path: path.to_string(),
            context: context.to_string(),
            target: target.as_ref().map(ToString::to_string),
            args: args.clone(),
            secrets: secrets.iter().map(ToString::to_string).collect(),
            no_cache: *no_cache,
        },
        Build::Static { folder, single_page } => {
            api::Build::Static { folder: folder.to_string(), single_page: *single_page }
        }
        Build::Nixpacks { folder } => api::Build::Nixpacks { folder: folder.to_string() },
        Build::Compose { path, overrides } => api::Build::Compose {
            path: path.to_string(),
            overrides: overrides.iter().map(ToString::to_string).collect(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_named() {
        let mut fields = Fields::default();
        let source = api::Source::Git {
            url: "file:///etc".into(),
            follow: api::Follow::Branch { branch: "--upload-pack=x".into() },
            credential: Some("nonsense".into()),
            watch: Vec::new(),
        };
        let build = api::Build::Dockerfile {
            path: "../Dockerfile".into(),
            context: "/".into(),
            target: Some("A b".into()),
            args: std::collections::BTreeMap::new(),
            secrets: vec!["RIGHT".into(), "wr ong".into()],
            no_cache: false,
        };
        assert!(checked(&mut fields, source, build, &api::Settings::default()).is_none());
        let Err(Error::Invalid(faults)) = fields.checked() else { panic!("no faults") };
        let names: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(
            names,
            [
                "source.url",
                "source.follow.branch",
                "source.credential",
                "build.path",
                "build.context",
                "build.target",
                "build.secrets[1]"
            ]
        );
    }

    #[test]
    fn settings_come_back_as_they_went() {
        let json = serde_json::json!({
            "port": 8080, "replicas": 2, "command": ["a"], "read_only": true, "stop_grace": "30s",
            "health": {"kind": "http", "path": "/up", "interval": "2s"},
            "mounts": [{"kind": "volume", "name": "data", "target": "/data"},
                       {"kind": "file", "target": "/etc/x", "content": "y", "mode": "0400"},
                       {"kind": "tmpfs", "target": "/tmp", "size": "64m"}],
            "publish": [{"target": 53, "published": 5353, "protocol": "udp"}],
            "resources": {"cpus": "0.5", "memory": "256m"}, "labels": {"a": "b"},
            "placement": {"constraints": ["node.labels.disk == ssd"]},
            "drain": "3s",
            "update": {"order": "stop-first", "strategy": {"kind": "canary",
                       "steps": [{"weight": 10, "pause": "5m"}, {"weight": 50}], "max_errors": 3, "max_latency": "1s"}},
            "restart": {"condition": "none"}
        });
        let web: api::Settings = serde_json::from_value(json).unwrap();
        let mut fields = Fields::default();
        let ours = to_settings(&mut fields, &web).unwrap();
        fields.checked().unwrap();
        let back: api::Settings = serde_json::from_value(serde_json::to_value(&ours).unwrap()).unwrap();
        assert_eq!(back, web);
    }
}
