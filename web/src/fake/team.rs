//! The team.

use super::{Fake, Gate, Mood};
use crate::api::{
    Entry, Error, GrantView, InvitationView, MemberView, QuotaRow, Result, RoleView, Secret, TeamLink,
    TeamView, Teams, Time,
};

const DAY: i64 = 86_400_000;

fn grant(place: &str, place_name: &str, role: &str) -> GrantView {
    GrantView {
        place: place.into(),
        place_name: place_name.into(),
        role: role.into(),
        role_name: role.into(),
        provided: false,
    }
}

fn quota() -> Vec<QuotaRow> {
    let row = |key: &str, title: &str, used: &str, quota: &str, typed: &str, percent| QuotaRow {
        key: key.into(),
        title: title.into(),
        used: Some(used.into()),
        quota: Some(quota.to_owned()).filter(|text| !text.is_empty()),
        typed: typed.into(),
        over: percent > Some(99),
        percent,
    };
    vec![
        row("apps", "Apps", "12", "20", "20", Some(60)),
        row("builds", "Builds at once", "1", "2", "2", Some(50)),
        row("nano_cpus", "Processors of all tasks", "2.5 CPUs", "", "", None),
        row("memory", "Memory of all tasks", "3.8 GiB", "4 GiB", "4g", Some(95)),
        row("storage", "Storage in volumes", "104 GiB", "100 GiB", "100g", Some(100)),
    ]
}

#[async_trait::async_trait]
impl Teams for Fake {
    async fn team(&self) -> Result<TeamView> {
        self.up()?;
        let member = |id: &str, email: &str, me, grants| MemberView {
            id: id.into(),
            email: email.into(),
            me,
            grants,
            created_at: Time(self.now.0 - 40 * DAY),
        };
        let role = |id: &str, name: &str, built_in, rights: &[&str]| RoleView {
            id: id.into(),
            name: name.into(),
            built_in,
            rights: rights.iter().map(|right| (*right).to_owned()).collect(),
        };
        let empty = self.mood == Mood::Empty;
        let mut members =
            vec![member("u1", "ada@example.org", true, vec![grant("team", "the whole team", "owner")])];
        if !empty {
            members.push(member(
                "u2",
                "grace@example.org",
                false,
                vec![
                    grant("team", "the whole team", "viewer"),
                    grant("environment:e2", "shop / staging", "deployer"),
                ],
            ));
            members.push(member("u3", "linus@example.org", false, Vec::new()));
            let by_acme = GrantView { provided: true, ..grant("team", "the whole team", "deployer") };
            members.push(member("u4", "ken@acme.example", false, vec![by_acme]));
        }
        let mut roles = vec![
            role("viewer", "viewer", true, &["view", "logs"]),
            role("deployer", "deployer", true, &["view", "logs", "deploy"]),
            role("admin", "admin", true, &["view", "logs", "deploy", "configure", "variables", "members"]),
            role(
                "owner",
                "owner",
                true,
                &["view", "logs", "deploy", "configure", "variables", "members", "team"],
            ),
        ];
        if !empty {
            roles.push(role("r1", "release manager", false, &["view", "logs", "deploy", "approve"]));
        }
        let open = InvitationView {
            id: "i1".into(),
            email: "barbara@example.org".into(),
            role_name: "deployer".into(),
            place_name: "shop".into(),
            expires_at: Time(self.now.0 + 5 * DAY),
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        Ok(TeamView {
            name: Some("Example Ltd".into()),
            members,
            service_accounts: if empty { Vec::new() } else { super::service_accounts::sample(self.now) },
            roles,
            invitations: if empty { Vec::new() } else { vec![open] },
            places: vec![
                pair("team", "the whole team"),
                pair("project:p1", "shop"),
                pair("environment:e2", "shop / staging"),
            ],
            rights: vec![
                pair("view", "See apps and how they are."),
                pair("logs", "Read what builds and containers write."),
                pair("deploy", "Deploy, cancel, roll back, start, stop, restart, scale."),
            ],
            teams: vec![
                TeamLink { id: "t1".into(), name: "Example Ltd".into(), current: true },
                TeamLink { id: "t2".into(), name: "Side project".into(), current: false },
            ],
            quota: quota(),
            measured: Some("Storage was measured on 1 node, 4 minutes ago.".into()),
        })
    }

    async fn rename_team(&self, name: &str) -> Result<()> {
        self.create_team(name).await
    }

    async fn set_quota(&self, figures: &[(&str, String)]) -> Result<()> {
        self.up()?;
        let wrong = figures.iter().find(|(_, text)| text.starts_with('-'));
        wrong.map_or(Ok(()), |(key, _)| Err(Error::invalid(*key, "must be a figure, or empty for no bound")))
    }

    async fn create_team(&self, name: &str) -> Result<()> {
        self.up()?;
        if name.is_empty() { Err(Error::invalid("name", "must not be empty")) } else { Ok(()) }
    }

    async fn look_at_team(&self, id: &str) -> Result<()> {
        self.up()?;
        if matches!(id, "t1" | "t2") { Ok(()) } else { Err(Error::NotFound) }
    }

    async fn invite(&self, email: &str, _role: &str, _place: &str, _days: Option<u32>) -> Result<Secret> {
        self.up()?;
        if !email.contains('@') {
            return Err(Error::invalid("email", "must be an address like `you@example.org`"));
        }
        Ok(Secret::new("skep_join_Vq3k0WmT9mJxq0vXHc1n2pG8yRz4aL6bUeFsDiOoPtQ"))
    }

    async fn withdraw_invitation(&self, _id: &str) -> Result<()> {
        self.up()
    }

    async fn set_member_role(&self, member: &str, place: &str, role: Option<&str>) -> Result<()> {
        self.up()?;
        if member == "u1" && place == "team" && role != Some("owner") {
            return Err(Error::Conflict(
                "they are the team's last owner: make somebody else one first".into(),
            ));
        }
        Ok(())
    }

    async fn remove_member(&self, member: &str) -> Result<()> {
        self.set_member_role(member, "team", None).await
    }

    async fn create_role(&self, name: &str, rights: &[String]) -> Result<()> {
        self.create_team(name).await?;
        if rights.is_empty() { Err(Error::invalid("rights", "must name a right")) } else { Ok(()) }
    }

    async fn delete_role(&self, _id: &str) -> Result<()> {
        self.up()
    }

    async fn join(&self, code: Secret, _password: Secret) -> Result<Entry> {
        if !code.expose().starts_with("skep_join_") {
            return Err(Error::invalid(
                "code",
                "is unknown, was used, or has ended; ask for another invitation",
            ));
        }
        self.all().gate = Gate::In;
        Ok(Entry::SignedIn(super::session::cookie()))
    }
}
