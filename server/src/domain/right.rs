//! Rights, roles, and where they count: the one privilege table (S4) for API, pages and streams.
//!
//! A grant gives a person a role in a team, in one of its projects, or in one environment; what
//! they may do at a place is what all their grants around it give together. Nobody gives a right
//! that they do not have there themselves.
//!
//! To add a right: a line in `rights!`, in the roles that have it, and a call of `Ctx::allow` (or
//! of what loads by it) where it is needed; the authorization matrix tries it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{EnvironmentId, ProjectId, RoleId};

macro_rules! rights {
    ($(#[doc = $about:literal] $name:ident = $text:literal),* $(,)?) => {
        /// What somebody may do at a place.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Right {
            $(#[doc = $about] $name),*
        }

        impl Right {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name in tables, API and command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// What it is for, in a sentence.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self { $(Self::$name => $about.trim_ascii()),* }
            }
        }
    };
}

rights! {
    /// See apps and how they are: settings, deployments, plans, domains.
    View = "view",
    /// Read what builds and containers write.
    Logs = "logs",
    /// Deploy, cancel, roll back, start, stop, restart, scale, send an archive.
    Deploy = "deploy",
    /// Make, change and remove apps, their domains and webhooks.
    Configure = "configure",
    /// Set and remove variables.
    Variables = "variables",
    /// See the values of variables; each look is recorded.
    Reveal = "reveal",
    /// Approve deployments of others.
    Approve = "approve",
    /// Make, protect and remove environments.
    Environments = "environments",
    /// Make and remove projects.
    Projects = "projects",
    /// Give and remove credentials, and trust hosts.
    Credentials = "credentials",
    /// Invite and remove people, and give them roles.
    Members = "members",
    /// Read the audit log.
    Audit = "audit",
    /// Rename the team, and say how its people sign in.
    Team = "team",
}

impl Right {
    /// The right of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|right| right.name() == name)
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

impl std::fmt::Display for Right {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights(u32);

impl Rights {
    /// None.
    pub const NONE: Self = Self(0);

    /// All.
    #[must_use]
    pub fn all() -> Self {
        Right::ALL.iter().copied().collect()
    }

    /// Whether the right is among them.
    #[must_use]
    pub const fn has(self, right: Right) -> bool {
        self.0 & right.bit() != 0
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether all of the other's are among these.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// What the other has and these do not.
    #[must_use]
    pub const fn lacking(self, other: Self) -> Self {
        Self(other.0 & !self.0)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them, in the order of [`Right::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Right> {
        Right::ALL.iter().copied().filter(move |right| self.has(*right))
    }

    /// The names, with commas between: how a set is stored and told.
    #[must_use]
    pub fn names(self) -> String {
        self.iter().map(Right::name).collect::<Vec<_>>().join(",")
    }

    /// A set from stored names; what is not known any more gives nothing.
    #[must_use]
    pub fn of_names(names: &str) -> Self {
        names.split(',').filter_map(Right::named).collect()
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<T: IntoIterator<Item = Right>>(rights: T) -> Self {
        Self(rights.into_iter().fold(0, |bits, right| bits | right.bit()))
    }
}

/// A named set of rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Sees, and reads logs.
    Viewer,
    /// Deploys what others set up.
    Deployer,
    /// Everything but the team itself.
    Admin,
    /// Everything; a team has one at least.
    Owner,
    /// One that the team made of named rights.
    Custom(RoleId),
}

impl Role {
    /// Those that every team has.
    pub const BUILT_IN: [Self; 4] = [Self::Viewer, Self::Deployer, Self::Admin, Self::Owner];

    /// What a built-in role gives; one of the team's own gives what its row says.
    #[must_use]
    pub fn rights(self) -> Rights {
        let viewer = [Right::View, Right::Logs];
        match self {
            Self::Viewer => viewer.into_iter().collect(),
            Self::Deployer => viewer.into_iter().chain([Right::Deploy]).collect(),
            Self::Admin => Right::ALL.iter().copied().filter(|right| *right != Right::Team).collect(),
            Self::Owner => Rights::all(),
            Self::Custom(_) => Rights::NONE,
        }
    }

    /// The name of a built-in role; the id of another.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Viewer => "viewer".to_owned(),
            Self::Deployer => "deployer".to_owned(),
            Self::Admin => "admin".to_owned(),
            Self::Owner => "owner".to_owned(),
            Self::Custom(id) => id.to_string(),
        }
    }

    /// The role of that name or id.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let built_in = Self::BUILT_IN.into_iter().find(|role| role.name() == name);
        built_in.or_else(|| name.parse().ok().map(Self::Custom))
    }
}

/// Where a grant counts: there and below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Everywhere in the team.
    Team,
    /// In one project.
    Project(ProjectId),
    /// In one environment.
    Environment(EnvironmentId),
}

impl Place {
    /// The kind's name and the bare id, for storage; a team's own id is the row's.
    #[must_use]
    pub const fn parts(self) -> (&'static str, Option<uuid::Uuid>) {
        match self {
            Self::Team => ("team", None),
            Self::Project(id) => ("project", Some(id.uuid())),
            Self::Environment(id) => ("environment", Some(id.uuid())),
        }
    }

    /// The place of that text, as it is written by [`Display`](std::fmt::Display).
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some((kind, id)) => Self::of_parts(kind, Some(id.parse().ok()?)),
            None => Self::of_parts(text, None),
        }
    }

    /// What was stored.
    #[must_use]
    pub fn of_parts(kind: &str, id: Option<uuid::Uuid>) -> Option<Self> {
        match (kind, id) {
            ("team", None) => Some(Self::Team),
            ("project", Some(id)) => Some(Self::Project(ProjectId::from_uuid(id))),
            ("environment", Some(id)) => Some(Self::Environment(EnvironmentId::from_uuid(id))),
            _ => None,
        }
    }
}

/// `team`, `project:ID` or `environment:ID`.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.parts() {
            (kind, Some(id)) => write!(f, "{kind}:{id}"),
            (kind, None) => f.write_str(kind),
        }
    }
}

/// What one caller may do in one team: all their grants together, within what their token allows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Access {
    /// Everywhere in the team.
    team: Rights,
    projects: BTreeMap<ProjectId, Rights>,
    environments: BTreeMap<EnvironmentId, (ProjectId, Rights)>,
    /// They own the instance: its settings, its machines, its teams.
    instance: bool,
}

impl Access {
    /// Nothing, but what every member may do for themselves.
    #[must_use]
    pub fn nothing(instance: bool) -> Self {
        Self { instance, ..Self::default() }
    }

    /// Everything in the team.
    #[must_use]
    pub fn owner(instance: bool) -> Self {
        Self { team: Rights::all(), instance, ..Self::default() }
    }

    /// Adds rights everywhere in the team.
    pub fn give_team(&mut self, rights: Rights) {
        self.team = self.team.and(rights);
    }

    /// Adds rights in a project; its environments get them each by [`Access::give_environment`].
    pub fn give_project(&mut self, id: ProjectId, rights: Rights) {
        let had = self.projects.entry(id).or_default();
        *had = had.and(rights);
    }

    /// Adds rights in an environment of a project.
    pub fn give_environment(&mut self, project: ProjectId, id: EnvironmentId, rights: Rights) {
        let had = &mut self.environments.entry(id).or_insert((project, Rights::NONE)).1;
        *had = had.and(rights);
    }

    /// Whether they own the instance.
    #[must_use]
    pub const fn instance(&self) -> bool {
        self.instance
    }

    /// What they may do everywhere in the team.
    #[must_use]
    pub const fn team(&self) -> Rights {
        self.team
    }

    /// What they may do in a project.
    #[must_use]
    pub fn project(&self, id: ProjectId) -> Rights {
        self.team.and(self.projects.get(&id).copied().unwrap_or_default())
    }

    /// What they may do in an environment.
    #[must_use]
    pub fn environment(&self, id: EnvironmentId) -> Rights {
        self.team.and(self.environments.get(&id).map_or(Rights::NONE, |(_, rights)| *rights))
    }

    /// Whether a project is there for them: they see it, or one of its environments.
    #[must_use]
    pub fn sees_project(&self, id: ProjectId) -> bool {
        let within = |(project, rights): &(ProjectId, Rights)| *project == id && rights.has(Right::View);
        self.project(id).has(Right::View) || self.environments.values().any(within)
    }

    /// Whether an environment is there for them.
    #[must_use]
    pub fn sees(&self, id: EnvironmentId) -> bool {
        self.environment(id).has(Right::View)
    }

    /// Whether they see all of the team, so that lists need not be looked through.
    #[must_use]
    pub const fn sees_all(&self) -> bool {
        self.team.has(Right::View)
    }

    /// What they may do at a place.
    #[must_use]
    pub fn at(&self, place: Place) -> Rights {
        match place {
            Place::Team => self.team,
            Place::Project(id) => self.project(id),
            Place::Environment(id) => self.environment(id),
        }
    }

    /// What they may do anywhere at all.
    #[must_use]
    pub fn anywhere(&self) -> Rights {
        let projects = self.projects.values().copied();
        let all = projects.chain(self.environments.values().map(|(_, rights)| *rights));
        all.fold(self.team, Rights::and)
    }

    /// The same within these rights, and nothing of the instance: what a token is given.
    #[must_use]
    pub fn limited(mut self, to: Rights) -> Self {
        self.team = self.team.within(to);
        for rights in self.projects.values_mut() {
            *rights = rights.within(to);
        }
        for (_, rights) in self.environments.values_mut() {
            *rights = rights.within(to);
        }
        self.instance = false;
        self
    }

    /// The same at these places alone. `environments` are those of the named projects and the
    /// named ones, each with its project.
    #[must_use]
    pub fn only_at(self, projects: &[ProjectId], environments: &[(ProjectId, EnvironmentId)]) -> Self {
        Self {
            team: Rights::NONE,
            projects: projects.iter().map(|id| (*id, self.project(*id))).collect(),
            environments: environments
                .iter()
                .map(|(project, id)| (*id, (*project, self.environment(*id))))
                .collect(),
            instance: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::SystemClock;

    #[test]
    fn roles_grow_and_only_the_owner_has_the_team() {
        for pair in Role::BUILT_IN.windows(2) {
            assert!(pair[1].rights().covers(pair[0].rights()), "{pair:?}");
            assert!(!pair[0].rights().covers(pair[1].rights()), "{pair:?}");
        }
        assert_eq!(Role::Admin.rights().lacking(Rights::all()).names(), "team");
        for role in Role::BUILT_IN {
            assert_eq!(Role::named(&role.name()), Some(role));
        }
        assert_eq!(Role::named("root"), None);
    }

    #[test]
    fn names_are_stored_and_unknown_ones_give_nothing() {
        for right in Right::ALL {
            assert_eq!(Right::named(right.name()), Some(*right));
        }
        let all = Rights::all();
        assert_eq!(Rights::of_names(&all.names()), all);
        assert_eq!(Rights::of_names("deploy,fly,"), [Right::Deploy].into_iter().collect());
    }

    #[test]
    fn grants_add_up_downwards_and_not_sideways() {
        let clock = &SystemClock;
        let (project, other) = (ProjectId::new(clock), ProjectId::new(clock));
        let (staging, production) = (EnvironmentId::new(clock), EnvironmentId::new(clock));
        let mut access = Access::nothing(false);
        access.give_environment(project, staging, Role::Deployer.rights());
        assert!(access.sees_project(project) && !access.sees_project(other));
        assert!(!access.project(project).has(Right::View), "one environment is not the project");
        assert!(access.environment(staging).has(Right::Deploy));
        assert!(!access.sees(production));
        access.give_team(Role::Viewer.rights());
        assert!(access.sees(production) && !access.environment(production).has(Right::Deploy));
        assert!(access.anywhere().has(Right::Deploy));
    }

    #[test]
    fn a_token_never_widens() {
        let clock = &SystemClock;
        let (project, staging) = (ProjectId::new(clock), EnvironmentId::new(clock));
        let mut access = Access::owner(true);
        access = access.limited([Right::View, Right::Deploy].into_iter().collect());
        assert!(!access.instance() && !access.team().has(Right::Configure));
        let narrow = access.only_at(&[], &[(project, staging)]);
        assert!(narrow.team().is_empty());
        assert!(narrow.environment(staging).has(Right::Deploy));
        assert!(!narrow.project(project).has(Right::View) && narrow.sees_project(project));
    }
}
