//! Two-factor sign-in: off, with the password of the fake and the code `123456`.

use super::Fake;
use crate::api::{Enrolment, Error, Result, Secret, SetCookie, Time, TwoFactor, TwoFactorView};

const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// Whether it is the code that counts.
pub(super) fn is_code(code: &Secret) -> bool {
    code.expose() == "123456"
}

fn shown(password: &Secret, code: Option<&Secret>) -> Result<()> {
    if password.expose() != "correct horse battery" {
        return Err(Error::invalid("password", "is not your password; show it to go on"));
    }
    if code.is_some_and(|code| !is_code(code)) {
        return Err(Error::invalid("code", "is not what your app shows now, or was used"));
    }
    Ok(())
}

fn codes() -> Vec<Secret> {
    (0..10).map(|i| Secret::new(format!("abcd-efgh-ijkl-mno{}", char::from(b'a' + i)))).collect()
}

#[async_trait::async_trait]
impl TwoFactor for Fake {
    async fn two_factor(&self) -> Result<TwoFactorView> {
        self.up()?;
        let on = self.all().two_factor;
        let since = on.then_some(Time(self.now.0 - 86_400_000));
        Ok(TwoFactorView { since, begun: false, codes_left: if on { 9 } else { 0 } })
    }

    async fn begin_two_factor(&self, password: Secret) -> Result<Enrolment> {
        self.up()?;
        shown(&password, None)?;
        let uri = format!("otpauth://totp/Skep:ada%40example.org?secret={KEY}&issuer=Skep");
        Ok(Enrolment { key: Secret::new(KEY), uri: Secret::new(uri) })
    }

    async fn confirm_two_factor(&self, password: Secret, code: Secret) -> Result<(SetCookie, Vec<Secret>)> {
        self.up()?;
        shown(&password, Some(&code))?;
        self.all().two_factor = true;
        Ok((super::session::cookie(), codes()))
    }

    async fn renew_recovery_codes(&self, password: Secret, code: Secret) -> Result<Vec<Secret>> {
        self.up()?;
        shown(&password, Some(&code))?;
        Ok(codes())
    }

    async fn turn_off_two_factor(&self, password: Secret, code: Secret) -> Result<SetCookie> {
        self.up()?;
        shown(&password, Some(&code))?;
        self.all().two_factor = false;
        Ok(super::session::cookie())
    }
}
