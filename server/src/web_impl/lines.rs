//! Apps and deployments as lists show them.

use std::collections::BTreeMap;

use skep_web::api;

use super::fields::time;
use crate::{
    control::{
        glance::{Glance, Names},
        look::Seen,
        standing::{self, Standing, by_stack, standing},
    },
    domain::{
        app::{App, Follow, Source},
        clock::Time,
        deployment::{Cause, Deployment, State},
        domain_name::Domain,
        project::{Environment, Project},
        step::Step,
    },
    swarm::Task,
};

/// A glance at the records beside a look at the engine.
pub(super) struct Board<'a> {
    pub(super) glance: &'a Glance,
    /// None if the engine does not tell.
    pub(super) stacks: Option<BTreeMap<&'a str, Vec<&'a Task>>>,
    pub(super) now: Time,
    pub(super) https_port: Option<u16>,
}

impl<'a> Board<'a> {
    /// Both, side by side.
    pub(super) fn new(glance: &'a Glance, seen: &'a Seen, now: Time, https_port: Option<u16>) -> Self {
        let stacks = seen.tasks.as_ref().ok().and_then(|tasks| by_stack(tasks));
        Self { glance, stacks, now, https_port }
    }

    /// All projects by title.
    pub(super) fn projects(&self) -> Vec<api::ProjectView> {
        let mut views: Vec<_> = self.glance.projects.iter().map(|project| self.project(project)).collect();
        views.sort_by(|a, b| a.title.cmp(&b.title));
        views
    }

    /// A project with its environments and their apps.
    pub(super) fn project(&self, project: &Project) -> api::ProjectView {
        let environments = self.glance.environments.iter().filter(|e| e.project == project.id);
        api::ProjectView {
            id: api::ProjectId(project.id.to_string()),
            name: project.name.to_string(),
            title: project.title.to_string(),
            environments: environments.map(|e| self.environment(project, e)).collect(),
        }
    }

    /// An environment with its apps.
    pub(super) fn environment(&self, project: &Project, environment: &Environment) -> api::EnvironmentView {
        let apps = self.glance.apps.iter().filter(|app| app.environment == environment.id);
        api::EnvironmentView {
            id: api::EnvironmentId(environment.id.to_string()),
            project: api::ProjectId(project.id.to_string()),
            project_title: project.title.to_string(),
            name: environment.name.to_string(),
            apps: apps.map(|app| self.app(project, environment, app)).collect(),
        }
    }

    fn app(&self, project: &Project, environment: &Environment, app: &App) -> api::AppLine {
        let none = Vec::new();
        let tasks =
            self.stacks.as_ref().map(|stacks| stacks.get(app.stack.as_str()).unwrap_or(&none).as_slice());
        let live = self.glance.live.get(&app.id).copied();
        let domains = self.glance.domains.get(&app.id).map_or(&[][..], Vec::as_slice);
        let last = self.glance.newest.get(&app.id);
        let title = title(project, environment, app);
        app_line(
            app,
            standing(app, live, tasks),
            domains.first().map(|(domain, certified)| url(domain, *certified, self.now, self.https_port)),
            last.map(|last| deployment_line(last, title, &self.glance.names)),
        )
    }

    /// Deployments of whatever app.
    pub(super) fn deployments(&self, some: &[Deployment]) -> Vec<api::DeploymentLine> {
        let apps: BTreeMap<_, _> = self.glance.apps.iter().map(|app| (app.id, app)).collect();
        let environments: BTreeMap<_, _> = self.glance.environments.iter().map(|e| (e.id, e)).collect();
        let projects: BTreeMap<_, _> = self.glance.projects.iter().map(|p| (p.id, p)).collect();
        let place = |deployment: &Deployment| {
            let app = apps.get(&deployment.app)?;
            let environment = environments.get(&app.environment)?;
            let project = projects.get(&environment.project)?;
            Some(title(project, environment, app))
        };
        let line = |d: &Deployment| deployment_line(d, place(d).unwrap_or_default(), &self.glance.names);
        some.iter().map(line).collect()
    }
}

/// `Shop / production / web`
pub(super) fn title(project: &Project, environment: &Environment, app: &App) -> String {
    format!("{} / {} / {}", project.title, environment.name, app.name)
}

/// An app in a list.
pub(super) fn app_line(
    app: &App,
    standing: Standing,
    url: Option<String>,
    last: Option<api::DeploymentLine>,
) -> api::AppLine {
    api::AppLine {
        id: api::AppId(app.id.to_string()),
        name: app.name.to_string(),
        state: app_state(standing.state),
        running: standing.running,
        wanted: standing.wanted,
        url,
        source: source(&app.source),
        last,
    }
}

/// A deployment in a list; `title` is the place of its app.
pub(super) fn deployment_line(d: &Deployment, title: String, names: &Names) -> api::DeploymentLine {
    api::DeploymentLine {
        id: api::DeploymentId(d.id.to_string()),
        app: api::AppId(d.app.to_string()),
        app_title: title,
        number: d.number,
        state: state(d.state),
        cause: cause(&d.cause, names),
        services: d.services.iter().cloned().collect(),
        reason: d.reason.clone(),
        commit: d.commit.as_ref().map(ToString::to_string),
        title: d.title.clone(),
        author: d.author.clone(),
        failure: d.failure.as_ref().map(|failure| failure.message.clone()),
        created_at: time(d.created_at),
        started_at: d.started_at.map(time),
        finished_at: d.finished_at.map(time),
    }
}

fn cause(cause: &Cause, names: &Names) -> api::Cause {
    let email =
        |user| names.people.get(user).map_or_else(|| "a former member".to_owned(), ToString::to_string);
    match cause {
        Cause::Webhook { provider, .. } => api::Cause::Webhook { provider: provider.clone() },
        Cause::Poll => api::Cause::Poll,
        Cause::Person { user } => api::Cause::Person { email: email(user) },
        Cause::Rollback { user, to } => api::Cause::Rollback {
            email: email(user),
            // A release that is no longer kept has no number any more.
            to: names.releases.get(to).copied().unwrap_or_default(),
        },
    }
}

/// `github.com/acme/shop · main`
fn source(source: &Source) -> String {
    match source {
        Source::Git { url, follow, .. } => {
            let path = url.path().trim_matches('/');
            let follows = match follow {
                Follow::Branch { branch } => branch.as_str(),
                Follow::Tags { pattern } => pattern,
                Follow::Commit { sha } => sha.short(),
            };
            format!("{}/{} · {follows}", url.host(), path.strip_suffix(".git").unwrap_or(path))
        }
        Source::Image { image, .. } => image.to_string(),
        Source::Compose { .. } => "Compose file".to_owned(),
        Source::Upload { digest: Some(digest) } => format!("upload · {}", digest.get(..12).unwrap_or(digest)),
        Source::Upload { digest: None } => "upload".to_owned(),
    }
}

/// The whole address: `https` once there is a certificate that counts.
pub(super) fn url(domain: &Domain, certified: Option<Time>, now: Time, https_port: Option<u16>) -> String {
    let path = if domain.path.as_str() == "/" { "" } else { domain.path.as_str() };
    let host = domain.host.as_str();
    match (domain.https && certified.is_some_and(|until| until > now), https_port) {
        (true, Some(port)) => format!("https://{host}:{port}{path}"),
        (true, None) => format!("https://{host}{path}"),
        (false, _) => format!("http://{host}{path}"),
    }
}

const fn app_state(state: standing::State) -> api::AppState {
    match state {
        standing::State::Empty => api::AppState::Empty,
        standing::State::Running => api::AppState::Running,
        standing::State::Degraded => api::AppState::Degraded,
        standing::State::Down => api::AppState::Down,
        standing::State::Stopped => api::AppState::Stopped,
        standing::State::Removing => api::AppState::Removing,
        standing::State::Unknown => api::AppState::Unknown,
    }
}

/// Where a deployment stands.
pub(super) const fn state(state: State) -> api::DeploymentState {
    match state {
        State::AwaitingApproval => api::DeploymentState::AwaitingApproval,
        State::Queued => api::DeploymentState::Queued,
        State::Fetching => api::DeploymentState::Fetching,
        State::Building => api::DeploymentState::Building,
        State::Pushing => api::DeploymentState::Pushing,
        State::Planning => api::DeploymentState::Planning,
        State::Applying => api::DeploymentState::Applying,
        State::Verifying => api::DeploymentState::Verifying,
        State::Shifting => api::DeploymentState::Shifting,
        State::Live => api::DeploymentState::Live,
        State::Failed => api::DeploymentState::Failed,
        State::Superseded => api::DeploymentState::Superseded,
        State::Cancelled => api::DeploymentState::Cancelled,
        State::Rejected => api::DeploymentState::Rejected,
        State::RolledBack => api::DeploymentState::RolledBack,
        State::RollbackIncomplete => api::DeploymentState::RollbackIncomplete,
        State::Retired => api::DeploymentState::Retired,
    }
}

/// A step.
pub(super) const fn step(step: Step) -> api::StepName {
    match step {
        Step::Fetch => api::StepName::Fetch,
        Step::Build => api::StepName::Build,
        Step::Push => api::StepName::Push,
        Step::Plan => api::StepName::Plan,
        Step::Apply => api::StepName::Apply,
        Step::Verify => api::StepName::Verify,
        Step::Shift => api::StepName::Shift,
        Step::Replace => api::StepName::Replace,
        Step::Publish => api::StepName::Publish,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        clock::{Clock as _, SystemClock},
        domain_name::PathPrefix,
        git_url::GitUrl,
        host_pattern::HostPattern,
        id::{AppId, DomainId},
        name::RefName,
    };

    #[test]
    fn sources_in_a_few_words() {
        let git = |url: &str| Source::Git {
            url: GitUrl::parse(url).unwrap(),
            follow: Follow::Branch { branch: RefName::parse("main").unwrap() },
            credential: None,
            watch: Vec::new(),
        };
        assert_eq!(source(&git("https://github.com/acme/shop.git")), "github.com/acme/shop · main");
        assert_eq!(source(&git("git@github.com:acme/shop.git")), "github.com/acme/shop · main");
        assert_eq!(source(&Source::Upload { digest: Some("ab".repeat(32)) }), "upload · abababababab");
    }

    #[test]
    fn https_is_said_only_where_there_is_a_certificate() {
        let now = SystemClock.now();
        let later = now + chrono::Duration::days(30);
        let domain = |path: &str, https| Domain {
            id: DomainId::new(&SystemClock),
            app: AppId::new(&SystemClock),
            host: HostPattern::parse("shop.example.org").unwrap(),
            path: PathPrefix::parse(path).unwrap(),
            strip: false,
            service: None,
            port: 80,
            https,
            generated: false,
            other_host: None,
            options: Default::default(),
            logins: Vec::new(),
            created_at: now,
        };
        let all = [
            (url(&domain("/", true), Some(later), now, None), "https://shop.example.org"),
            (url(&domain("/a", true), Some(later), now, Some(8443)), "https://shop.example.org:8443/a"),
            (url(&domain("/", true), None, now, None), "http://shop.example.org"),
            (url(&domain("/", true), Some(now), now, None), "http://shop.example.org"),
            (url(&domain("/", false), Some(later), now, None), "http://shop.example.org"),
        ];
        for (got, expected) in all {
            assert_eq!(got, expected);
        }
    }

    #[test]
    fn every_state_and_step_has_its_own_word() {
        for s in State::ALL {
            assert_eq!(serde_json::to_value(state(s)).unwrap(), serde_json::to_value(s).unwrap());
            assert_eq!(state(s).ended(), s.ended(), "{}", s.name());
        }
        for s in Step::ALL {
            assert_eq!(serde_json::to_value(step(s)).unwrap(), serde_json::to_value(s).unwrap());
        }
    }
}
