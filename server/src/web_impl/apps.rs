//! Apps: their pages, and the commands that change them at once.

use async_trait::async_trait;
use futures::TryStreamExt as _;
use skep_web::api::{
    self, AppId, AppLogLine, AppView, Archive, Configuration, EnvironmentId, NewApp, Result, ServiceView,
    TaskView,
};

use super::{
    Web, configuration,
    fields::{Fields, id, time},
    lines::{app_line, deployment_line, title, url},
    releases::release_view,
};
use crate::{
    control::{
        self, Ctx, Error,
        apps::Change,
        detail::AppDetail,
        look::Seen,
        services::{Mode, Service},
        standing::{self, healthy, standing},
    },
    domain::{
        app::{App, Source},
        certificate::Challenge,
        domain_name::{Hostname, PathPrefix},
        fault::Wrong,
        name::Slug,
    },
    swarm::{LogQuery, Task},
};

#[async_trait]
impl api::Apps for Web {
    async fn create_app(&self, environment: &EnvironmentId, new: NewApp) -> Result<AppId> {
        let cx = self.cx()?;
        create(&cx, environment, new).await.map_err(|e| self.told(e))
    }

    async fn app(&self, app: &AppId) -> Result<AppView> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let detail = control::detail::app(&cx, app).await.map_err(|e| self.told(e))?;
        let stack = &detail.placed.app.stack;
        let (tasks, seen) = tokio::join!(self.looker().tasks(stack), self.looker().look());
        let shown = detail.placed.newest.iter().chain(&detail.active).cloned().collect::<Vec<_>>();
        let names = control::glance::names(&cx, &shown).await.map_err(|e| self.told(e))?;
        let volumes = has_volumes(&cx, &detail).await;
        let mut services = Vec::new();
        if detail.placed.app.composed() {
            services = control::services::list(&cx, app).await.map_err(|e| self.told(e))?;
        }
        Ok(view(&cx, detail, services, tasks, &seen, &names, volumes))
    }

    async fn configuration(&self, app: &AppId) -> Result<Configuration> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let app = control::apps::get(&cx, app).await.map_err(|e| self.told(e))?;
        configuration::shown(&app).map_err(|e| self.told(e))
    }

    async fn configure(&self, app: &AppId, new: Configuration) -> Result<()> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let mut fields = Fields::default();
        let checked = configuration::checked(&mut fields, new.source, new.build, &new.settings);
        let checked = fields.all(checked).map_err(|e| self.told(e))?;
        let change = Change {
            source: Some(checked.source),
            build: Some(checked.build),
            settings: Some(checked.settings),
            auto_deploy: Some(new.auto_deploy),
            generation: None,
        };
        control::apps::configure(&cx, app, change).await.map(drop).map_err(|e| self.told(e))
    }

    async fn upload(&self, app: &AppId, archive: Archive<'_>) -> Result<String> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        control::upload::upload(&cx, app, archive).await.map_err(|e| self.told(e))
    }

    async fn start(&self, app: &AppId) -> Result<()> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        control::lifecycle::start(&cx, app).await.map(drop).map_err(|e| self.told(e))
    }

    async fn stop(&self, app: &AppId) -> Result<()> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        control::lifecycle::stop(&cx, app).await.map(drop).map_err(|e| self.told(e))
    }

    async fn restart(&self, app: &AppId, service: Option<&str>) -> Result<()> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        control::lifecycle::restart(&cx, app, service).await.map(drop).map_err(|e| self.told(e))
    }

    async fn scale(&self, app: &AppId, service: Option<&str>, replicas: u64) -> Result<()> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        control::lifecycle::scale(&cx, app, service, replicas).await.map(drop).map_err(|e| self.told(e))
    }

    async fn delete_app(&self, app: &AppId, name: &str, volumes: bool) -> Result<()> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let found = control::apps::get(&cx, app).await.map_err(|e| self.told(e))?;
        if found.name.as_str() != name.trim() {
            let message = format!("type the app's name to remove it: `{}`", found.name);
            return Err(api::Error::invalid("name", message));
        }
        control::lifecycle::delete(&cx, app, volumes).await.map_err(|e| self.told(e))
    }

    async fn app_log(&self, app: &AppId, service: Option<&str>, tail: u32) -> Result<Vec<AppLogLine>> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let found = control::apps::get(&cx, app).await.map_err(|e| self.told(e))?;
        let query = LogQuery { tail: Some(tail.clamp(1, 5_000)), follow: false, task: None };
        let lines = control::logs::follow(&cx, app, service, query).await.map_err(|e| self.told(e))?;
        // A dead node's tasks never answer: what came until then is shown.
        let mut read = Vec::new();
        let reading = lines.try_for_each(|line| {
            read.push(line);
            std::future::ready(Ok(()))
        });
        let ended = tokio::time::timeout(LOG_TIME, reading).await;
        if read.is_empty()
            && let Ok(Err(error)) = ended
        {
            return Err(api::Error::Unavailable(error.to_string()));
        }
        read.sort_by_key(|line| line.at);
        let skip = read.len().saturating_sub(tail as usize);
        let tasks = self.looker().tasks(&found.stack).await.unwrap_or_default();
        Ok(read.into_iter().skip(skip).map(|line| log_line(&found, line, &tasks)).collect())
    }
}

/// The longest that a page waits for log lines.
const LOG_TIME: std::time::Duration = std::time::Duration::from_secs(2);

async fn create(cx: &Ctx, environment: &EnvironmentId, new: NewApp) -> std::result::Result<AppId, Error> {
    let environment = id(&environment.0)?;
    let mut fields = Fields::default();
    let name = fields.take("name", Slug::parse(&new.name));
    let checked = configuration::checked(&mut fields, new.source, new.build, &new.settings);
    let host = match new.host.as_deref().map(str::trim) {
        None | Some("") => None,
        Some(host) => fields.take("host", Hostname::parse(host)),
    };
    let (name, checked) = fields.all(name.zip(checked))?;
    let upload = matches!(checked.source, Source::Upload { .. });
    let made = control::apps::NewApp {
        name,
        source: checked.source,
        build: checked.build,
        settings: checked.settings,
        auto_deploy: new.auto_deploy,
    };
    let app = control::apps::create(cx, environment, made).await?;
    if let Some(host) = host {
        let path = PathPrefix::parse("/").map_err(|wrong| Error::wrong("host", wrong))?;
        let domain = control::domains::NewDomain {
            host: host.into(),
            path,
            strip: false,
            service: None,
            port: None,
            https: true,
            challenge: Challenge::Http,
            private: false,
        };
        if let Err(error) = control::domains::add(cx, app.id, domain).await {
            // The form is shown again as it was: no half-made app stays behind it.
            control::lifecycle::delete(cx, app.id, false).await?;
            return Err(match error {
                Error::Conflict { message, .. } => Error::wrong("host", Wrong::new(message)),
                error => error,
            });
        }
    }
    if new.deploy && !upload {
        control::deployments::create(cx, app.id, None, None).await?;
    }
    Ok(AppId(app.id.to_string()))
}

/// Whether removing the app must ask about data.
async fn has_volumes(cx: &Ctx, detail: &AppDetail) -> bool {
    let app = &detail.placed.app;
    match &detail.release {
        Some((release, _)) if app.composed() => {
            let spec = crate::deploy::plan::of_release(&cx.parts, release).await;
            spec.is_ok_and(|spec| !spec.volumes.is_empty())
        }
        _ => app.settings.has_volume(),
    }
}

fn view(
    cx: &Ctx,
    detail: AppDetail,
    services: Vec<Service>,
    tasks: std::result::Result<Vec<Task>, String>,
    seen: &Seen,
    names: &control::glance::Names,
    has_volumes: bool,
) -> AppView {
    let AppDetail { placed, live, domains, release, active } = detail;
    let (app, project, environment) = (&placed.app, &placed.project, &placed.environment);
    let refs: Option<Vec<&Task>> = tasks.as_ref().ok().map(|tasks| tasks.iter().collect());
    let urls: Vec<String> = domains
        .iter()
        .map(|(domain, certified)| url(domain, *certified, cx.now(), cx.parts.instance.https_port))
        .collect();
    let place = title(project, environment, app);
    let line = |deployment| deployment_line(deployment, place.clone(), names);
    AppView {
        line: app_line(
            app,
            standing(app, live, refs.as_deref()),
            urls.first().cloned(),
            placed.newest.as_ref().map(line),
        ),
        project: api::ProjectId(project.id.to_string()),
        project_title: project.title.to_string(),
        environment: api::EnvironmentId(environment.id.to_string()),
        environment_name: environment.name.to_string(),
        stack: app.stack.clone(),
        urls,
        release: release.map(|(release, title)| release_view(&release, title)),
        active: active.as_ref().map(line),
        services: services.into_iter().map(|service| service_view(service, refs.as_deref())).collect(),
        unknown_reason: tasks.as_ref().err().cloned(),
        tasks: tasks.ok().map(|tasks| tasks.iter().map(|task| task_view(cx, app, task, seen)).collect()),
        changed: placed.newest.as_ref().is_some_and(|newest| newest.generation < app.configured),
        auto_deploy: app.auto_deploy,
        replicas: app.settings.replicas.unwrap_or(1),
        has_volumes,
        port: app.settings.port.or_else(|| domains.first().map(|(domain, _)| domain.port)),
        created_at: time(app.created_at),
    }
}

/// `tasks`: of all services, newest first; none if the engine does not tell.
fn service_view(service: Service, tasks: Option<&[&Task]>) -> ServiceView {
    let own = |tasks: &[&Task]| -> Vec<Task> {
        tasks.iter().filter(|task| task.service_name == service.full).map(|task| (*task).clone()).collect()
    };
    let tasks = tasks.map(own);
    ServiceView {
        name: service.name,
        image: service.image,
        replicas: match service.mode {
            Mode::Replicated(count) => Some(count),
            Mode::Global | Mode::Job => None,
        },
        job: service.mode == Mode::Job,
        single_writer: service.single_writer,
        running: tasks.as_ref().map(|tasks| tasks.iter().filter(|task| healthy(task)).count() as u64),
        newest: tasks.and_then(|tasks| tasks.first().map(|task| task.state.clone())),
    }
}

fn task_view(cx: &Ctx, app: &App, task: &Task, seen: &Seen) -> TaskView {
    let nodes = seen.nodes.as_deref().unwrap_or_default();
    let node = task.node.as_deref().map_or_else(String::new, |id| {
        nodes.iter().find(|node| node.id == id).map_or_else(|| id.to_owned(), |node| node.hostname.clone())
    });
    TaskView {
        slot: slot(app, task, &node),
        node,
        state: task.state.clone(),
        healthy: healthy(task),
        error: task.error.clone(),
        since: time(task.since.unwrap_or_else(|| cx.now())),
    }
}

/// `1`; `db.1` for a service of a Compose file; the node's name for global services.
fn slot(app: &App, task: &Task, node: &str) -> String {
    let place = task.slot.map_or_else(|| node.to_owned(), |slot| slot.to_string());
    if app.composed() { format!("{}.{place}", standing::service(app, &task.service_name)) } else { place }
}

fn log_line(app: &App, line: crate::swarm::LogLine, tasks: &[Task]) -> AppLogLine {
    let task = line.task.as_deref().and_then(|id| tasks.iter().find(|task| task.id == id));
    let replica = task.and_then(|task| task.slot).map_or_else(String::new, |slot| format!(".{slot}"));
    AppLogLine {
        at: line.at.map(time),
        replica: format!("{}{replica}", standing::service(app, &line.service)),
        stderr: line.stderr,
        text: line.line,
    }
}
