//! Members with their roles, and invitations.

use leptos::prelude::*;

use crate::{
    api::{GrantView, InvitationView, MemberView, TeamView, Time},
    components::{Ago, Empty, Form, Pick, Section, Submit, Text},
    http::FormState,
    islands::ConfirmButton,
};

/// The forms of this part.
pub struct Forms {
    /// Invites somebody.
    pub invite: FormState,
    /// Takes an invitation back.
    pub withdraw: FormState,
    /// Gives or takes a role.
    pub role: FormState,
    /// Takes a member out.
    pub remove: FormState,
}

/// Members and invitations; what changes them for whoever may.
pub fn section(team: &TeamView, forms: Forms, manages: bool, now: Time) -> impl IntoView + use<> {
    let rows: Vec<_> = team.members.iter().map(|member| row(member.clone(), &forms, manages, now)).collect();
    let none = rows.is_empty();
    let fault = forms.role.faults().into_iter().chain(forms.remove.faults()).next();
    let choices = Choices::of(team);
    let give = manages.then(|| give(team, &choices, &forms.role));
    let invited: Vec<_> =
        team.invitations.iter().map(|open| invitation(open.clone(), &forms.withdraw, now)).collect();
    let invite = manages.then(|| invite(&choices, forms.invite, invited));
    view! {
        <Section title="Members" about="Roles add up: one in the whole team counts everywhere, one in a project or environment there.">
            {fault.map(|fault| view! { <div class="faults" role="alert">{fault.message}</div> })}
            {none
                .then(|| {
                    view! { <Empty title="You see a part of this team" text="Who its members are, is shown to those who see all of it."/> }
                })}
            <ul class="list">{rows}</ul>
            {give}
        </Section>
        {invite}
    }
}

/// What can be chosen: roles and places.
struct Choices {
    roles: Vec<(String, String)>,
    places: Vec<(String, String)>,
}

impl Choices {
    fn of(team: &TeamView) -> Self {
        let roles = team.roles.iter().map(|role| (role.id.clone(), role.name.clone())).collect();
        Self { roles, places: team.places.clone() }
    }
}

fn give(team: &TeamView, choices: &Choices, form: &FormState) -> impl IntoView + use<> {
    let people = team.members.iter().map(|member| (member.id.clone(), member.email.clone()));
    let accounts = team.service_accounts.iter();
    let accounts =
        accounts.map(|account| (account.member.id.clone(), format!("{} (service account)", account.name)));
    let members = people.chain(accounts).collect();
    let (roles, places, form) = (choices.roles.clone(), choices.places.clone(), form.clone());
    view! {
        <details class="pad">
            <summary>"Give a role"</summary>
            <Form state=form.clone()>
                <div class="columns">
                    <Pick state=form.clone() name="member" label="Member" options=members/>
                    <Pick state=form.clone() name="role" label="Role" value="viewer" options=roles/>
                    <Pick
                        state=form
                        name="place"
                        label="Where"
                        value="team"
                        options=places
                        hint="It replaces the role that they have there."
                    />
                </div>
                <div class="row">
                    <Submit label="Give role" quiet=true/>
                </div>
            </Form>
        </details>
    }
}

fn invite(choices: &Choices, form: FormState, invited: Vec<AnyView>) -> impl IntoView + use<> {
    let (roles, places) = (choices.roles.clone(), choices.places.clone());
    let days = [("1", "1 day"), ("7", "7 days"), ("30", "30 days")];
    let days = days.map(|(value, text)| (value.to_owned(), text.to_owned())).to_vec();
    view! {
        <Section title="Invite somebody" about="They get a code that works once, for their address alone.">
            <ul class="list">{invited}</ul>
            <Form state=form.clone()>
                <div class="columns">
                    <Text state=form.clone() name="email" label="Their e-mail address" kind="email" required=true/>
                    <Pick state=form.clone() name="role" label="Role" value="deployer" options=roles/>
                </div>
                <div class="columns">
                    <Pick state=form.clone() name="place" label="Where" value="team" options=places/>
                    <Pick state=form name="days" label="Open for" value="7" options=days/>
                </div>
                <div class="row">
                    <Submit label="Make invitation"/>
                </div>
            </Form>
        </Section>
    }
}

fn row(member: MemberView, forms: &Forms, manages: bool, now: Time) -> AnyView {
    let name = if member.me { "Leave the team".to_owned() } else { format!("Remove {}", member.email) };
    let id = member.id.clone();
    let grants: Vec<_> =
        member.grants.into_iter().map(|grant| tag(grant, &id, &forms.role, manages)).collect();
    let bare = grants.is_empty().then(|| view! { <span class="quiet">"no role"</span> });
    let out = (manages || member.me).then(|| {
        view! {
            <form method="post" action=forms.remove.action.clone()>
                <input type="hidden" name="member" value=member.id.clone()/>
                <ConfirmButton
                    label=if member.me { "Leave" } else { "Remove" }.into()
                    sure="Really?".into()
                    class="button small danger".into()
                    name
                />
            </form>
        }
    });
    view! {
        <li class="line tall">
            <span class="grow">
                <strong>{member.email}</strong>
                {member.me.then(|| view! { " " <span class="tag good">"you"</span> })}
                <small class="quiet">"since " <Ago at=member.created_at now/></small>
                <span class="row">{grants} {bare}</span>
            </span>
            {out}
        </li>
    }
    .into_any()
}

/// One role at one place, with the button that takes it.
pub(super) fn tag(grant: GrantView, member: &str, form: &FormState, manages: bool) -> AnyView {
    if grant.provided {
        let text = format!("{} in {} by single sign-on", grant.role_name, grant.place_name);
        return view! { <span class="tag">{text}</span> }.into_any();
    }
    let text = match grant.place.as_str() {
        "team" => grant.role_name,
        _ => format!("{} in {}", grant.role_name, grant.place_name),
    };
    let take = format!("Take away the role {text}");
    let button = manages.then(|| {
        view! {
            <form method="post" action=form.action.clone()>
                <input type="hidden" name="member" value=member.to_owned()/>
                <input type="hidden" name="place" value=grant.place/>
                <button type="submit" class="button small" aria-label=take>
                    "Take away"
                </button>
            </form>
        }
    });
    view! {
        <span class="row">
            <span class="tag">{text}</span>
            {button}
        </span>
    }
    .into_any()
}

fn invitation(open: InvitationView, withdraw: &FormState, now: Time) -> AnyView {
    let name = format!("Take back the invitation of {}", open.email);
    let about = match open.place_name.as_str() {
        "" => open.role_name,
        place => format!("{} in {place}", open.role_name),
    };
    view! {
        <li class="line">
            <span class="grow">
                <strong>{open.email}</strong>
                " "
                <span class="tag">"invited"</span>
                <small class="quiet">{about} ", ends " <Ago at=open.expires_at now/></small>
            </span>
            <form method="post" action=withdraw.action.clone()>
                <input type="hidden" name="invitation" value=open.id/>
                <ConfirmButton
                    label="Take back".into()
                    sure="Really?".into()
                    class="button small danger".into()
                    name
                />
            </form>
        </li>
    }
    .into_any()
}
