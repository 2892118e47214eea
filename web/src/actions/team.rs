//! The team: members, roles, invitations, and which team is looked at.

use super::{
    Reply,
    ask::ask,
    go,
    session::{entered, password},
};
use crate::{
    api::{Error, Secret},
    http::{Cx, Done, Form},
    pages,
};

/// Renames the team.
pub async fn rename(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    cx.api.rename_team(form.text("name")).await?;
    go("/team", Done::TeamRenamed)
}

/// Sets what the team may have at most.
pub async fn quota(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let figures =
        ["apps", "builds", "nano_cpus", "memory", "storage"].map(|key| (key, form.text(key).to_owned()));
    cx.api.set_quota(&figures).await?;
    go("/team", Done::QuotaSet)
}

/// Makes another team.
pub async fn create(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    cx.api.create_team(form.text("name")).await?;
    go("/team", Done::TeamCreated)
}

/// Looks at another team.
pub async fn look_at(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    cx.api.look_at_team(form.text("team")).await?;
    Ok(Reply::Go { to: "/".into(), done: None })
}

/// Invites somebody, and shows the code this once.
pub async fn invite(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let mut faults = Vec::new();
    let days = form.number("days", &mut faults);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let email = form.text("email");
    let code = cx.api.invite(email, form.text("role"), form.text("place"), days).await?;
    Ok(Reply::Show(pages::shown_invitation(email.to_owned(), &code)))
}

/// Takes an invitation back.
pub async fn withdraw(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let question = "Its code works no longer.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Take back", "/team") {
        return Ok(reply);
    }
    cx.api.withdraw_invitation(form.text("invitation")).await?;
    go("/team", Done::InvitationWithdrawn)
}

/// Gives a member a role at a place, or takes it.
pub async fn set_role(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let role = form.optional("role");
    cx.api.set_member_role(form.text("member"), form.text("place"), role.as_deref()).await?;
    go("/team", Done::MemberChanged)
}

/// Takes a member out.
pub async fn remove(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let question =
        "They see nothing of the team any more, and their tokens for it are refused from then on.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Remove from team", "/team") {
        return Ok(reply);
    }
    cx.api.remove_member(form.text("member")).await?;
    go("/team", Done::MemberRemoved)
}

/// Makes a role.
pub async fn create_role(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let rights = form.pairs().iter().filter(|(name, _)| name == "right").map(|(_, right)| right.clone());
    let rights: Vec<String> = rights.collect();
    cx.api.create_role(form.text("name"), &rights).await?;
    go("/team", Done::RoleCreated)
}

/// Removes a role.
pub async fn delete_role(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let question = "The role is deleted. Nobody may have it then.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Delete role", "/team") {
        return Ok(reply);
    }
    cx.api.delete_role(form.text("role")).await?;
    go("/team", Done::RoleDeleted)
}

/// Takes an invitation up, and signs in.
pub async fn join(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let entry = cx.api.join(Secret::new(form.text("code")), password(form, "password")?).await?;
    Ok(entered(entry, "/"))
}
