//! How people name things: `project/environment/app`, or the app alone where only one has that name.

use std::str::FromStr;

use serde_json::Value;

use super::{api::Api, fault::Failure, show::cell};

/// An app as a person names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct AppName(String);

impl std::fmt::Display for EnvironmentName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.project, self.environment)
    }
}

impl std::fmt::Display for AppName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A deployment as a person names it: its id, an app's newest one (`web`), or one of an app's by its
/// number (`web:7`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum DeploymentName {
    Id(uuid::Uuid),
    Of(AppName, Option<u64>),
}

/// An environment with its project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct EnvironmentName {
    pub(super) project: String,
    pub(super) environment: String,
}

/// An app with its whole place, as it is needed to make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct AppPath {
    pub(super) place: EnvironmentName,
    pub(super) app: String,
}

/// The names between the slashes. The server knows the whole rule; what could become another
/// address stops here.
fn parts(text: &str) -> Option<Vec<&str>> {
    let name = |part: &&str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let parts: Vec<&str> = text.split('/').collect();
    parts.iter().all(name).then_some(parts)
}

impl FromStr for AppName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match parts(text).as_deref() {
            Some([_] | [_, _, _]) => Ok(Self(text.to_owned())),
            _ => Err("name it as `project/environment/app`, or by its own name where only one has it"),
        }
    }
}

impl FromStr for DeploymentName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        let wrong = "name it by its id, as `app` for the newest of an app, or as `app:7`";
        let (app, number) = match text.split_once(':') {
            Some((app, number)) => (app, Some(number.parse().map_err(|_| wrong)?)),
            None => (text, None),
        };
        Ok(Self::Of(app.parse().map_err(|_| wrong)?, number))
    }
}

impl FromStr for EnvironmentName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match parts(text).as_deref() {
            Some([project, environment]) => {
                Ok(Self { project: (*project).to_owned(), environment: (*environment).to_owned() })
            }
            _ => Err("name it as `project/environment`"),
        }
    }
}

impl FromStr for AppPath {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match parts(text).as_deref() {
            Some([project, environment, app]) => Ok(Self {
                place: EnvironmentName {
                    project: (*project).to_owned(),
                    environment: (*environment).to_owned(),
                },
                app: (*app).to_owned(),
            }),
            _ => Err("name it as `project/environment/app`"),
        }
    }
}

impl AppName {
    /// The app, as the API gives it.
    pub(super) async fn find(&self, api: &Api) -> Result<Value, Failure> {
        self.pick(api.list("/apps").await?)
    }

    /// The app's address in the API: `/apps/<id>`.
    pub(super) async fn address(&self, api: &Api) -> Result<String, Failure> {
        Ok(format!("/apps/{}", cell(&self.find(api).await?, "id")))
    }

    fn pick(&self, apps: Vec<Value>) -> Result<Value, Failure> {
        let key = if self.0.contains('/') { "path" } else { "name" };
        let mut found: Vec<Value> = apps.into_iter().filter(|app| cell(app, key) == self.0).collect();
        let paths: Vec<String> = found.iter().map(|app| cell(app, "path")).collect();
        match (found.pop(), found.is_empty()) {
            (Some(app), true) => Ok(app),
            (Some(_), false) => Err(Failure::Usage(format!(
                "`{}` is the name of several apps; say which: {}",
                self.0,
                paths.join(", ")
            ))),
            (None, _) => Err(Failure::NotDone(format!(
                "there is no app `{}`; `skep apps list` tells which there are",
                self.0
            ))),
        }
    }
}

impl DeploymentName {
    /// Its id.
    pub(super) async fn id(&self, api: &Api) -> Result<String, Failure> {
        let (app, number) = match self {
            Self::Id(id) => return Ok(id.to_string()),
            Self::Of(app, number) => (app, number),
        };
        let address = app.address(api).await?;
        // Newest first.
        let all = match number {
            None => api.get(&format!("{address}/deployments?limit=1")).await?["items"].take(),
            Some(_) => Value::Array(api.list(&format!("{address}/deployments")).await?),
        };
        let mut all = all.as_array().into_iter().flatten();
        let found = all.find(|one| number.is_none_or(|number| cell(one, "number") == number.to_string()));
        found.map(|one| cell(one, "id")).ok_or_else(|| {
            let which = number.map_or("deployment yet".to_owned(), |number| format!("deployment {number}"));
            Failure::NotDone(format!(
                "{app} has no {which}; `skep deployments list {app}` tells which there are"
            ))
        })
    }
}

/// The project of that name, as the API gives it.
pub(super) async fn project(api: &Api, name: &str) -> Result<Value, Failure> {
    let all = api.list("/projects").await?;
    all.into_iter().find(|project| cell(project, "name") == name).ok_or_else(|| {
        Failure::NotDone(format!("there is no project `{name}`; `skep projects list` tells which there are"))
    })
}

impl EnvironmentName {
    /// Its id.
    pub(super) async fn id(&self, api: &Api) -> Result<String, Failure> {
        let project = project(api, &self.project).await?;
        let all = project.get("environments").and_then(Value::as_array).cloned().unwrap_or_default();
        let found = all.iter().find(|environment| cell(environment, "name") == self.environment);
        found.map(|environment| cell(environment, "id")).ok_or_else(|| {
            Failure::NotDone(format!(
                "project `{}` has no environment `{}`; `skep environments list` tells which there are",
                self.project, self.environment
            ))
        })
    }
}

/// The part of a query that names one service: `service=web`.
pub(super) fn only(service: &str) -> String {
    let safe: String = url::form_urlencoded::byte_serialize(service.as_bytes()).collect();
    format!("service={safe}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_of_apps() {
        for right in ["web", "shop/production/web", "a-1"] {
            assert!(right.parse::<AppName>().is_ok(), "{right}");
        }
        for wrong in ["", "/", "shop/web", "a/b/c/d", "shop//web", "../x", "a?b", "Web", "a b", "a%2f"] {
            assert!(wrong.parse::<AppName>().is_err(), "{wrong}");
        }
        let app: AppName = "web".parse().expect("a name");
        assert_eq!("web".parse(), Ok(DeploymentName::Of(app.clone(), None)));
        assert_eq!("web:7".parse(), Ok(DeploymentName::Of(app, Some(7))));
        assert!(matches!(uuid::Uuid::nil().to_string().parse(), Ok(DeploymentName::Id(_))));
        assert!(["web:", "web:x", ":7", "web:7:8"].iter().all(|w| w.parse::<DeploymentName>().is_err()));
        assert!("shop/web".parse::<EnvironmentName>().is_ok());
        assert!("shop".parse::<EnvironmentName>().is_err());
        assert!("web".parse::<AppPath>().is_err());
        assert_eq!("a/b/c".parse::<AppPath>().map(|path| path.app), Ok("c".into()));
    }

    #[test]
    fn a_name_of_several_apps_is_not_guessed() {
        let app = |path: &str, name: &str| json!({"path": path, "name": name});
        let apps = || {
            vec![app("a/production/web", "web"), app("b/production/web", "web"), app("a/production/db", "db")]
        };
        let pick = |name: &str| name.parse::<AppName>().expect("a name").pick(apps());
        assert_eq!(cell(&pick("db").expect("one"), "path"), "a/production/db");
        assert_eq!(cell(&pick("b/production/web").expect("one"), "path"), "b/production/web");
        let several = pick("web").expect_err("two");
        assert_eq!(several.exit_code(), 2);
        assert!(several.to_string().contains("a/production/web, b/production/web"));
        assert_eq!(pick("api").expect_err("none").exit_code(), 1);
    }
}
