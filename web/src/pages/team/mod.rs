//! The team: members and what each may do where, invitations, roles, and other teams.

mod dns;
mod dns_parts;
mod members;
mod quota;
mod roles;
mod service_accounts;
mod sso;
mod stores;

use leptos::prelude::*;

pub use dns::dns;
pub use sso::{findings, sso};
pub use stores::stores;

use crate::{
    api::{Result, TeamLink},
    components::{Form, Pick, Place, Section, Submit, Text},
    http::{Cx, FormState},
    pages::Page,
};

/// The page of the team.
pub async fn team(cx: &Cx<'_>) -> Result<Page> {
    let team = cx.api.team().await?;
    let now = cx.now();
    let viewer = cx.viewer.clone();
    let may = |right: &str| viewer.as_ref().is_some_and(|viewer| viewer.may(right));
    let (manages, renames, entrusts) = (may("members"), may("team"), may("credentials"));
    let owner = viewer.as_ref().is_some_and(|viewer| viewer.owner);
    let forms = members::Forms {
        invite: cx.form("invite", "/actions/team/invitations"),
        withdraw: cx.form("withdraw", "/actions/team/invitations/withdraw"),
        role: cx.form("role", "/actions/team/members/role"),
        remove: cx.form("remove", "/actions/team/members/remove"),
    };
    let accounts = service_accounts::Forms::of(cx);
    let new_role = cx.form("new-role", "/actions/team/roles");
    let delete_role = cx.form("delete-role", "/actions/team/roles/delete");
    let rename = cx.form("rename", "/actions/team");
    let set_quota = cx.form("quota", "/actions/team/quota");
    let create = cx.form("create", "/actions/team/new");
    let look = cx.form("look", "/actions/account/team");
    Ok(Page::new("Team", Place::Team, move || {
        let name = team.name.clone().unwrap_or_default();
        let people = members::section(&team, forms, manages, now);
        let roles = roles::section(&team, new_role, &delete_role, manages);
        let quota = quota::section(&team, set_quota, owner);
        let accounts = service_accounts::section(team.service_accounts, accounts, manages, now);
        let others = others(team.teams, look);
        view! {
            <header class="page-head">
                <h1>{team.name.unwrap_or_else(|| "No team".to_owned())}</h1>
            </header>
            {people}
            {accounts}
            {roles}
            {quota}
            {entrusts
                .then(|| {
                    view! {
                        <Section
                            title="Secret stores"
                            about="Variables can refer to what Vault, Infisical, AWS, Doppler or 1Password hold."
                        >
                            <div class="row pad">
                                <a href="/team/stores" class="button">
                                    "Secret stores"
                                </a>
                            </div>
                        </Section>
                        <Section
                            title="DNS and certificates"
                            about="DNS providers for wildcards, domains that are proved to be yours, and certificates of your own."
                        >
                            <div class="row pad">
                                <a href="/team/dns" class="button">
                                    "DNS and certificates"
                                </a>
                            </div>
                        </Section>
                    }
                })}
            {renames
                .then(|| {
                    view! {
                        <Section title="Name">
                            <Form state=rename.clone()>
                                <Text state=rename.clone() name="name" label="Name of the team" value=name required=true/>
                                <div class="row">
                                    <Submit label="Rename" quiet=true/>
                                </div>
                            </Form>
                        </Section>
                    }
                })}
            {renames
                .then(|| {
                    view! {
                        <Section title="Single sign-on" about="People sign in through your own identity provider, and have the roles of their groups there.">
                            <p class="row pad">
                                <a class="button" href="/team/sso">
                                    "Set up single sign-on"
                                </a>
                            </p>
                        </Section>
                    }
                })}
            {others}
            {owner
                .then(|| {
                    view! {
                        <Section
                            title="New team"
                            about="Teams see nothing of one another: projects, credentials and people are each their own."
                        >
                            <Form state=create.clone()>
                                <Text state=create.clone() name="name" label="Name of the new team" required=true/>
                                <div class="row">
                                    <Submit label="Create team" quiet=true/>
                                </div>
                            </Form>
                        </Section>
                    }
                })}
        }
    }))
}

/// The way to another team, if there is one.
fn others(teams: Vec<TeamLink>, look: FormState) -> impl IntoView {
    let current = teams.iter().find(|team| team.current).map(|team| team.id.clone()).unwrap_or_default();
    (teams.len() > 1 || current.is_empty() && !teams.is_empty()).then(|| {
        let options = teams.into_iter().map(|team| (team.id, team.name)).collect();
        view! {
            <Section title="Other teams" about="What you see belongs to one team at a time.">
                <Form state=look.clone()>
                    <Pick state=look name="team" label="Look at" value=current options/>
                    <div class="row">
                        <Submit label="Change team" quiet=true/>
                    </div>
                </Form>
            </Section>
        }
    })
}
