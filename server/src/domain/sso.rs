//! Single sign-on: who vouches for whom, and what whoever they vouch for may do.
//!
//! A provider is trusted by the team that entered it, and by nobody else: a session that was begun
//! [`Through`] it sees that team alone. One of the instance is trusted by all. A person is known by
//! provider and subject, never by an address of mail.
//!
//! To add a kind of provider: a line in [`Kind`], and its adapter in `sso/`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    clock::Time,
    fault::Wrong,
    id::{ProviderId, TeamId, UserId},
    name::{DisplayName, Email, checked},
    right::{Place, Role},
};

/// How a provider is spoken with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// OpenID Connect with discovery: Keycloak, GitLab, Entra ID, Google and most others.
    Oidc,
    /// GitHub, or GitHub Enterprise: OAuth 2 and its API.
    Github,
}

impl Kind {
    /// The name in tables, API and pages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Oidc => "oidc",
            Self::Github => "github",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Oidc, Self::Github].into_iter().find(|kind| kind.name() == name)
    }
}

checked! {
    /// Where a provider is, as it writes it itself: `https://login.example.org/realms/acme`. Plain
    /// http only on this machine, which the owner of the instance has to allow.
    Issuer, |text| {
        let wrong = || Wrong::coded("invalid_issuer", "must be an address like `https://login.example.org`, without `?`, `#` and user name");
        let text = text.trim();
        let url = Url::parse(text).map_err(|_| wrong())?;
        let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
        if !plain || text.len() > 300 || text.chars().any(|c| c.is_whitespace() || c.is_control()) || !secure(&url) {
            return Err(wrong());
        }
        Ok(text.to_owned())
    }
}

checked! {
    /// What a provider calls us: its client id.
    ClientName, |text| {
        let text = text.trim();
        if (1..=300).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic() || c == ' ') { Ok(text.to_owned()) } else {
            Err(Wrong::coded("invalid_client", "must be the client id that the provider shows: 1 to 300 plain characters"))
        }
    }
}

checked! {
    /// The claim that lists somebody's groups: `groups`.
    Claim, |text| {
        let text = text.trim();
        if (1..=100).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic()) { Ok(text.to_owned()) } else {
            Err(Wrong::coded("invalid_claim", "must be the name of a claim, as `groups`: 1 to 100 plain characters"))
        }
    }
}

/// Whether what is sent to an address can be read on the way by nobody: https, or this machine itself.
#[must_use]
pub fn secure(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(url::Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(url::Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    }
}

/// Characters of a group's name.
const GROUP: usize = 200;

/// Who is given a role: those of a group, or everybody that the provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The group as the provider names it; none: everybody.
    pub group: Option<String>,
    /// Where they get the role.
    pub place: Place,
    /// Which. Never `owner`: owners are made by hand, so that who gets hold of a provider does not own
    /// the team.
    pub role: Role,
}

impl Mapping {
    /// Checks a group's name and the role.
    ///
    /// # Errors
    /// The field within the mapping, and the rule.
    pub fn check(self) -> Result<Self, (&'static str, Wrong)> {
        if self.role == Role::Owner {
            return Err(("role", Wrong::new("is `owner`: owners are made by hand; give `admin`")));
        }
        let fits = |group: &String| {
            (1..=GROUP).contains(&group.chars().count()) && !group.chars().any(char::is_control)
        };
        match &self.group {
            Some(group) if !fits(group) => {
                let rule = format!("must have 1 to {GROUP} characters; leave it out for everybody");
                Err(("group", Wrong::new(rule)))
            }
            _ => Ok(self),
        }
    }
}

/// Who vouches for people, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its id.
    pub id: ProviderId,
    /// The team that trusts it; none: the whole instance does.
    pub team: Option<TeamId>,
    /// For people: what the button says.
    pub name: DisplayName,
    /// How it is spoken with.
    pub kind: Kind,
    /// Where it is.
    pub issuer: Issuer,
    /// What it calls us.
    pub client: ClientName,
    /// What it lists groups in.
    pub claim: Claim,
    /// People can sign in through it.
    pub enabled: bool,
    /// When it was entered.
    pub created_at: Time,
    /// Who is given what; none for one of the instance.
    pub mappings: Vec<Mapping>,
}

impl Provider {
    /// The roles of somebody in these groups, each at its place once.
    #[must_use]
    pub fn roles(&self, groups: &[String]) -> Vec<(Place, Role)> {
        let of = |mapping: &&Mapping| mapping.group.as_ref().is_none_or(|group| groups.contains(group));
        let mut roles: Vec<_> = self.mappings.iter().filter(of).map(|m| (m.place, m.role)).collect();
        roles.sort_unstable();
        roles.dedup();
        roles
    }

    /// The same as sessions carry it.
    #[must_use]
    pub const fn through(&self) -> Through {
        Through { provider: self.id, team: self.team }
    }
}

/// By whom a session was vouched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Through {
    /// By whom.
    pub provider: ProviderId,
    /// The only team that it counts for; none: all.
    pub team: Option<TeamId>,
}

/// Somebody as a provider knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Whose word it is.
    pub provider: ProviderId,
    /// Theirs there, for ever.
    pub subject: String,
    /// Who they are here.
    pub person: UserId,
    /// Their address there, to be shown.
    pub email: Option<Email>,
    /// Since when.
    pub created_at: Time,
    /// When they last signed in by it.
    pub used_at: Time,
}

/// A sign-on that was begun, and waits for the browser to come back from the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOn {
    /// At whom.
    pub provider: ProviderId,
    /// Who connects the provider to their account; none: somebody signs in.
    pub person: Option<UserId>,
    /// Where they go on to.
    pub next: String,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{clock::SystemClock, id::ProjectId};

    #[test]
    fn issuers_are_https_or_this_machine() {
        for good in [
            "https://login.example.org",
            "https://a.example.org:8443/realms/x/",
            "http://127.0.0.1:9/",
            "http://[::1]:9",
        ] {
            assert_eq!(Issuer::parse(good).map(|i| i.to_string()), Ok(good.to_owned()));
        }
        for bad in [
            "http://login.example.org",
            "http://localhost:9",
            "http://10.0.0.1/",
            "https://user@login.example.org",
            "https://login.example.org/?a",
            "https://login.example.org/#a",
            "ftp://login.example.org",
            "javascript:alert(1)",
            "login.example.org",
            "https://log in.example.org",
            "",
        ] {
            assert_eq!(Issuer::parse(bad).unwrap_err().code, "invalid_issuer", "{bad}");
        }
    }

    #[test]
    fn groups_give_their_roles_and_nothing_gives_an_owner() {
        let place = Place::Project(ProjectId::new(&SystemClock));
        let map = |group: Option<&str>, place, role| Mapping { group: group.map(str::to_owned), place, role };
        let provider = Provider {
            id: ProviderId::new(&SystemClock),
            team: None,
            name: DisplayName::parse("x").unwrap(),
            kind: Kind::Oidc,
            issuer: Issuer::parse("https://login.example.org").unwrap(),
            client: ClientName::parse("skep").unwrap(),
            claim: Claim::parse("groups").unwrap(),
            enabled: true,
            created_at: crate::domain::clock::Clock::now(&SystemClock),
            mappings: vec![
                map(None, Place::Team, Role::Viewer),
                map(Some("dev"), place, Role::Deployer),
                map(Some("ops"), place, Role::Deployer),
                map(Some("ops"), Place::Team, Role::Admin),
            ],
        };
        let roles =
            |groups: &[&str]| provider.roles(&groups.iter().map(|g| (*g).to_owned()).collect::<Vec<_>>());
        assert_eq!(roles(&[]), [(Place::Team, Role::Viewer)]);
        assert_eq!(roles(&["Dev", "dev "]), [(Place::Team, Role::Viewer)], "as they are written");
        assert_eq!(roles(&["dev", "ops"]).len(), 3, "one role at a place counts once");
        assert_eq!(map(None, Place::Team, Role::Owner).check().unwrap_err().0, "role");
        assert_eq!(map(Some(""), Place::Team, Role::Admin).check().unwrap_err().0, "group");
        map(Some("dev"), Place::Team, Role::Admin).check().unwrap();
    }
}
