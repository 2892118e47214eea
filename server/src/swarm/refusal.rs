//! What the engine's error answers mean for us.
//!
//! Swarm's own errors come as text behind a gRPC code, with HTTP statuses that differ between
//! versions, so the words count first. To add one: a line in [`WORDS`] and in the test.

use bollard::errors::Error;

use super::EngineError;

/// What an answer means.
#[derive(Clone, Copy)]
enum Meaning {
    Unavailable,
    Conflict,
    Refused,
    NotFound,
}

/// Parts of messages, in lower case, and what they mean; the first that fits counts.
const WORDS: &[(&str, Meaning)] = &[
    ("update out of sequence", Meaning::Conflict),
    ("does not have a leader", Meaning::Unavailable),
    ("node lost leader status", Meaning::Unavailable),
    ("quorum", Meaning::Unavailable),
    ("deadline exceeded", Meaning::Unavailable),
    ("deadlineexceeded", Meaning::Unavailable),
    ("context canceled", Meaning::Unavailable),
    ("transport is closing", Meaning::Unavailable),
    ("connection refused", Meaning::Unavailable),
    ("connection reset", Meaning::Unavailable),
    ("i/o timeout", Meaning::Unavailable),
    ("tls handshake timeout", Meaning::Unavailable),
    ("no such host", Meaning::Unavailable),
    ("is not a swarm manager", Meaning::Unavailable),
    ("is not part of a swarm", Meaning::Unavailable),
    ("active endpoints", Meaning::Unavailable),
    ("is in use by task", Meaning::Unavailable),
    ("is being used by running", Meaning::Unavailable),
    ("name conflicts with an existing object", Meaning::Conflict),
    ("already exists", Meaning::Conflict),
    ("is in use by", Meaning::Conflict),
    ("no basic auth credentials", Meaning::Refused),
    ("unauthorized", Meaning::Refused),
    ("access denied", Meaning::Refused),
    ("access to the resource is denied", Meaning::Refused),
    ("manifest unknown", Meaning::NotFound),
    ("does not exist locally", Meaning::NotFound),
    ("no such image", Meaning::NotFound),
];

/// What an answer with this status and message means.
pub(crate) fn of(status: u16, message: &str) -> EngineError {
    let message = message.trim();
    let lower = message.to_ascii_lowercase();
    let meaning = match WORDS.iter().find(|(words, _)| lower.contains(words)) {
        Some((_, meaning)) => *meaning,
        None => match status {
            404 => Meaning::NotFound,
            409 => Meaning::Conflict,
            429 | 500.. => Meaning::Unavailable,
            _ => Meaning::Refused,
        },
    };
    let text = if message.is_empty() { format!("status {status}") } else { message.to_owned() };
    match meaning {
        Meaning::Unavailable => EngineError::Unavailable(text),
        Meaning::Conflict => EngineError::Conflict(text),
        Meaning::Refused => EngineError::Refused(text),
        Meaning::NotFound => EngineError::NotFound(text),
    }
}

impl From<Error> for EngineError {
    fn from(error: Error) -> Self {
        match error {
            Error::DockerResponseServerError { status_code, message } => of(status_code, &message),
            Error::DockerStreamError { error } => of(500, &error),
            Error::JsonSerdeError { err } if err.is_eof() => Self::Unreachable("half an answer".to_owned()),
            Error::JsonSerdeError { .. } | Error::JsonDataError { .. } => {
                Self::Refused(format!("an answer that cannot be read: {error}"))
            }
            Error::InvalidURIError { .. } | Error::URLParseError { .. } | Error::HttpClientError { .. } => {
                Self::Refused(format!("a call that cannot be sent: {error}"))
            }
            other => Self::Unreachable(chain(&other)),
        }
    }
}

/// The error with its causes: the outer one alone says only "client error".
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_before_statuses() {
        let cases = [
            (500, "rpc error: code = Unknown desc = update out of sequence", "the engine's state moved on"),
            (
                500,
                "rpc error: code = Unknown desc = The swarm does not have a leader.",
                "the engine cannot do it",
            ),
            (
                409,
                "rpc error: code = AlreadyExists desc = name conflicts with an existing object",
                "the engine's",
            ),
            (503, "This node is not a swarm manager.", "the engine cannot do it now"),
            (500, "something new", "the engine cannot do it now"),
            (404, "service x not found", "not found"),
            (400, "invalid mount", "the engine refuses"),
            (500, "Get https://r/v2/: unauthorized: authentication required", "the engine refuses"),
            (500, "", "the engine cannot do it now: status 500"),
        ];
        for (status, message, start) in cases {
            let text = of(status, message).to_string();
            assert!(text.starts_with(start), "{status} {message}: {text}");
        }
    }

    #[test]
    fn fault_05_a_lost_connection_is_transient() {
        let error = EngineError::from(Error::IOError { err: std::io::Error::other("reset") });
        assert!(error.transient());
        assert!(matches!(EngineError::from(Error::RequestTimeoutError), EngineError::Unreachable(_)));
    }
}
