//! Every form of the dashboard: the same rights as the API's, by another way in.
//!
//! The forms are read from the source of the pages' routes, so that one that nobody tried is found.

use std::collections::BTreeSet;

use axum::{
    Router,
    body::Body,
    http::{Method, header},
};
use skep::{
    cli::dashboard::dashboard,
    domain::right::Right,
    http::{self, Limits, Need, State},
};
use skep_tests::{
    app::TestApp,
    client::{Answer, Client},
    db_test, world,
};

use crate::{
    people::{Expected, everybody, expected},
    things::{self, Things},
};

/// A form: its path as the API's would be, what it needs, what is entered.
pub struct Tried {
    pub path: &'static str,
    need: Need,
    fields: &'static str,
}

const fn form(path: &'static str, need: Need, fields: &'static str) -> Tried {
    Tried { path, need, fields }
}

use Need::{Instance, Nothing, SignedIn, Team, There};

/// All of them. Ids are put in for their names.
pub const FORMS: &[Tried] = &[
    form("setup", Nothing, ""),
    form("login", Nothing, ""),
    form("login/second", Nothing, ""),
    form("join", Nothing, ""),
    form("theme", Nothing, ""),
    form("logout", SignedIn, ""),
    form("logout/everywhere", SignedIn, ""),
    form("account/sessions/end", SignedIn, ""),
    form("account/password", SignedIn, ""),
    form("account/tokens", SignedIn, ""),
    form("account/tokens/delete", SignedIn, ""),
    form("account/two-factor", SignedIn, ""),
    form("account/two-factor/confirm", SignedIn, ""),
    form("account/two-factor/codes", SignedIn, ""),
    form("account/two-factor/off", SignedIn, ""),
    form("account/identities/connect", SignedIn, ""),
    form("account/identities/disconnect", SignedIn, ""),
    form("account/passkeys/rename", SignedIn, ""),
    form("account/passkeys/delete", SignedIn, ""),
    form("account/team", SignedIn, ""),
    form("team", Team(Right::Team), "name=Renamed"),
    form("team/quota", Instance, "apps=100&memory=100g"),
    form("team/new", Instance, "name=Another"),
    form("team/invitations", Team(Right::Members), "email=x@example.org&role=viewer&place=team&days=7"),
    form("team/invitations/withdraw", Team(Right::Members), "confirm=yes&invitation={invitation}"),
    form("team/members/role", Team(Right::Members), "member={member}&place=team&role=viewer"),
    form("team/members/remove", Team(Right::Members), "confirm=yes&member={member}"),
    form("team/roles", Team(Right::Members), "name=Sees&right=view"),
    form("team/roles/delete", Team(Right::Members), "confirm=yes&role={role}"),
    form("team/service-accounts", Team(Right::Members), "name=another"),
    form("team/service-accounts/rename", Team(Right::Members), "account={service_account}&name=renamed"),
    form("team/service-accounts/delete", Team(Right::Members), "confirm=yes&account={service_account}"),
    form("team/service-accounts/tokens", Team(Right::Members), "account={service_account}&name=t&days=30"),
    form(
        "team/service-accounts/tokens/delete",
        Team(Right::Members),
        "confirm=yes&account={service_account}&token={token}",
    ),
    form("projects", Team(Right::Projects), "name=another&title=Another&environment=production"),
    form("projects/{project}/delete", There(Right::Projects), "confirm=yes"),
    form("projects/{project}/environments", There(Right::Environments), "name=staging"),
    form("projects/{project}/variables", There(Right::Variables), "key=A&value=c&secret=yes"),
    form("projects/{project}/variables/import", There(Right::Variables), "text=A%3Dc"),
    form("projects/{project}/variables/import/confirm", There(Right::Variables), "draft=x"),
    form("projects/{project}/variables/delete", There(Right::Variables), "confirm=yes&key=A"),
    form("projects/{project}/variables/reveal", There(Right::Reveal), "key=A"),
    form("projects/{project}/variables/restore", There(Right::Variables), "key=A&version=1"),
    form("environments/{environment}/delete", There(Right::Environments), "confirm=yes"),
    form("environments/{environment}/protection", There(Right::Environments), "protected=yes&approvals=1"),
    form("environments/{environment}/reset", There(Right::Environments), "confirm=yes"),
    form("environments/{environment}/variables", There(Right::Variables), "key=A&value=c&secret=yes"),
    form("environments/{environment}/variables/import", There(Right::Variables), "text=A%3Dc"),
    form("environments/{environment}/variables/import/confirm", There(Right::Variables), "draft=x"),
    form("environments/{environment}/variables/delete", There(Right::Variables), "confirm=yes&key=A"),
    form("environments/{environment}/variables/reveal", There(Right::Reveal), "key=A"),
    form("environments/{environment}/variables/restore", There(Right::Variables), "key=A&version=1"),
    form(
        "environments/{environment}/apps",
        There(Right::Configure),
        "name=second&source.kind=image&source.image=nginx:1&auto_deploy=yes",
    ),
    form("apps/{app}/deploy", There(Right::Deploy), ""),
    form("apps/{app}/rollback", There(Right::Deploy), "confirm=yes&release={deployment}&number=1"),
    form("apps/{app}/start", There(Right::Deploy), ""),
    form("apps/{app}/stop", There(Right::Deploy), "confirm=yes"),
    form("apps/{app}/restart", There(Right::Deploy), "confirm=yes"),
    form("apps/{app}/scale", There(Right::Deploy), "replicas=2"),
    form("apps/{app}/services/web/restart", There(Right::Deploy), "confirm=yes"),
    form("apps/{app}/services/web/deploy", There(Right::Deploy), ""),
    form("apps/{app}/services/web/scale", There(Right::Deploy), "replicas=2"),
    form("apps/{app}/settings", There(Right::Configure), "source.kind=image&source.image=nginx:2"),
    form("apps/{app}/delete", There(Right::Configure), "name=web"),
    form("apps/{app}/domains", There(Right::Configure), "host=other.example.org&path=/&https=yes"),
    form(
        "apps/{app}/domains/change",
        There(Right::Configure),
        "domain={domain}&part=headers&options.compress=yes",
    ),
    form("apps/{app}/domains/generate", There(Right::Configure), ""),
    form("apps/{app}/domains/remove", There(Right::Configure), "confirm=yes&domain={domain}&host=x"),
    form("apps/{app}/ports", There(Right::Configure), "public=udp+5353&port=53"),
    form("apps/{app}/ports/remove", There(Right::Configure), "confirm=yes&port={port}&public=x"),
    form("apps/{app}/domains/retry", There(Right::Configure), "domain={domain}"),
    form("apps/{app}/webhooks", There(Right::Configure), "provider=github"),
    form("apps/{app}/webhooks/rotate", There(Right::Configure), "confirm=yes&webhook={webhook}"),
    form("apps/{app}/webhooks/delete", There(Right::Configure), "confirm=yes&webhook={webhook}"),
    form("apps/{app}/webhooks/redeliver", There(Right::Deploy), "delivery={delivery}"),
    form("apps/{app}/variables", There(Right::Variables), "key=A&value=c&secret=yes"),
    form("apps/{app}/variables/import", There(Right::Variables), "text=A%3Dc"),
    form("apps/{app}/variables/import/confirm", There(Right::Variables), "draft=x"),
    form("apps/{app}/variables/delivery", There(Right::Variables), "key=A&kind=file&name=a.txt"),
    form("apps/{app}/variables/delete", There(Right::Variables), "confirm=yes&key=A"),
    form("apps/{app}/variables/reveal", There(Right::Reveal), "key=A"),
    form("apps/{app}/variables/restore", There(Right::Variables), "key=A&version=1"),
    form("deployments/{deployment}/cancel", There(Right::Deploy), "confirm=yes"),
    form("deployments/{deployment}/go-on", There(Right::Deploy), ""),
    form("deployments/{deployment}/hold", There(Right::Deploy), ""),
    form("deployments/{deployment}/approve", There(Right::Approve), "comment=seen"),
    form("deployments/{deployment}/reject", There(Right::Approve), "comment=seen"),
    form("credentials", Team(Right::Credentials), "kind=git_token&title=t&host=git.example.org&secret=x"),
    form("credentials/delete", There(Right::Credentials), "confirm=yes&credential={credential}"),
    form(
        "team/stores",
        There(Right::Credentials),
        "name=second&place=environment:{environment}&settings.kind=doppler&login.secret=x",
    ),
    form("team/stores/change", There(Right::Credentials), "store={store}&login.secret=y"),
    form("team/stores/check", There(Right::Credentials), "store={store}"),
    form("team/stores/delete", There(Right::Credentials), "confirm=yes&store={store}"),
    form(
        "team/dns",
        There(Right::Credentials),
        "name=third&place=environment:{environment}&settings.kind=cloudflare&zones=example.org&login.secret=x",
    ),
    form("team/dns/change", There(Right::Credentials), "provider={dns}&zones=example.com"),
    form("team/dns/test", There(Right::Credentials), "provider={dns}"),
    form("team/dns/delete", There(Right::Credentials), "confirm=yes&provider={dns}"),
    form("team/dns/claim", Team(Right::Credentials), "domain=third.example.net"),
    form("team/dns/verify", Team(Right::Credentials), "proof={proof}"),
    form("team/dns/release", Team(Right::Credentials), "confirm=yes&proof={proof}"),
    form("team/dns/upload", Team(Right::Credentials), "chain=x&key=y"),
    form("team/dns/remove", Team(Right::Credentials), "confirm=yes&certificate={own}"),
    form("host-keys", Team(Right::Credentials), "host=git.example.org"),
    form(
        "host-keys/forget",
        There(Right::Credentials),
        "confirm=yes&host=git.example.org&place=environment:{environment}",
    ),
    form("environments/{environment}/keys", There(Right::Credentials), "title=t&host=git.example.org"),
    form("nodes/reserve", Instance, "node=m1&environment={environment}"),
    form("nodes/release", Instance, "confirm=yes&node=m1"),
    form("instance", Instance, "acme_email=ops@example.org"),
    form("instance/sso", Instance, "name=x&kind=oidc&issuer=https://login.example.org&client=skep&secret=s"),
    form(
        "team/sso",
        Team(Right::Team),
        "name=x&kind=oidc&issuer=https://login.example.org&client=skep&secret=s",
    ),
    form("team/sso/change", Team(Right::Team), "provider={sso}&name=x&client=skep&claim=groups&enabled=yes"),
    form("team/sso/map", Team(Right::Team), "provider={sso}&group=ops&role=viewer&place=team"),
    form("team/sso/unmap", Team(Right::Team), "provider={sso}&group=dev&place=team"),
    form("team/sso/test", Team(Right::Team), "provider={sso}"),
    form("team/sso/remove", Team(Right::Team), "confirm=yes&provider={sso}"),
    form("team/sso/only", Team(Right::Team), ""),
    form("certificates/retry", There(Right::Configure), "certificate={certificate}"),
    form("certificates/renew", There(Right::Configure), "confirm=yes&certificate={certificate}"),
    form("certificates/directory", There(Right::Configure), "certificate={certificate}&directory="),
    form("instance/directories", Instance, "address=https://ca.example.net/directory&backup=yes"),
    form("instance/directories/change", Instance, "id={directory}&backup=yes"),
    form("instance/directories/remove", Instance, "confirm=yes&id={directory}"),
];

/// The paths of the forms, as the source of the pages' routes has them.
fn in_source() -> BTreeSet<String> {
    let text = include_str!("../../../web/src/actions/route.rs");
    let mut all = BTreeSet::new();
    let mut stem = "";
    for line in text.lines().map(str::trim) {
        if line.contains("fn of_app") {
            stem = "apps/{app}/";
        }
        let Some(pattern) =
            line.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(inner, _)| inner)
        else {
            continue;
        };
        if !line.contains("=>") || pattern.contains("rest @") {
            continue;
        }
        let of_variables = line.contains("variables::");
        let parts = pattern.split(',').map(str::trim).filter(|part| !part.is_empty());
        let first = pattern.split('"').nth(1).unwrap_or_default();
        let parts: Vec<String> = parts
            .map(|part| match part {
                "id" => match first {
                    "projects" => "{project}",
                    "environments" => "{environment}",
                    _ => "{deployment}",
                }
                .to_owned(),
                "service" => "web".to_owned(),
                part => part.trim_matches('"').to_owned(),
            })
            .collect();
        let tail = parts.join("/");
        if of_variables {
            for scope in ["projects/{project}", "environments/{environment}", "apps/{app}"] {
                let tail = if tail.is_empty() { String::new() } else { format!("/{tail}") };
                all.insert(format!("{scope}/variables{tail}"));
            }
        } else {
            all.insert(format!("{stem}{tail}"));
        }
    }
    all
}

#[test]
fn every_form_is_tried() {
    let tried: BTreeSet<String> = FORMS.iter().map(|form| form.path.to_owned()).collect();
    assert_eq!(tried.len(), FORMS.len());
    assert_eq!(in_source(), tried);
}

fn put_in(text: &str, things: &Things) -> String {
    text.replace("{project}", &things.project)
        .replace("{environment}", &things.environment)
        .replace("{app}", &things.app)
        .replace("{deployment}", &things.deployment)
        .replace("{credential}", &things.credential)
        .replace("{store}", &things.store)
        .replace("{dns}", &things.dns)
        .replace("{proof}", &things.proof)
        .replace("{own}", &things.own_certificate)
        .replace("{webhook}", &things.webhook)
        .replace("{domain}", &things.domain)
        .replace("{port}", &things.port)
        .replace("{delivery}", &things.delivery)
        .replace("{role}", &things.role)
        .replace("{invitation}", &things.invitation)
        .replace("{member}", &things.member)
        .replace("{sso}", &things.sso)
        .replace("{service_account}", &things.service_account)
        .replace("{token}", &things.token)
        .replace("{certificate}", &things.certificate)
        .replace("{directory}", &things.directory)
}

async fn send(client: &Client, tried: &Tried, things: &Things) -> Answer {
    let path = format!("/actions/{}", put_in(tried.path, things));
    let request =
        client.request(Method::POST, &path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    client.ask(request.body(Body::from(put_in(tried.fields, things))).unwrap()).await
}

pub fn pages(app: &TestApp) -> Router {
    let dashboard = dashboard(app.parts.clone());
    http::router(State::with_dashboard(app.parts.clone(), Limits::default(), app.stop.clone(), dashboard))
}

fn about_a_thing(tried: &Tried) -> bool {
    !matches!(tried.need, Nothing | SignedIn)
}

db_test! {
    async fn case_132_forms_refuse_what_the_api_refuses(db: TestDb) {
        let app = TestApp::new(db);
        let things = things::make(&app, &app.program().await, "own").await;
        let foreign = things::make(&app, &app.foreigner().await, "foreign").await;
        let missing = things::missing();
        let router = pages(&app);
        let (mut refused, mut allowed) = (0, 0);
        for person in everybody(&app, &things).await {
            let client = person.client.through(router.clone());
            for tried in FORMS.iter().filter(|tried| about_a_thing(tried)) {
                let cell = format!("form {} by a {}", tried.path, person.name);
                let path = format!("/{}", tried.path.replace("{deployment}", "x"));
                let path = if path.starts_with("/deployments") { "/apps/" } else { &path };
                let wanted = expected("", path, tried.need, &person.access, &things);
                let there = matches!(tried.need, There(_));
                if there {
                    // What is another team's is not there, as what is nowhere.
                    for others in [&foreign, &missing] {
                        let answer = send(&client, tried, others).await;
                        assert_eq!(answer.status, 404, "{cell}: {}", answer.text);
                    }
                }
                if wanted == Expected::Allowed {
                    allowed += 1;
                    continue;
                }
                refused += 1;
                let answer = send(&client, tried, &things).await;
                let status = if wanted == Expected::Missing { 404 } else { 403 };
                assert_eq!(answer.status, status, "{cell}: {}", answer.text);
            }
        }
        assert!(refused > 150 && allowed > 100, "{refused} {allowed}");
        println!("matrix: {} forms: {refused} cells refused, {allowed} allowed", FORMS.len());
        for tried in FORMS.iter().filter(|tried| about_a_thing(tried)) {
            let stranger = app.stranger().through(router.clone());
            let answer = send(&stranger, tried, &things).await;
            assert_eq!(answer.status, 303, "{}: {}", tried.path, answer.text);
            assert!(answer.headers["location"].to_str().unwrap().starts_with("/login"), "{}", tried.path);
        }
    }

    async fn forms_do_what_the_api_does(db: TestDb) {
        let app = TestApp::new(db);
        let router = pages(&app);
        for (i, tried) in FORMS.iter().filter(|tried| about_a_thing(tried) && tried.need != Instance).enumerate() {
            let actor = world::owner(&app.parts, &format!("owner-{i}@example.org")).await;
            let owner = app.program_of(actor).await;
            let things = things::make(&app, &owner, &format!("f{i}")).await;
            let answer = send(&owner.through(router.clone()), tried, &things).await;
            let done = matches!(answer.status.as_u16(), 200 | 303) || tried.path.ends_with("rollback") || answer.status == 409 || answer.status == 422;
            assert!(done, "{}: {} {}", tried.path, answer.status, answer.text);
        }
    }
}
