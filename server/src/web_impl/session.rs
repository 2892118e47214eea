//! Signing in and out, sessions, tokens.

use async_trait::async_trait;
use skep_web::api::{
    self, Entry, Result, Secret, SessionId, SessionView, SetCookie, TokenId, TokenView, Viewer,
};

use super::{
    Web,
    fields::{id, time},
};
use crate::{
    control::{
        Error,
        identity::{self, Login, Means, NewToken, SecondStep, SignedIn},
        teams,
    },
    domain::{
        identity::{Session, Token},
        secret,
    },
};

#[async_trait]
impl api::Sessions for Web {
    async fn needs_setup(&self) -> Result<bool> {
        identity::needs_setup(self.parts()).await.map_err(|e| self.told(e))
    }

    async fn set_up(&self, token: Secret, email: &str, password: Secret) -> Result<SetCookie> {
        let (token, password) = (ours(&token), ours(&password));
        let visitor = &self.visitor;
        let made = identity::setup(self.parts(), &token, email, &password, visitor.address, &visitor.agent);
        made.await.map(|signed_in| self.given(&signed_in)).map_err(|e| self.told(e))
    }

    async fn viewer(&self) -> Result<Option<Viewer>> {
        let Ok(cx) = self.cx() else { return Ok(None) };
        match identity::whoami(&cx).await {
            Ok(user) => {
                let team = teams::current(&cx).await.map_err(|e| self.told(e))?;
                Ok(Some(Viewer {
                    email: user.email.to_string(),
                    team: team.map(|team| team.name.to_string()),
                    rights: cx.access.anywhere().iter().map(|right| right.name().to_owned()).collect(),
                    owner: cx.access.instance(),
                    sign_in_at: cx.closed.then(|| format!("/login/{}", cx.team())),
                }))
            }
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(self.told(error)),
        }
    }

    async fn sign_in(&self, email: &str, password: Secret) -> Result<Entry> {
        let password = ours(&password);
        let login = Login {
            email,
            password: &password,
            from: self.visitor.address,
            agent: &self.visitor.agent,
            known: self.visitor.cookies.known.as_deref(),
            old: self.visitor.cookies.session.as_deref(),
        };
        let entry = identity::login(self.parts(), login).await.map_err(|e| self.told(e))?;
        Ok(self.entered(&entry))
    }

    async fn second_step(&self, code: Secret) -> Result<SetCookie> {
        let code = ours(&code);
        let cookies = &self.visitor.cookies;
        let step = SecondStep {
            from: self.visitor.address,
            pending: cookies.pending.as_deref(),
            code: &code,
            agent: &self.visitor.agent,
            known: cookies.known.as_deref(),
            old: cookies.session.as_deref(),
        };
        let signed_in = identity::second_step(self.parts(), step).await;
        signed_in.map(|signed_in| self.given(&signed_in)).map_err(|e| self.told(e))
    }

    async fn sign_out(&self) -> Result<SetCookie> {
        if let (Ok(cx), Ok(caller)) = (self.cx(), self.caller()) {
            identity::logout(&cx, caller).await.map_err(|e| self.told(e))?;
        }
        Ok(self.taken())
    }

    async fn sign_out_everywhere(&self) -> Result<SetCookie> {
        identity::sign_out_everywhere(&self.cx()?).await.map_err(|e| self.told(e))?;
        Ok(self.taken())
    }

    async fn sessions(&self) -> Result<Vec<SessionView>> {
        let means = self.caller()?.means;
        let found = identity::sessions(&self.cx()?).await.map_err(|e| self.told(e))?;
        Ok(found.into_iter().map(|session| session_view(session, means)).collect())
    }

    async fn end_session(&self, session: &SessionId) -> Result<()> {
        let session = id(&session.0).map_err(|e| self.told(e))?;
        identity::end_session(&self.cx()?, session).await.map_err(|e| self.told(e))
    }

    async fn change_password(&self, current: Secret, password: Secret) -> Result<()> {
        let (current, password) = (ours(&current), ours(&password));
        let changed = identity::change_password(&self.cx()?, self.caller()?, &current, &password).await;
        changed.map_err(|e| self.told(e))
    }

    async fn tokens(&self) -> Result<Vec<TokenView>> {
        let found = identity::tokens(&self.cx()?).await.map_err(|e| self.told(e))?;
        Ok(found.into_iter().map(token_view).collect())
    }

    async fn create_token(&self, name: &str, days: Option<u32>) -> Result<(TokenView, Secret)> {
        let made = identity::create_token(
            &self.cx()?,
            self.caller()?,
            NewToken { name, days, ..NewToken::default() },
        )
        .await;
        let (token, value) = made.map_err(|e| self.told(e))?;
        Ok((token_view(token), Secret::new(value.expose())))
    }

    async fn delete_token(&self, token: &TokenId) -> Result<()> {
        let token = id(&token.0).map_err(|e| self.told(e))?;
        identity::end_token(&self.cx()?, token).await.map_err(|e| self.told(e))
    }
}

impl Web {
    pub(super) fn given(&self, signed_in: &SignedIn) -> SetCookie {
        let lines = (self.visitor.cookies.give)(&signed_in.cookie, &signed_in.known);
        SetCookie(lines.into_iter().map(Secret::new).collect())
    }

    /// A session, or what waits for the second step.
    pub(super) fn entered(&self, entry: &identity::Entry) -> Entry {
        match entry {
            identity::Entry::SignedIn(signed_in) => Entry::SignedIn(self.given(signed_in)),
            identity::Entry::SecondStep(pending) => {
                Entry::SecondStep(SetCookie(vec![Secret::new((self.visitor.cookies.wait)(pending))]))
            }
        }
    }

    fn taken(&self) -> SetCookie {
        SetCookie(vec![Secret::new((self.visitor.cookies.take)())])
    }
}

pub(super) fn ours(secret: &Secret) -> secret::Secret {
    secret::Secret::new(secret.expose())
}

fn session_view(session: Session, means: Means) -> SessionView {
    SessionView {
        id: SessionId(session.id.to_string()),
        current: means == Means::Session(session.id),
        agent: session.agent,
        created_at: time(session.created_at),
        expires_at: time(session.expires_at),
    }
}

pub(super) fn token_view(token: Token) -> TokenView {
    TokenView {
        id: TokenId(token.id.to_string()),
        name: token.name,
        created_at: time(token.created_at),
        expires_at: token.expires_at.map(time),
        used_at: token.used_at.map(time),
    }
}
