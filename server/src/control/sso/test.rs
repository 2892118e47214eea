//! Looks at a provider without anybody signing in, and tells each finding.

use super::{ask, endpoint, load};
use crate::{
    control::{Ctx, Error},
    domain::{id::ProviderId, secret::Secret},
    sso::Finding,
};

/// Each finding about a provider, in the order in which they are met at a sign-in.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`].
pub async fn test(cx: &Ctx, id: ProviderId) -> Result<Vec<Finding>, Error> {
    let mut tx = cx.parts.db.read().await?;
    let provider = load(cx, &mut tx, id).await?;
    let at = endpoint(&cx.parts, &mut tx, &provider).await?;
    drop(tx);
    match ask(&cx.parts, &Secret::new(cx.parts.clock.token())).await {
        Ok(ask) => {
            let mut all = vec![Finding {
                what: "redirect",
                ok: true,
                text: format!(
                    "people come back to {}: it must be registered with the provider",
                    ask.redirect
                ),
            }];
            all.extend(cx.parts.voucher.examine(&at, &ask).await);
            Ok(all)
        }
        Err(Error::Conflict { message, .. }) => {
            Ok(vec![Finding { what: "redirect", ok: false, text: message }])
        }
        Err(error) => Err(error),
    }
}
