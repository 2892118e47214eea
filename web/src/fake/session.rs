//! Sessions.

use super::{Fake, Gate, Mood};
use crate::api::{
    Entry, Error, Fault, Result, Secret, SessionId, SessionView, Sessions, SetCookie, Time, TokenId,
    TokenView, Viewer,
};

const DAY: i64 = 86_400_000;
const RIGHTS: [&str; 13] = [
    "view",
    "logs",
    "deploy",
    "configure",
    "variables",
    "reveal",
    "approve",
    "environments",
    "projects",
    "credentials",
    "members",
    "audit",
    "team",
];

pub(super) fn cookie() -> SetCookie {
    SetCookie(vec![Secret::new("__Host-session=fake; Path=/; Secure; HttpOnly; SameSite=Lax")])
}

#[async_trait::async_trait]
impl Sessions for Fake {
    async fn needs_setup(&self) -> Result<bool> {
        Ok(self.all().gate == Gate::Fresh)
    }

    async fn set_up(&self, token: Secret, email: &str, password: Secret) -> Result<SetCookie> {
        if self.all().gate != Gate::Fresh {
            return Err(Error::Conflict("There is an admin already. Sign in.".into()));
        }
        let mut faults = Vec::new();
        if token.expose() != "token" {
            faults.push(Fault::new("token", "is not the one that the installer printed"));
        }
        if !email.contains('@') {
            faults.push(Fault::new("email", "must be an address like `you@example.org`"));
        }
        if password.expose().len() < 12 {
            faults.push(Fault::new("password", "must have at least 12 characters"));
        }
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        self.all().gate = Gate::In;
        Ok(cookie())
    }

    async fn viewer(&self) -> Result<Option<Viewer>> {
        Ok((self.all().gate == Gate::In).then(|| Viewer {
            email: "ada@example.org".into(),
            team: Some("Example Ltd".into()),
            rights: RIGHTS.map(str::to_owned).into(),
            owner: true,
            sign_in_at: None,
        }))
    }

    async fn sign_in(&self, email: &str, password: Secret) -> Result<Entry> {
        match (email, password.expose()) {
            ("slow@example.org", _) => Err(Error::Busy(30)),
            ("ada@example.org", "correct horse battery") => {
                if self.all().two_factor {
                    return Ok(Entry::SecondStep(cookie()));
                }
                self.all().gate = Gate::In;
                Ok(Entry::SignedIn(cookie()))
            }
            _ => Err(Error::Unauthenticated),
        }
    }

    async fn second_step(&self, code: Secret) -> Result<SetCookie> {
        if !super::two_factor::is_code(&code) {
            return Err(Error::invalid("code", "the code is wrong or was used"));
        }
        self.all().gate = Gate::In;
        Ok(cookie())
    }

    async fn sign_out(&self) -> Result<SetCookie> {
        self.all().gate = Gate::Out;
        Ok(cookie())
    }

    async fn sign_out_everywhere(&self) -> Result<SetCookie> {
        self.sign_out().await
    }

    async fn sessions(&self) -> Result<Vec<SessionView>> {
        self.up()?;
        let session = |id: &str, current, agent: &str, ago: i64| SessionView {
            id: SessionId::from(id),
            current,
            agent: agent.into(),
            created_at: Time(self.now.0 - ago * DAY),
            expires_at: Time(self.now.0 + (14 - ago) * DAY),
        };
        Ok(vec![
            session("s1", true, "Firefox on Linux", 0),
            session("s2", false, "Safari on iPhone", 3),
            session("s3", false, "<b>curl</b>/8.5", 9),
        ])
    }

    async fn end_session(&self, _id: &SessionId) -> Result<()> {
        self.up()
    }

    async fn change_password(&self, current: Secret, password: Secret) -> Result<()> {
        self.up()?;
        if current.expose() != "correct horse battery" {
            return Err(Error::invalid("current", "is wrong"));
        }
        if password.expose().len() < 12 {
            return Err(Error::invalid("password", "must have at least 12 characters"));
        }
        Ok(())
    }

    async fn tokens(&self) -> Result<Vec<TokenView>> {
        self.up()?;
        if self.mood == Mood::Empty {
            return Ok(Vec::new());
        }
        let token = |id: &str, name: &str, ends: Option<i64>, used: Option<i64>| TokenView {
            id: TokenId::from(id),
            name: name.into(),
            created_at: Time(self.now.0 - 40 * DAY),
            expires_at: ends.map(|days| Time(self.now.0 + days * DAY)),
            used_at: used.map(|minutes| Time(self.now.0 - minutes * 60_000)),
        };
        Ok(vec![token("t1", "CI of the shop", Some(50), Some(12)), token("t2", "Laptop", None, None)])
    }

    async fn create_token(&self, name: &str, days: Option<u32>) -> Result<(TokenView, Secret)> {
        self.up()?;
        if name.is_empty() {
            return Err(Error::invalid("name", "must not be empty"));
        }
        let expires_at = days.map(|days| Time(self.now.0 + i64::from(days) * DAY));
        let view = TokenView {
            id: TokenId::from("t3"),
            name: name.into(),
            created_at: self.now,
            expires_at,
            used_at: None,
        };
        Ok((view, Secret::new("skep_Vq3k0WmT9mJxq0vXHc1n2pG8yRz4aL6bUeFsDiOoPtQ")))
    }

    async fn delete_token(&self, _id: &TokenId) -> Result<()> {
        self.up()
    }
}
