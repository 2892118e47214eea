//! `skep whoami`.

use super::{
    api::Api,
    fault::Failure,
    show::{self, ListArgs},
};

/// Who is signed in.
pub(super) async fn run(args: ListArgs, api: &Api) -> Result<(), Failure> {
    let mut who = api.get("/whoami").await?;
    if let Some(who) = who.as_object_mut() {
        who.insert("server".into(), api.server().as_str().into());
    }
    show::one(&who, args, &[("email", "email"), ("server", "server")]);
    Ok(())
}
