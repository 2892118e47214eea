//! The team: members, roles, invitations.

use async_trait::async_trait;
use skep_web::api::{
    self, Entry, GrantView, InvitationView, MemberView, Result, RoleView, Secret, ServiceAccountView,
    TeamLink, TeamView,
};

use super::{
    Web,
    fields::{id, parsed, time},
    places::{Places, place},
    quota,
    session::token_view,
};
use crate::{
    control::{
        Ctx, Error, invitations,
        invitations::{Joining, NewInvitation},
        members, quotas, roles, service_accounts, teams,
    },
    domain::{
        fault::Wrong,
        id::{InvitationId, RoleId, TeamId, UserId},
        name::{DisplayName, Email},
        right::{Place, Right, Role},
        secret,
        team::TeamRole,
    },
};

/// What a role, place or list of people needs to be told in words.
pub(super) struct Words {
    pub(super) roles: Vec<TeamRole>,
    pub(super) places: Places,
}

impl Words {
    pub(super) async fn of(cx: &Ctx) -> std::result::Result<Self, Error> {
        let places = Places::of(cx).await?;
        Ok(Self { roles: seen(roles::list(cx).await)?, places })
    }

    pub(super) fn role(&self, role: Role) -> String {
        match role {
            Role::Custom(id) => {
                let found = self.roles.iter().find(|own| own.id == id);
                found.map_or_else(|| id.to_string(), |own| own.name.to_string())
            }
            built_in => built_in.name(),
        }
    }
}

/// Who sees a part of the team is shown that part.
fn seen<T>(found: std::result::Result<Vec<T>, Error>) -> std::result::Result<Vec<T>, Error> {
    match found {
        Err(Error::Forbidden(_)) => Ok(Vec::new()),
        found => found,
    }
}

pub(super) fn role(text: &str) -> std::result::Result<Role, Error> {
    Role::named(text).ok_or_else(|| Error::wrong("role", Wrong::new("must be one of the list")))
}

async fn view(cx: &Ctx) -> std::result::Result<TeamView, Error> {
    let words = Words::of(cx).await?;
    let current = teams::current(cx).await?;
    let member = |member: crate::domain::team::Member| MemberView {
        id: member.user.to_string(),
        email: member.email.to_string(),
        me: member.user == cx.actor.user,
        created_at: time(member.created_at),
        grants: (member.grants.iter().map(|grant| (grant, false)))
            .chain(member.provided.iter().map(|grant| (grant, true)))
            .map(|(grant, provided)| GrantView {
                provided,
                place: grant.place.to_string(),
                place_name: words.places.name(grant.place),
                role: grant.role.name(),
                role_name: words.role(grant.role),
            })
            .collect(),
    };
    let open = |open: crate::domain::team::Invitation| InvitationView {
        id: open.id.to_string(),
        email: open.email.to_string(),
        role_name: words.role(open.role),
        place_name: if open.place == Place::Team { String::new() } else { words.places.name(open.place) },
        expires_at: time(open.expires_at),
    };
    let (accounts, people): (Vec<_>, Vec<_>) =
        seen(members::list(cx).await)?.into_iter().partition(|member| member.service);
    let tokens =
        if accounts.is_empty() { Vec::new() } else { seen(service_accounts::tokens::all(cx).await)? };
    let account = |account: crate::domain::team::Member| ServiceAccountView {
        name: account.email.service().unwrap_or_default().to_owned(),
        tokens: tokens.iter().filter(|token| token.user == account.user).cloned().map(token_view).collect(),
        member: member(account),
    };
    let service_accounts = accounts.into_iter().map(account).collect();
    let members = people.into_iter().map(member).collect();
    let invitations = seen(invitations::list(cx).await)?.into_iter().map(open).collect();
    let names = |rights: crate::domain::right::Rights| rights.iter().map(|r| r.name().to_owned()).collect();
    let built_in = Role::BUILT_IN.into_iter().map(|role| RoleView {
        id: role.name(),
        name: role.name(),
        built_in: true,
        rights: names(role.rights()),
    });
    let own = words.roles.iter().map(|role| RoleView {
        id: role.id.to_string(),
        name: role.name.to_string(),
        built_in: false,
        rights: names(role.rights),
    });
    let roles = if cx.access.sees_all() { built_in.chain(own).collect() } else { Vec::new() };
    let (quota, measured) = quota::rows(cx).await?;
    let mine = teams::mine(cx).await?.into_iter().map(|team| TeamLink {
        current: team.id == cx.team(),
        id: team.id.to_string(),
        name: team.name.to_string(),
    });
    Ok(TeamView {
        name: current.map(|team| team.name.to_string()),
        members,
        service_accounts,
        roles,
        invitations,
        rights: Right::ALL.iter().map(|right| (right.name().to_owned(), right.about().to_owned())).collect(),
        teams: mine.collect(),
        places: words.places.choices(),
        quota,
        measured,
    })
}

#[async_trait]
impl api::Teams for Web {
    async fn team(&self) -> Result<TeamView> {
        view(&self.cx()?).await.map_err(|e| self.told(e))
    }

    async fn set_quota(&self, figures: &[(&str, String)]) -> Result<()> {
        let cx = self.cx()?;
        let quota = quota::read(figures).map_err(|e| self.told(e))?;
        quotas::set(&cx, cx.team(), quota).await.map(drop).map_err(|e| self.told(e))
    }

    async fn rename_team(&self, name: &str) -> Result<()> {
        let cx = self.cx()?;
        let name = parsed("name", DisplayName::parse(name)).map_err(|e| self.told(e))?;
        teams::rename(&cx, name).await.map(drop).map_err(|e| self.told(e))
    }

    async fn create_team(&self, name: &str) -> Result<()> {
        let cx = self.cx()?;
        let name = parsed("name", DisplayName::parse(name)).map_err(|e| self.told(e))?;
        teams::create(&cx, name, None).await.map(drop).map_err(|e| self.told(e))
    }

    async fn look_at_team(&self, team: &str) -> Result<()> {
        let team: TeamId = id(team).map_err(|e| self.told(e))?;
        teams::look_at(&self.cx()?, self.caller()?, team).await.map_err(|e| self.told(e))
    }

    async fn invite(&self, email: &str, as_role: &str, at: &str, days: Option<u32>) -> Result<Secret> {
        let cx = self.cx()?;
        let new = || {
            let email = parsed("email", Email::parse(email))?;
            Ok(NewInvitation { email, role: role(as_role)?, place: place(at)?, days })
        };
        let (_, code) =
            invitations::create(&cx, new().map_err(|e| self.told(e))?).await.map_err(|e| self.told(e))?;
        Ok(Secret::new(code.expose()))
    }

    async fn withdraw_invitation(&self, invitation: &str) -> Result<()> {
        let invitation: InvitationId = id(invitation).map_err(|e| self.told(e))?;
        invitations::withdraw(&self.cx()?, invitation).await.map_err(|e| self.told(e))
    }

    async fn set_member_role(&self, member: &str, at: &str, to: Option<&str>) -> Result<()> {
        let member: UserId = id(member).map_err(|e| self.told(e))?;
        let at = place(at).map_err(|e| self.told(e))?;
        let to = to.map(role).transpose().map_err(|e| self.told(e))?;
        members::set_role(&self.cx()?, member, at, to).await.map(drop).map_err(|e| self.told(e))
    }

    async fn remove_member(&self, member: &str) -> Result<()> {
        let member: UserId = id(member).map_err(|e| self.told(e))?;
        members::remove(&self.cx()?, member).await.map_err(|e| self.told(e))
    }

    async fn create_role(&self, name: &str, rights: &[String]) -> Result<()> {
        let cx = self.cx()?;
        let name = parsed("name", DisplayName::parse(name)).map_err(|e| self.told(e))?;
        let rights = rights.iter().filter_map(|right| Right::named(right)).collect();
        roles::create(&cx, name, rights).await.map(drop).map_err(|e| self.told(e))
    }

    async fn delete_role(&self, role: &str) -> Result<()> {
        let role: RoleId = id(role).map_err(|e| self.told(e))?;
        roles::remove(&self.cx()?, role).await.map_err(|e| self.told(e))
    }

    async fn join(&self, code: Secret, password: Secret) -> Result<Entry> {
        let (code, password) = (secret::Secret::new(code.expose()), secret::Secret::new(password.expose()));
        let visitor = &self.visitor;
        let joining =
            Joining { code: &code, password: &password, from: visitor.address, agent: &visitor.agent };
        let joined = invitations::accept(self.parts(), joining).await;
        joined.map(|entry| self.entered(&entry)).map_err(|e| self.told(e))
    }
}
