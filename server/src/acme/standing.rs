//! How a certificate stands, for people: one word, and what they can do. Pure.
//!
//! To add advice: a line in [`advice`], by the kind of the fault.

use serde::{Deserialize, Serialize};

use super::{Kind, schedule::expires_soon};
use crate::domain::{
    certificate::{Certificate, State},
    clock::Time,
};

/// One word for how a certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// None yet; an order is due.
    Pending,
    /// The name does not lead to us.
    WaitingDns,
    /// The CA's limits leave no room for an order.
    WaitingBudget,
    /// The first order is on its way.
    Ordering,
    /// There is a valid one.
    Issued,
    /// There is a valid one, and an order for the next is on its way.
    Renewing,
    /// No valid one, and the last order failed.
    Failed,
    /// There is a valid one, which ends soon, and there is no next one.
    Expiring,
}

impl Standing {
    /// The name in API and pages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::WaitingDns => "waiting_dns",
            Self::WaitingBudget => "waiting_budget",
            Self::Ordering => "ordering",
            Self::Issued => "issued",
            Self::Renewing => "renewing",
            Self::Failed => "failed",
            Self::Expiring => "expiring",
        }
    }

    /// Of a certificate at `now`.
    #[must_use]
    pub fn of(row: &Certificate, now: Time) -> Self {
        let valid = row.is_valid(now);
        let soon =
            row.not_before.zip(row.not_after).is_some_and(|(from, until)| expires_soon(from, until, now));
        match row.state {
            State::Ordering if valid => Self::Renewing,
            State::Ordering => Self::Ordering,
            _ if valid && soon => Self::Expiring,
            State::Failed => Self::Failed,
            State::PendingBudget if !valid => Self::WaitingBudget,
            State::PendingDns if !valid => Self::WaitingDns,
            State::Covered => Self::Issued,
            _ if valid => Self::Issued,
            _ => Self::Pending,
        }
    }
}

/// What people can do about the last failure; nothing if there is none.
#[must_use]
pub fn advice(row: &Certificate) -> Option<&'static str> {
    match row.state {
        State::PendingDns => {
            return Some("Change the DNS records of the name as told; it is looked at again by itself.");
        }
        State::PendingBudget => {
            return Some(
                "Nothing: it goes on by itself at the time given. Another directory for this certificate, or as a backup, has room of its own.",
            );
        }
        State::Covered => return None,
        _ if row.checks > 0 => {
            return Some(
                "See that port 80 of each address of the name leads to this instance; it is looked at again by itself.",
            );
        }
        State::Pending | State::Issued | State::Ordering | State::Failed => {}
    }
    let kind = Kind::named(row.plan.fault.as_deref()?)?;
    Some(match kind {
        Kind::Unreachable => {
            "Nothing on the name's side. See that this server reaches the directory by https, and what the authority says of its own state; a backup directory takes its place."
        }
        Kind::NotADirectory => {
            "Check the address of the directory in the instance's settings, and whether a proxy answers in its place."
        }
        Kind::RateLimited => {
            "Wait until the time given: asking again sooner makes it later. A backup directory takes its place if that is too late."
        }
        Kind::Caa => {
            "Change the CAA record of the name, or choose the directory of an authority that it names."
        }
        Kind::Dns => {
            "Look at the name servers of the name: the authority asks them itself, from several places. Check that the records exist, that DNSSEC is right, and that an AAAA record leads here, too, or is removed."
        }
        Kind::Connection => {
            "See that port 80 of every address of the name leads to this instance, through firewall and provider, also for IPv6."
        }
        Kind::WrongAnswer => {
            "Somebody else answers for the name: check its A and AAAA records, and delivery networks or proxies in between."
        }
        Kind::RejectedHost => {
            "This authority gives no certificate for the name: use another name or another directory."
        }
        Kind::Account => {
            "The account needs its owner: check the e-mail address, and the external account key (EAB) of the directory if it asks for one."
        }
        Kind::Challenges => "Look at the server's log and its database: the answer could not be laid out.",
        Kind::Timeout => "Nothing: it is tried again. If it stays so, look at the authority's own state.",
        Kind::BadCertificate => {
            "Check the time of this server, and whether the directory is the one that you mean."
        }
        Kind::Refused => {
            "Read the authority's own words; profile and key of the directory may be what it does not take."
        }
    })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration};

    use super::*;
    use crate::acme::settle::tests::row;

    #[test]
    fn one_word_for_each_state() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let valid = |left: i64| Some((now - Duration::days(90 - left), now + Duration::days(left)));
        let of = |valid, state| {
            let mut row = row(valid);
            row.state = state;
            Standing::of(&row, now).name()
        };
        assert_eq!(of(None, State::Pending), "pending");
        assert_eq!(of(None, State::PendingDns), "waiting_dns");
        assert_eq!(of(None, State::PendingBudget), "waiting_budget");
        assert_eq!(of(None, State::Ordering), "ordering");
        assert_eq!(of(None, State::Failed), "failed");
        assert_eq!(of(valid(80), State::Issued), "issued");
        assert_eq!(of(valid(25), State::PendingBudget), "issued");
        assert_eq!(of(valid(25), State::Ordering), "renewing");
        assert_eq!(of(valid(25), State::Failed), "failed");
        assert_eq!(of(valid(10), State::Failed), "expiring");
        assert_eq!(of(valid(-1), State::Issued), "pending");
    }

    #[test]
    fn every_kind_of_fault_has_its_advice() {
        let mut row = row(None);
        assert_eq!(advice(&row), None);
        row.state = State::Failed;
        for kind in Kind::ALL {
            row.plan.fault = Some(kind.name().to_owned());
            assert!(advice(&row).is_some_and(|text| text.len() > 30), "{kind:?}");
        }
        row.state = State::PendingDns;
        assert!(advice(&row).unwrap().contains("DNS"));
    }
}
