//! Two-factor sign-in of the person.

use super::{Reply, session::password};
use crate::{
    api::{Error, Secret},
    http::{Cx, Done, Form},
    pages,
};

/// Begins to turn it on, and shows the QR code this once.
pub async fn begin(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let enrolment = cx.api.begin_two_factor(password(form, "password")?).await?;
    Ok(Reply::Show(pages::shown_enrolment(cx, &enrolment)))
}

/// Turns it on, and shows the recovery codes this once.
pub async fn confirm(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let (cookies, codes) = cx.api.confirm_two_factor(password(form, "password")?, code(form)).await?;
    Ok(Reply::ShowCookie { page: pages::shown_recovery_codes(&codes), cookies: cookies.0 })
}

/// Makes new recovery codes, and shows them this once.
pub async fn renew_codes(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let codes = cx.api.renew_recovery_codes(password(form, "password")?, code(form)).await?;
    Ok(Reply::Show(pages::shown_recovery_codes(&codes)))
}

/// Turns it off.
pub async fn turn_off(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let cookies = cx.api.turn_off_two_factor(password(form, "password")?, code(form)).await?;
    let to = format!("/account?done={}", Done::TwoFactorOff.code());
    Ok(Reply::Cookie { to, cookies: cookies.0 })
}

/// A code that was typed: blanks around it are not part of it.
pub fn code(form: &Form) -> Secret {
    Secret::new(form.text("code"))
}
