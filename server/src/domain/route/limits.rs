//! How much, how often and how long.

use serde::{Deserialize, Deserializer, Serialize};

use super::number;
use crate::domain::fault::Wrong;

/// Requests of one client address over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Rate {
    /// So many, on average; 1 to 1000000.
    pub average: u32,
    /// In so many seconds; 1 to 3600, 1 if absent.
    pub seconds: u32,
    /// So many at once after a pause; as many as `average` if absent.
    pub burst: u32,
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Given {
            average: u32,
            #[serde(default)]
            seconds: Option<u32>,
            #[serde(default)]
            burst: Option<u32>,
        }
        let Given { average, seconds, burst } = Given::deserialize(from)?;
        let (seconds, burst) = (seconds.unwrap_or(1), burst.unwrap_or(average));
        let many = 1..=1_000_000;
        if !many.contains(&average) || !many.contains(&burst) || !(1..=3600).contains(&seconds) {
            let rule = "must allow 1 to 1000000 requests (`average`, `burst`) in 1 to 3600 `seconds`";
            return Err(Wrong::new(rule).for_serde());
        }
        Ok(Self { average, seconds, burst })
    }
}

macro_rules! bounded {
    ($(#[$doc:meta])* $name:ident, $least:literal to $most:literal, $rule:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
        #[serde(transparent)]
        pub struct $name(u64);

        impl $name {
            /// The number.
            #[must_use]
            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                number(from, $least, $most, $rule).map(Self)
            }
        }
    };
}

bounded! {
    /// Requests at once.
    InFlight, 1 to 100_000, "must be 1 to 100000 requests"
}
bounded! {
    /// Bytes of a request's body: 1 to 10 GiB.
    BodyBytes, 1 to 10_737_418_240, "must be 1 to 10737418240 bytes (10 GiB)"
}

/// How long the app may take; 504 after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Timeouts {
    /// Seconds until an answer begins: 1 to 3600. For ever, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_seconds: Option<u32>,
    /// Seconds that an unused connection to the app is kept: 1 to 3600. 90, if absent. Take less than the
    /// app's own, if it closes connections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_seconds: Option<u32>,
}

impl<'de> Deserialize<'de> for Timeouts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        struct Given {
            response_seconds: Option<u32>,
            idle_seconds: Option<u32>,
        }
        let Given { response_seconds, idle_seconds } = Given::deserialize(from)?;
        if [response_seconds, idle_seconds].into_iter().flatten().any(|s| !(1..=3600).contains(&s)) {
            return Err(Wrong::new("must be 1 to 3600 seconds each").for_serde());
        }
        Ok(Self { response_seconds, idle_seconds })
    }
}
