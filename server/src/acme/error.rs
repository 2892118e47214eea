//! Why there is no certificate: the CA's own words, and what they mean for the next try.

use crate::domain::clock::Time;

/// Why an ACME call gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct AcmeError {
    /// What it means for us.
    pub kind: Kind,
    /// For people: the CA's own words where it had any.
    pub message: String,
    /// The CA's problem type (RFC 8555, 6.7): `urn:ietf:params:acme:error:…`.
    pub problem: Option<String>,
    /// Not before this, says the CA.
    pub retry_after: Option<Time>,
}

/// What an error means for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// No connection, no answer in time, or an internal error there.
    Unreachable,
    /// There is an answer, but not that of an ACME directory.
    NotADirectory,
    /// Too many requests, orders or failures.
    RateLimited,
    /// A CAA record of the host forbids this CA.
    Caa,
    /// The CA cannot resolve the host.
    Dns,
    /// The CA cannot connect to the host.
    Connection,
    /// The CA reached something, but it did not give our answer.
    WrongAnswer,
    /// The CA gives no certificate for this host, ever.
    RejectedHost,
    /// The account is not known there, not allowed, or needs something from its owner.
    Account,
    /// We could not lay out the answer to the challenge.
    Challenges,
    /// The order was not done before our deadline.
    Timeout,
    /// What came is no certificate for this host and key.
    BadCertificate,
    /// Any other refusal.
    Refused,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Unreachable,
        Self::NotADirectory,
        Self::RateLimited,
        Self::Caa,
        Self::Dns,
        Self::Connection,
        Self::WrongAnswer,
        Self::RejectedHost,
        Self::Account,
        Self::Challenges,
        Self::Timeout,
        Self::BadCertificate,
        Self::Refused,
    ];

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The name in tables and API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::NotADirectory => "not_a_directory",
            Self::RateLimited => "rate_limited",
            Self::Caa => "caa",
            Self::Dns => "dns",
            Self::Connection => "connection",
            Self::WrongAnswer => "wrong_answer",
            Self::RejectedHost => "rejected_host",
            Self::Account => "account",
            Self::Challenges => "challenges",
            Self::Timeout => "timeout",
            Self::BadCertificate => "bad_certificate",
            Self::Refused => "refused",
        }
    }

    /// Whether the CA counts it as a failed validation of the host: those are few an hour.
    #[must_use]
    pub const fn failed_validation(self) -> bool {
        matches!(self, Self::Caa | Self::Dns | Self::Connection | Self::WrongAnswer)
    }

    /// What an ACME problem type means (RFC 8555, 6.7).
    #[must_use]
    pub fn of(problem: &str) -> Self {
        match problem.strip_prefix("urn:ietf:params:acme:error:").unwrap_or_default() {
            "rateLimited" => Self::RateLimited,
            "caa" => Self::Caa,
            "dns" => Self::Dns,
            "connection" | "tls" => Self::Connection,
            "unauthorized" | "incorrectResponse" => Self::WrongAnswer,
            "rejectedIdentifier" | "unsupportedIdentifier" => Self::RejectedHost,
            "accountDoesNotExist"
            | "externalAccountRequired"
            | "userActionRequired"
            | "invalidContact"
            | "unsupportedContact" => Self::Account,
            "serverInternal" | "badNonce" => Self::Unreachable,
            _ => Self::Refused,
        }
    }
}

impl AcmeError {
    /// An error of our own.
    #[must_use]
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), problem: None, retry_after: None }
    }

    /// What the CA says, in its own words. At most 1000 characters of them.
    pub(super) fn of(problem: &instant_acme::Problem) -> Self {
        let mut words = vec![problem.detail.clone().unwrap_or_default()];
        words.extend(problem.subproblems.iter().filter_map(|sub| sub.detail.clone()));
        words.retain(|word| !word.is_empty());
        let kinds = std::iter::once(&problem.r#type)
            .chain(problem.subproblems.iter().map(|sub| &sub.r#type))
            .flatten();
        let kind = kinds.map(|t| Kind::of(t)).find(|kind| *kind != Kind::Refused);
        let message = match words.join("; ") {
            none if none.is_empty() => "the CA gave no reason".to_owned(),
            words => words.chars().filter(|c| !c.is_control()).take(1000).collect(),
        };
        Self {
            kind: kind.unwrap_or(Kind::Refused),
            message,
            problem: problem.r#type.clone(),
            retry_after: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> AcmeError {
        AcmeError::of(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn the_words_of_the_ca_are_kept_and_told_apart() {
        for (name, kind) in [
            ("rateLimited", Kind::RateLimited),
            ("caa", Kind::Caa),
            ("dns", Kind::Dns),
            ("connection", Kind::Connection),
            ("unauthorized", Kind::WrongAnswer),
            ("rejectedIdentifier", Kind::RejectedHost),
            ("accountDoesNotExist", Kind::Account),
            ("serverInternal", Kind::Unreachable),
            ("somethingNew", Kind::Refused),
        ] {
            let urn = format!("urn:ietf:params:acme:error:{name}");
            let error = of(&format!(r#"{{"type":"{urn}","detail":"as {name} says"}}"#));
            assert_eq!((error.kind, error.to_string()), (kind, format!("as {name} says")));
            assert_eq!(error.problem, Some(urn));
        }
    }

    #[test]
    fn the_reason_may_lie_in_a_subproblem() {
        let error =
            of(r#"{"type":"urn:ietf:params:acme:error:compound","detail":"some failed","subproblems":[
                {"type":"urn:ietf:params:acme:error:caa","detail":"CAA record prevents issuance"}]}"#);
        assert_eq!(error.kind, Kind::Caa);
        assert_eq!(error.message, "some failed; CAA record prevents issuance");
    }

    #[test]
    fn no_reason_and_a_hostile_one() {
        assert_eq!(of("{}").message, "the CA gave no reason");
        let long = of(&format!(r#"{{"detail":"\u001b[31m{}"}}"#, "x".repeat(5000)));
        assert_eq!(long.message.chars().count(), 1000);
        assert!(!long.message.contains('\u{1b}'));
    }
}
