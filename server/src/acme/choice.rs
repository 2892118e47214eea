//! At which directory a certificate is ordered, and when the next one of the list takes the place of
//! one that has troubles of its own. Pure.
//!
//! A fault of the domain never changes the directory: the next CA would find the same fault, and its
//! limits would be spent for nothing.

use chrono::Duration;

use super::{
    AcmeError, Directory, Kind,
    budget::{Limits, Spent, Want},
    key::KeyType,
};
use crate::domain::{certificate::Certificate, clock::Time, id::DirectoryId};

/// How long a host without a certificate waits for one CA.
const FIRST: Duration = Duration::hours(24);
/// Tries in a row that a CA is given, of those without a certificate.
const TRIES: i64 = 3;

/// A directory with all that an order there needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it is.
    pub directory: Directory,
    /// What people call it.
    pub name: String,
    /// What it bears.
    pub limits: Limits,
    /// Which kind of certificate is asked for, of those that its own document lists.
    pub profile: Option<String>,
    /// Of the host's key.
    pub key: KeyType,
}

/// A directory as the owner of the instance entered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: DirectoryId,
    /// Its place in the list: the smallest is asked first.
    pub position: i64,
    /// What people call it.
    pub name: String,
    /// Where it is.
    pub address: Directory,
    /// It takes the place of one that is in trouble.
    pub backup: bool,
    /// How the CA calls the key for new accounts (EAB), if it asks for one.
    pub external_key: Option<String>,
    /// That key, encrypted.
    pub sealed_hmac: Option<Vec<u8>>,
    /// Which kind of certificate is asked for.
    pub profile: Option<String>,
    /// Of hosts' keys.
    pub key: KeyType,
    /// What it bears.
    pub limits: Limits,
    /// When it was entered.
    pub created_at: Time,
}

impl Entry {
    /// A directory with what the owner entered of it; with what is known of it otherwise.
    #[must_use]
    pub fn of(directory: Directory, listed: &[Listed]) -> Self {
        match listed.iter().find(|listed| listed.address == directory) {
            Some(listed) => Self {
                directory,
                name: listed.name.clone(),
                limits: listed.limits,
                profile: listed.profile.clone(),
                key: listed.key,
            },
            None => Self {
                name: directory.name(),
                limits: Limits::of(directory.as_str()),
                profile: None,
                key: KeyType::default(),
                directory,
            },
        }
    }
}

/// The directories for a host, the first to be asked in front. One that was `chosen` for the host or
/// its environment counts alone: who tries things at one does not want another's certificate.
#[must_use]
pub fn entries(chosen: Option<Directory>, first: Directory, listed: &[Listed]) -> Vec<Entry> {
    if let Some(chosen) = chosen {
        return vec![Entry::of(chosen, listed)];
    }
    let others = listed.iter().filter(|other| other.backup && other.address != first);
    let others: Vec<Directory> = others.map(|other| other.address.clone()).collect();
    std::iter::once(first).chain(others).map(|directory| Entry::of(directory, listed)).collect()
}

/// The directories, the one whose turn it is in front.
pub fn turns<'a>(entries: &'a [Entry], row: &Certificate) -> impl Iterator<Item = &'a Entry> {
    let passed = usize::try_from(row.plan.passed).unwrap_or(0);
    let start = passed.checked_rem(entries.len()).unwrap_or(0);
    entries[start..].iter().chain(&entries[..start])
}

/// What an order at this directory is for: another CA knows nothing of the window of the one that gave
/// what we have.
#[must_use]
pub fn want_at(entry: &Entry, row: &Certificate, want: Want) -> Want {
    let own = row.directory == entry.directory.as_str();
    if want == Want::InWindow && !own { Want::Renewal } else { want }
}

/// Of the directories in their turns the first that has room; one that has none again in time is waited
/// for, and passed over otherwise.
///
/// # Errors
/// None has room: the one to be waited for.
pub fn pick<'a>(
    turns: impl IntoIterator<Item = (&'a Entry, Result<(), Spent>)>,
    patience: Time,
) -> Result<&'a Entry, Option<(&'a Entry, Spent)>> {
    let mut soonest: Option<(&Entry, Spent)> = None;
    for (entry, room) in turns {
        match room {
            Ok(()) => return Ok(entry),
            Err(spent) if spent.until <= patience => return Err(Some((entry, spent))),
            Err(spent) if soonest.is_none_or(|(_, other)| spent.until < other.until) => {
                soonest = Some((entry, spent));
            }
            Err(_) => {}
        }
    }
    Err(soonest)
}

/// Until when a certificate can wait for the same CA: with half of what was left at the time for its
/// renewal; a day if there is none to lose.
#[must_use]
pub fn patience(row: &Certificate, now: Time) -> Time {
    match (row.not_after, row.lifetime()) {
        (Some(until), Some(lifetime)) if until > now => until - lifetime / 6,
        _ => now + FIRST,
    }
}

/// Whether the CA itself is in trouble, so that another may take its place, after this error.
#[must_use]
pub fn falls_over(row: &Certificate, error: &AcmeError, now: Time) -> bool {
    let lost = !row.is_valid(now);
    match error.kind {
        Kind::Unreachable | Kind::NotADirectory | Kind::Timeout => {
            if lost {
                row.failures + 1 >= TRIES
            } else {
                now >= patience(row, now)
            }
        }
        Kind::RateLimited => error.retry_after.is_some_and(|at| at > patience(row, now)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::acme::{budget::Limit, settle::tests::row};

    fn now() -> Time {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn error(kind: Kind, asked: Option<Duration>) -> AcmeError {
        AcmeError { retry_after: asked.map(|wait| now() + wait), ..AcmeError::new(kind, "") }
    }

    #[test]
    fn a_fault_of_the_domain_stays_where_it_is() {
        let mut row = row(None);
        row.failures = 100;
        for kind in
            [Kind::Dns, Kind::Connection, Kind::WrongAnswer, Kind::Caa, Kind::RejectedHost, Kind::Account]
        {
            assert!(!falls_over(&row, &error(kind, None), now()), "{kind:?}");
        }
        assert!(falls_over(&row, &error(Kind::Unreachable, None), now()));
    }

    #[test]
    fn trouble_of_the_ca_is_borne_as_long_as_there_is_time() {
        // Valid for 90 days, of which 29 are left; then 14.
        let valid = |left: i64| row(Some((now() - Duration::days(90 - left), now() + Duration::days(left))));
        assert!(!falls_over(&valid(29), &error(Kind::Unreachable, None), now()));
        assert!(falls_over(&valid(14), &error(Kind::Unreachable, None), now()));
        assert!(!falls_over(&valid(29), &error(Kind::RateLimited, Some(Duration::days(7))), now()));
        assert!(falls_over(&valid(20), &error(Kind::RateLimited, Some(Duration::days(7))), now()));
        let mut none = row(None);
        assert!(!falls_over(&none, &error(Kind::Unreachable, None), now()), "not at the first try");
        assert!(!falls_over(&none, &error(Kind::RateLimited, Some(Duration::hours(3))), now()));
        assert!(falls_over(&none, &error(Kind::RateLimited, Some(Duration::hours(30))), now()));
        none.failures = TRIES;
        assert!(falls_over(&none, &error(Kind::Timeout, None), now()));
    }

    #[test]
    fn the_list_is_gone_through_in_turns() {
        let entry = |name: &str| Entry {
            directory: Directory::parse(&format!("https://{name}.example.org/dir")).unwrap(),
            name: name.to_owned(),
            limits: Limits::OTHERS,
            profile: None,
            key: KeyType::default(),
        };
        let list = [entry("a"), entry("b")];
        let mut row = row(None);
        let mut names = Vec::new();
        for passed in 0..3 {
            row.plan.passed = passed;
            names.push(turns(&list, &row).next().unwrap().name.as_str());
        }
        assert_eq!(names, ["a", "b", "a"]);
        assert_eq!(turns(&[], &row).count(), 0);
        // One without room is waited for, or passed over.
        let spent =
            |hours| Err(Spent { limit: Limit::Orders, until: now() + Duration::hours(hours), pace: FIRST });
        let of = |first, second| {
            pick([(&list[0], first), (&list[1], second)], now() + Duration::hours(24))
                .map(|entry| entry.name.as_str())
                .map_err(|waits| waits.map(|(entry, _)| entry.name.as_str()))
        };
        assert_eq!(of(spent(30), Ok(())), Ok("b"));
        assert_eq!(of(spent(3), Ok(())), Err(Some("a")));
        assert_eq!(of(spent(60), spent(30)), Err(Some("b")));
        assert_eq!(of(Ok(()), Ok(())), Ok("a"));
    }
}
