//! What the instances hold.

use super::{
    Gate, Mood, State,
    history::{deployment, history, log},
};
use crate::api::{
    AppId, AppLine, AppState, AppView, Build, CertificateState, CertificateView, Check, Configuration,
    CredentialId, CredentialKind, CredentialView, DeploymentLine, DeploymentState, DeploymentView, DomainId,
    DomainView, EnvironmentId, EnvironmentView, Follow, Health, HostKeyView, InstanceSettings, Mount,
    OlderVersion, ProjectId, ProjectView, Provider, SecretFile, ServiceView, Settings, Source, TaskView,
    Time, VariableView, WebhookId, WebhookView,
};

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

/// The state of an instance in a mood.
pub(super) fn state(mood: Mood, now: Time) -> State {
    let mut state = State {
        projects: Vec::new(),
        apps: Vec::new(),
        deployments: Vec::new(),
        log: Vec::new(),
        variables: Vec::new(),
        domains: Vec::new(),
        webhooks: Vec::new(),
        credentials: Vec::new(),
        node_of: [("hive-2".to_owned(), "shop / staging".to_owned())].into(),
        host_keys: Vec::new(),
        instance: InstanceSettings {
            domain: "skep.example.org".into(),
            base_domain: "apps.example.org".into(),
            acme_email: "ops@example.org".into(),
            acme_directory: "https://acme-v02.api.letsencrypt.org/directory".into(),
        },
        two_factor: false,
        gate: match mood {
            Mood::Fresh => Gate::Fresh,
            Mood::Out => Gate::Out,
            _ => Gate::In,
        },
        count: 0,
    };
    match mood {
        Mood::Rich | Mood::EngineAway => rich(&mut state, mood == Mood::EngineAway, now),
        Mood::Large(count) => large(&mut state, count, now),
        Mood::Empty | Mood::Fresh | Mood::Out | Mood::Down => {}
    }
    state
}

/// A key of an ssh host.
pub(super) fn host_key(host: &str, algorithm: &str) -> HostKeyView {
    HostKeyView {
        place: "team".into(),
        place_name: "the whole team".into(),
        host: host.into(),
        algorithm: algorithm.into(),
        fingerprint: "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU".into(),
        line: format!(
            "{host} {algorithm} AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
        ),
    }
}

/// An app in a list.
pub(super) fn line(
    id: &str,
    name: &str,
    state: AppState,
    url: Option<&str>,
    wanted: u64,
    source: &str,
) -> AppLine {
    let running = match state {
        AppState::Running => Some(wanted),
        AppState::Degraded => Some(wanted - 1),
        AppState::Unknown => None,
        _ => Some(0),
    };
    AppLine {
        id: AppId::from(id),
        name: name.into(),
        state,
        running,
        wanted,
        url: url.map(str::to_owned),
        source: source.into(),
        last: None,
    }
}

/// An app's own page.
pub(super) fn app(line: AppLine, place: &EnvironmentView, now: Time) -> AppView {
    AppView {
        project: place.project.clone(),
        project_title: place.project_title.clone(),
        environment: place.id.clone(),
        environment_name: place.name.clone(),
        stack: format!("shop-production-{}", line.name),
        urls: line.url.iter().cloned().collect(),
        release: None,
        active: None,
        tasks: Some(Vec::new()),
        services: Vec::new(),
        unknown_reason: None,
        changed: false,
        auto_deploy: true,
        replicas: line.wanted,
        has_volumes: true,
        port: Some(8080),
        created_at: Time(now.0 - 90 * DAY),
        line,
    }
}

/// A deployment of long ago.
pub(super) fn retired(app: &AppView, number: i64, now: Time) -> DeploymentLine {
    let ago = (10_001 - number) * 37 * MINUTE;
    let mut line = deployment(&format!("d-{number}"), number, DeploymentState::Retired, now);
    line.app = app.line.id.clone();
    line.created_at = Time(now.0 - ago);
    line.started_at = Some(Time(now.0 - ago + 2_000));
    line.finished_at = Some(Time(now.0 - ago + 74_000));
    line
}

/// A domain; `certificate` is its state with a reason.
pub(super) fn domain(
    id: &str,
    host: &str,
    port: u16,
    certificate: Option<(CertificateState, Option<&str>, Time)>,
) -> DomainView {
    let certificate = certificate.map(|(state, reason, now)| {
        let issued = state == CertificateState::Issued;
        CertificateView {
            state,
            reason: reason.map(str::to_owned),
            expires_at: issued.then_some(Time(now.0 + 61 * DAY)),
            next_try_at: (!issued).then_some(Time(now.0 + 14 * MINUTE)),
            issuer: "Let's Encrypt".into(),
        }
    });
    DomainView {
        id: DomainId::from(id),
        host: host.into(),
        path: "/".into(),
        strip: false,
        service: None,
        port,
        https: certificate.is_some(),
        generated: host.ends_with("apps.example.org"),
        other_host: None,
        options: serde_json::json!({}),
        logins: Vec::new(),
        url: format!("{}://{host}", if certificate.is_some() { "https" } else { "http" }),
        certificate,
    }
}

fn git() -> Configuration {
    let path = "/healthz".to_owned();
    Configuration {
        source: Source::Git {
            url: "https://github.com/acme/shop.git".into(),
            follow: Follow::Branch { branch: "main".into() },
            credential: Some(CredentialId::from("c2")),
            watch: vec!["shop/**".into()],
        },
        build: Build::Dockerfile {
            path: "Dockerfile".into(),
            context: String::new(),
            target: None,
            args: std::iter::once(("PROFILE".to_owned(), "release".to_owned())).collect(),
            secrets: Vec::new(),
            no_cache: false,
        },
        settings: Settings {
            port: Some(8080),
            replicas: Some(2),
            health: Some(Health {
                check: Check::Http { path, port: None },
                interval: None,
                timeout: None,
                retries: None,
                start_period: Some("30s".into()),
            }),
            mounts: vec![Mount::Volume { name: "data".into(), target: "/data".into(), read_only: false }],
            ..Settings::default()
        },
        auto_deploy: true,
    }
}

fn rich(state: &mut State, away: bool, now: Time) {
    let known = |state| if away && state != AppState::Empty { AppState::Unknown } else { state };
    let shop = ProjectId::from("p-shop");
    let place = |id: &str, name: &str, apps| EnvironmentView {
        id: EnvironmentId::from(id),
        project: shop.clone(),
        project_title: "Web shop".into(),
        name: name.into(),
        apps,
    };
    let history = history(now);
    let mut web = line(
        "a-web",
        "web",
        known(AppState::Running),
        Some("https://shop.example.org"),
        2,
        "github.com/acme/shop · main",
    );
    web.last = history.first().map(|d| d.line.clone());
    let mut worker =
        line("a-worker", "worker", known(AppState::Degraded), None, 3, "github.com/acme/shop · main");
    worker.last = history.get(2).map(|d| d.line.clone());
    let mut search = line(
        "a-search",
        "search",
        known(AppState::Down),
        Some("https://search.example.org"),
        1,
        "ghcr.io/acme/search:2.1",
    );
    search.last = history.get(1).map(|d| d.line.clone());
    let mut docs = line("a-docs", "docs", known(AppState::Stopped), None, 0, "github.com/acme/docs · v*");
    docs.last = history.get(5).map(|d| d.line.clone());
    let new = line("a-new", "mailer", AppState::Empty, None, 1, "Compose file");
    let production =
        place("e-prod", "production", vec![web.clone(), worker.clone(), search.clone(), docs.clone()]);
    let staging = place("e-stage", "staging", vec![new.clone()]);
    for line in [web, worker, search, docs] {
        let mut app = detail(line, &production, &history, away, now);
        if app.line.name == "worker" {
            app.services = services(away);
        }
        state.apps.push((app, git()));
    }
    let mut empty = git();
    empty.source = Source::Upload { digest: None };
    state.apps.push((app(new, &staging, now), empty));
    let blog = ProjectId::from("p-blog");
    let bare = EnvironmentView {
        id: EnvironmentId::from("e-blog"),
        project: blog.clone(),
        project_title: "Blog <&> more".into(),
        name: "production".into(),
        apps: Vec::new(),
    };
    state.projects = vec![
        ProjectView {
            id: shop,
            name: "shop".into(),
            title: "Web shop".into(),
            environments: vec![production, staging],
        },
        ProjectView {
            id: blog,
            name: "blog".into(),
            title: "Blog <&> more".into(),
            environments: vec![bare],
        },
    ];
    state.deployments = history;
    state.log = log(now);
    let variable = |key: &str, secret, references: &[&str], days: i64| VariableView {
        key: key.into(),
        secret,
        file: (key == "PAYMENT_KEY")
            .then(|| SecretFile { name: "payment_key".into(), ..SecretFile::default() }),
        references: references.iter().map(|r| (*r).to_owned()).collect(),
        version: 2,
        changed_by: Some("ada@example.org".into()),
        updated_at: Time(now.0 - days * DAY),
        older: vec![OlderVersion {
            version: 1,
            by: Some("grace@example.org".into()),
            at: Time(now.0 - (days + 30) * DAY),
        }],
    };
    state.variables = vec![
        variable("DATABASE_URL", true, &["environment.DATABASE_URL"], 12),
        variable("LOG_LEVEL", false, &[], 1),
        variable("PAYMENT_KEY", true, &[], 40),
    ];
    let dns = Some(
        "shop.example.com leads to 198.51.100.4, not to 203.0.113.7. Change its A record; we look again by ourselves.",
    );
    let failed = Some(
        "The authority answers: too many certificates for example.net this week. Next try is when it allows.",
    );
    state.domains = vec![
        domain("h1", "shop.example.org", 8080, Some((CertificateState::Issued, None, now))),
        domain("h2", "shop.example.com", 8080, Some((CertificateState::PendingDns, dns, now))),
        domain("h3", "shop.example.net", 8080, Some((CertificateState::Failed, failed, now))),
        domain("h4", "web-3f9a.apps.example.org", 8080, None),
    ];
    state.webhooks = vec![
        hook("w1", Provider::Github, None, now),
        hook("w2", Provider::Generic, Some(Time(now.0 + DAY / 2)), now),
    ];
    state.credentials = credentials(now);
    state.host_keys =
        vec![host_key("git.example.org", "ssh-ed25519"), host_key("git.example.org", "ssh-rsa")];
}

/// Of a Compose app: one that scales, one that writes alone, a job.
fn services(away: bool) -> Vec<ServiceView> {
    let service = |name: &str, image: &str, replicas, job, newest: &str| ServiceView {
        name: name.into(),
        image: image.into(),
        replicas,
        job,
        single_writer: name == "store",
        running: (!away).then_some(1),
        newest: (!away).then(|| newest.to_owned()),
    };
    vec![
        service("migrate", "registry.example.org/acme/shop:12", None, true, "complete"),
        service("queue", "registry.example.org/acme/shop:12", Some(2), false, "running"),
        service("store", "postgres:17", Some(1), false, "running"),
    ]
}

fn hook(id: &str, provider: Provider, old_secret_until: Option<Time>, now: Time) -> WebhookView {
    WebhookView {
        id: WebhookId::from(id),
        provider,
        url: format!("https://skep.example.org/webhook/{}/{id}", provider.name()),
        old_secret_until,
        created_at: Time(now.0 - 80 * DAY),
    }
}

fn credentials(now: Time) -> Vec<CredentialView> {
    let credential =
        |id: &str, kind, title: &str, host: &str, username: Option<&str>, used_by| CredentialView {
            id: CredentialId::from(id),
            kind,
            place: "team".into(),
            place_name: "the whole team".into(),
            title: title.into(),
            host: host.into(),
            username: username.map(str::to_owned),
            public: (kind == CredentialKind::GitKey).then(|| {
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl skep".into()
            }),
            used_by,
            created_at: Time(now.0 - 70 * DAY),
        };
    let staging = CredentialView {
        place: "environment:e-stage".into(),
        place_name: "shop / staging".into(),
        ..credential("c4", CredentialKind::GitKey, "Deploy key of staging", "github.com", None, 1)
    };
    vec![
        staging,
        credential("c1", CredentialKind::GitKey, "Deploy key of the docs", "github.com", None, 1),
        credential("c2", CredentialKind::GitToken, "Token of the shop", "github.com", Some("acme-bot"), 3),
        credential("c3", CredentialKind::Registry, "Images", "ghcr.io", Some("acme-bot"), 0),
    ]
}

fn detail(
    line: AppLine,
    place: &EnvironmentView,
    history: &[DeploymentView],
    away: bool,
    now: Time,
) -> AppView {
    let name = line.name.clone();
    let healthy = line.running.unwrap_or_default();
    let mut view = app(line, place, now);
    view.release = history.get(2).and_then(|d| d.release.clone());
    view.active = (name == "web").then(|| history[0].line.clone());
    view.changed = name == "worker";
    let task = |n: u64| TaskView {
        slot: format!("{name}.{n}"),
        node: format!("hive-{}", n % 3 + 1),
        state: if n <= healthy { "running".into() } else { "failed".into() },
        healthy: n <= healthy,
        error: (n > healthy).then(|| "task: non-zero exit (1)".into()),
        since: Time(now.0 - i64::try_from(n).unwrap_or(1) * 97 * MINUTE),
    };
    view.tasks = (!away).then(|| (1..=view.line.wanted).map(task).collect());
    view.unknown_reason = away.then(|| "No answer on its socket within 5 s.".into());
    view
}

fn large(state: &mut State, count: usize, now: Time) {
    let project = ProjectId::from("p-large");
    let mut place = EnvironmentView {
        id: EnvironmentId::from("e-large"),
        project: project.clone(),
        project_title: "Large".into(),
        name: "production".into(),
        apps: Vec::new(),
    };
    let shell = place.clone();
    for n in 0..count {
        let url = format!("https://app-{n}.example.org");
        let mut line = line(
            &format!("a-{n}"),
            &format!("app-{n}"),
            AppState::Running,
            Some(&url),
            2,
            "github.com/acme/shop · main",
        );
        line.last = Some(deployment(&format!("d-{n}"), 10_000, DeploymentState::Live, now));
        place.apps.push(line.clone());
        state.apps.push((app(line, &shell, now), git()));
    }
    state.projects = vec![ProjectView {
        id: project,
        name: "large".into(),
        title: "Large".into(),
        environments: vec![place],
    }];
}
