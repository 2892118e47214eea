//! Two-factor sign-in of the actor.

use async_trait::async_trait;
use skep_web::api::{self, Enrolment, Result, Secret, SetCookie, TwoFactorView};

use super::{Web, fields::time, session::ours};
use crate::{control::identity::two_factor, domain::secret};

#[async_trait]
impl api::TwoFactor for Web {
    async fn two_factor(&self) -> Result<TwoFactorView> {
        let standing = two_factor::show(&self.cx()?).await.map_err(|e| self.told(e))?;
        Ok(TwoFactorView {
            since: standing.since.map(time),
            begun: standing.begun,
            codes_left: u32::try_from(standing.codes_left).unwrap_or_default(),
        })
    }

    async fn begin_two_factor(&self, password: Secret) -> Result<Enrolment> {
        let begun = two_factor::begin(&self.cx()?, self.caller()?, &ours(&password)).await;
        let begun = begun.map_err(|e| self.told(e))?;
        Ok(Enrolment { key: theirs(&begun.key), uri: theirs(&begun.uri) })
    }

    async fn confirm_two_factor(&self, password: Secret, code: Secret) -> Result<(SetCookie, Vec<Secret>)> {
        let (password, code) = (ours(&password), ours(&code));
        let agent = &self.visitor.agent;
        let done = two_factor::confirm(&self.cx()?, self.caller()?, &password, &code, agent).await;
        let (signed_in, codes) = done.map_err(|e| self.told(e))?;
        Ok((self.given(&signed_in), codes.iter().map(theirs).collect()))
    }

    async fn renew_recovery_codes(&self, password: Secret, code: Secret) -> Result<Vec<Secret>> {
        let (password, code) = (ours(&password), ours(&code));
        let codes = two_factor::renew_codes(&self.cx()?, self.caller()?, &password, &code).await;
        Ok(codes.map_err(|e| self.told(e))?.iter().map(theirs).collect())
    }

    async fn turn_off_two_factor(&self, password: Secret, code: Secret) -> Result<SetCookie> {
        let (password, code) = (ours(&password), ours(&code));
        let agent = &self.visitor.agent;
        let done = two_factor::turn_off(&self.cx()?, self.caller()?, &password, &code, agent).await;
        done.map(|signed_in| self.given(&signed_in)).map_err(|e| self.told(e))
    }
}

fn theirs(secret: &secret::Secret) -> Secret {
    Secret::new(secret.expose())
}
