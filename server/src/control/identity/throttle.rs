//! Slows guessing down: after some failures each further try waits, longer with each failure.
//!
//! Counted for the account and for the network address. Nobody is locked out for good: the wait
//! for an account is a minute at most, and a browser that signed in to it before is counted by
//! itself, so that strangers cannot make its owner wait.

use std::net::IpAddr;

use crate::{
    control::Error,
    db::{self, Tx},
    domain::clock::Time,
};

/// Failures without a wait.
const FREE: i64 = 5;
/// The longest wait for an account, seconds.
const ACCOUNT: i64 = 60;
/// The longest wait for an address, and for codes, seconds.
const ADDRESS: i64 = 900;
/// Failures are forgotten after this; the janitor sweeps them.
const MEMORY: chrono::Duration = chrono::Duration::hours(24);

/// Who tries.
pub(in crate::control) struct Subject {
    key: String,
    longest: i64,
}

impl Subject {
    /// An account, known or not, by the name that was typed. Kept as a digest: people type
    /// passwords into the wrong field.
    pub(in crate::control) fn account(email: &str) -> Self {
        Self { key: format!("account:{}", hex::encode(super::digest(email))), longest: ACCOUNT }
    }

    /// A browser that signed in to the account before.
    pub(in crate::control) fn browser(known: &str) -> Self {
        Self { key: format!("browser:{}", hex::encode(super::digest(known))), longest: ADDRESS }
    }

    /// Whoever tries codes after the right password. Strangers have none, so it waits as an address does.
    pub(in crate::control) fn code(who: &str) -> Self {
        Self { key: format!("code:{}", hex::encode(super::digest(who))), longest: ADDRESS }
    }

    /// A network address; of IPv6 the /64, which one person has.
    pub(in crate::control) fn address(ip: IpAddr) -> Self {
        let key = match ip {
            IpAddr::V4(ip) => format!("address:{ip}"),
            IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
                Some(ip) => format!("address:{ip}"),
                None => {
                    let bits = ip.to_bits() >> 64 << 64;
                    format!("address:{}/64", std::net::Ipv6Addr::from_bits(bits))
                }
            },
        };
        Self { key, longest: ADDRESS }
    }
}

/// Counts a try as failed, before it is known how it ends, so that many at once gain nothing.
///
/// # Errors
/// [`Error::Busy`] while one of them has to wait; nothing is counted then.
pub(in crate::control) async fn count(tx: &mut Tx, subjects: &[Subject], now: Time) -> Result<(), Error> {
    let mut wait = 0;
    for subject in subjects {
        db::identity::hold_failures(tx, &subject.key, now).await?;
        if let Some((failures, last)) = db::identity::failures(tx, &subject.key).await? {
            if last < now - MEMORY {
                db::identity::clear_failures(tx, &subject.key).await?;
                continue;
            }
            // From before the clock was set back: this try is let through, and counts from now on.
            if last > now {
                continue;
            }
            let until = last + chrono::Duration::seconds(delay(failures, subject.longest));
            wait = wait.max((until - now).num_milliseconds());
        }
    }
    if wait > 0 {
        return Err(Error::Busy(u64::try_from(wait).unwrap_or_default().div_ceil(1000)));
    }
    for subject in subjects {
        db::identity::count_failure(tx, &subject.key, now).await?;
    }
    Ok(())
}

/// It was no failure after all.
pub(in crate::control) async fn clear(tx: &mut Tx, subjects: &[Subject]) -> Result<(), Error> {
    for subject in subjects {
        db::identity::clear_failures(tx, &subject.key).await?;
    }
    Ok(())
}

/// Seconds to wait after so many failures.
fn delay(failures: i64, longest: i64) -> i64 {
    if failures < FREE { 0 } else { (1_i64 << (failures - FREE + 1).min(20)).min(longest) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let waits: Vec<i64> = (0..14).map(|failures| delay(failures, ACCOUNT)).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        assert_eq!(delay(1_000_000, ADDRESS), 900);
    }

    #[test]
    fn one_person_has_one_address() {
        let key = |ip: &str| Subject::address(ip.parse().expect("an address")).key;
        assert_eq!(key("2001:db8:1:2:3::4"), key("2001:db8:1:2:ffff::1"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    }
}
