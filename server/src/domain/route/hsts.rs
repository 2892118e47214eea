//! HTTP Strict Transport Security (RFC 6797).

use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::fault::Wrong;

/// A year, the least that the browsers' own lists take.
const YEAR: u32 = 31_536_000;

/// What `Strict-Transport-Security` says. Browsers keep it for as long as it says, even after it is
/// switched off here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Hsts {
    /// Seconds: 1 to 63072000 (two years). A year if absent.
    pub seconds: u32,
    /// For all hosts below, too.
    pub subdomains: bool,
    /// Browsers may take the host into their own lists; it takes months to get out of these.
    pub preload: bool,
}

impl<'de> Deserialize<'de> for Hsts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        struct Given {
            seconds: Option<u32>,
            subdomains: bool,
            preload: bool,
        }
        let Given { seconds, subdomains, preload } = Given::deserialize(from)?;
        let seconds = seconds.unwrap_or(YEAR);
        if !(1..=2 * YEAR).contains(&seconds) {
            return Err(Wrong::new("must hold for 1 to 63072000 `seconds` (two years)").for_serde());
        }
        if preload && !(subdomains && seconds >= YEAR) {
            let rule = "browsers' lists (`preload`) take a host only with `subdomains` and at least 31536000 \
                        `seconds`: set both, or leave `preload` out";
            return Err(Wrong::new(rule).for_serde());
        }
        Ok(Self { seconds, subdomains, preload })
    }
}
