//! The first admin, signing in and out, light and dark.

use super::Reply;
use crate::{
    actions::{ask::ask, two_factor::code},
    api::{Entry, Error, Fault, Secret},
    http::{Cx, Form, safe_path, theme_cookie},
};

/// Passwords beyond this are refused before any work is done.
const LONGEST: usize = 1_024;

/// Makes the first admin.
pub async fn set_up(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let password = password(form, "password")?;
    let cookies = cx.api.set_up(form_secret(form, "token"), form.text("email"), password).await?;
    Ok(Reply::Cookie { to: "/".into(), cookies: cookies.0 })
}

/// Signs in and goes on to where the person wanted.
pub async fn sign_in(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let password = password(form, "password")?;
    let entry = cx.api.sign_in(form.text("email"), password).await?;
    Ok(entered(entry, safe_path(form.raw("next"))))
}

/// Goes on with a code.
pub async fn second_step(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let cookies = cx.api.second_step(code(form)).await?;
    Ok(Reply::Cookie { to: safe_path(form.raw("next")).to_owned(), cookies: cookies.0 })
}

/// On to where the person wanted, or to the page for the code before that.
pub fn entered(entry: Entry, next: &str) -> Reply {
    match entry {
        Entry::SignedIn(cookies) => Reply::Cookie { to: next.to_owned(), cookies: cookies.0 },
        Entry::SecondStep(cookies) => {
            let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
            Reply::Cookie { to: format!("/login/second?next={next}"), cookies: cookies.0 }
        }
    }
}

/// Signs out.
pub async fn sign_out(cx: &Cx<'_>) -> Result<Reply, Error> {
    let cookies = cx.api.sign_out().await?;
    Ok(Reply::Cookie { to: "/login?done=signed-out".into(), cookies: cookies.0 })
}

/// Signs out all browsers.
pub async fn sign_out_everywhere(cx: &Cx<'_>, form: &Form) -> Result<Reply, Error> {
    let question = "All your browsers are signed out, this one too. API tokens go on.".to_owned();
    if let Some(reply) = ask(cx, form, question, "Sign out everywhere", "/account") {
        return Ok(reply);
    }
    let cookies = cx.api.sign_out_everywhere().await?;
    Ok(Reply::Cookie { to: "/login?done=signed-out-everywhere".into(), cookies: cookies.0 })
}

/// Keeps light or dark.
pub async fn theme(form: &Form) -> Result<Reply, Error> {
    let cookies = vec![Secret::new(theme_cookie(form.raw("theme")))];
    Ok(Reply::Cookie { to: safe_path(form.raw("back")).to_owned(), cookies })
}

/// A password of sane length.
pub fn password(form: &Form, name: &str) -> Result<Secret, Error> {
    if form.raw(name).len() > LONGEST {
        return Err(Error::Invalid(vec![Fault::new(name, "must have at most 1024 bytes")]));
    }
    Ok(form.secret(name))
}

/// A token that was pasted: blanks around it are not part of it.
fn form_secret(form: &Form, name: &str) -> Secret {
    Secret::new(form.text(name))
}
