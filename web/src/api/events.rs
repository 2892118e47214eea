//! The two live streams (server-sent events) that islands read. The server writes them, so this
//! is a contract; both sides use these types.
//!
//! `GET /events/deployments/{id}?after=SEQ` — each event has `id: SEQ` and as `data` one
//! [`DeploymentEvent`] as JSON. `SEQ` counts the deployment's log lines and changes from 1 and is
//! never reused. A reconnecting browser sends `Last-Event-ID`, which counts before `after`; the
//! server sends everything later than it, then what is new. After an event with `ended: true`
//! nothing follows and the browser closes the stream.
//!
//! `GET /events/apps/{id}/logs?tail=N` — each event has as `data` one [`AppLogEvent`]; the id is
//! opaque, and a reconnect with `Last-Event-ID` goes on after it as far as the engine still has it.
//!
//! Both need the session cookie, send a comment as keep-alive at least every 15 seconds, and end
//! when the session ends.

use serde::{Deserialize, Serialize};

use super::{DeploymentState, StepName, StepState, Time};

/// What happens to a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", try_from = "flat::Deployment")]
pub enum DeploymentEvent {
    /// A line of its log.
    Log(LogLine),
    /// A step changed.
    Step {
        /// Which.
        step: StepName,
        /// What it is now.
        state: StepState,
        /// When it began, if it has.
        started_at: Option<Time>,
        /// When it ended, if it has.
        finished_at: Option<Time>,
    },
    /// The deployment changed.
    State {
        /// What it is now.
        state: DeploymentState,
        /// It will not change any more: the last event.
        ended: bool,
    },
}

/// One line of a deployment's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Its number in the deployment.
    pub seq: i64,
    /// When it was written.
    pub at: Time,
    /// The step that wrote it, if known.
    #[serde(default)]
    pub step: Option<StepName>,
    /// One line of text: secrets masked, control sequences dropped.
    pub text: String,
}

/// What a running app says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", try_from = "flat::AppLog")]
pub enum AppLogEvent {
    /// A line.
    Line(AppLogLine),
    /// Lines were left out because they came too fast.
    Gap {
        /// How many.
        count: u64,
    },
    /// The engine does not answer; lines may be missing until it does.
    Unknown {
        /// Why.
        reason: String,
    },
}

/// One line of a running app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppLogLine {
    /// When it was written, if the engine told.
    #[serde(default)]
    pub at: Option<Time>,
    /// Which replica: `web.2`.
    #[serde(default)]
    pub replica: String,
    /// It went to standard error.
    #[serde(default)]
    pub stderr: bool,
    /// The text.
    pub text: String,
}

/// The same events as one flat struct each. Reading a tagged enum needs a copy of any JSON in
/// between, which costs the islands 9 KB, compressed.
mod flat {
    use serde::Deserialize;

    use super::{
        AppLogEvent, AppLogLine, DeploymentEvent, DeploymentState, LogLine, StepName, StepState, Time,
    };

    /// The event's kind, or a field that it needs, is missing.
    const LACKING: &str = "a field is missing, or the kind is not known";

    #[derive(Deserialize, Default)]
    #[serde(default)]
    pub(super) struct Deployment {
        kind: String,
        seq: Option<i64>,
        at: Option<Time>,
        step: Option<StepName>,
        text: Option<String>,
        state: Option<String>,
        started_at: Option<Time>,
        finished_at: Option<Time>,
        ended: bool,
    }

    impl TryFrom<Deployment> for DeploymentEvent {
        type Error = &'static str;

        fn try_from(flat: Deployment) -> Result<Self, &'static str> {
            let state = flat.state.as_deref().unwrap_or_default();
            let event = match flat.kind.as_str() {
                "log" => flat
                    .seq
                    .zip(flat.at)
                    .zip(flat.text)
                    .map(|((seq, at), text)| Self::Log(LogLine { seq, at, step: flat.step, text })),
                "step" => flat.step.zip(StepState::named(state)).map(|(step, state)| Self::Step {
                    step,
                    state,
                    started_at: flat.started_at,
                    finished_at: flat.finished_at,
                }),
                "state" => {
                    DeploymentState::named(state).map(|state| Self::State { state, ended: flat.ended })
                }
                _ => None,
            };
            event.ok_or(LACKING)
        }
    }

    #[derive(Deserialize, Default)]
    #[serde(default)]
    pub(super) struct AppLog {
        kind: String,
        at: Option<Time>,
        replica: String,
        stderr: bool,
        text: String,
        count: u64,
        reason: String,
    }

    impl TryFrom<AppLog> for AppLogEvent {
        type Error = &'static str;

        fn try_from(flat: AppLog) -> Result<Self, &'static str> {
            let AppLog { kind, at, replica, stderr, text, count, reason } = flat;
            match kind.as_str() {
                "line" => Ok(Self::Line(AppLogLine { at, replica, stderr, text })),
                "gap" => Ok(Self::Gap { count }),
                "unknown" => Ok(Self::Unknown { reason }),
                _ => Err(LACKING),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_format_is_as_documented() {
        let step = DeploymentEvent::Step {
            step: StepName::Build,
            state: StepState::Running,
            started_at: Some(Time(5)),
            finished_at: None,
        };
        assert_eq!(
            serde_json::to_string(&step).expect("json"),
            r#"{"kind":"step","step":"build","state":"running","started_at":5,"finished_at":null}"#
        );
        let log: DeploymentEvent =
            serde_json::from_str(r#"{"kind":"log","seq":7,"at":9,"text":"hello"}"#).expect("json");
        assert_eq!(
            log,
            DeploymentEvent::Log(LogLine { seq: 7, at: Time(9), step: None, text: "hello".into() })
        );
        let end = DeploymentEvent::State { state: DeploymentState::RolledBack, ended: true };
        assert_eq!(
            serde_json::to_string(&end).expect("json"),
            r#"{"kind":"state","state":"rolled_back","ended":true}"#
        );
    }

    #[test]
    fn every_event_is_read_as_it_was_written() {
        let (step, at) = (StepName::Verify, Some(Time(3)));
        let mut told =
            vec![DeploymentEvent::Log(LogLine { seq: 1, at: Time(2), step: Some(step), text: "\"".into() })];
        for state in StepState::ALL {
            told.push(DeploymentEvent::Step { step, state, started_at: at, finished_at: None });
        }
        for state in DeploymentState::ALL {
            told.push(DeploymentEvent::State { state, ended: state.ended() });
        }
        for event in told {
            let json = serde_json::to_string(&event).expect("json");
            assert_eq!(serde_json::from_str::<DeploymentEvent>(&json).expect("event"), event, "{json}");
        }
        let line = AppLogLine { at, replica: "web.1".into(), stderr: true, text: "x".into() };
        for event in [
            AppLogEvent::Line(line),
            AppLogEvent::Gap { count: 7 },
            AppLogEvent::Unknown { reason: "away".into() },
        ] {
            let json = serde_json::to_string(&event).expect("json");
            assert_eq!(serde_json::from_str::<AppLogEvent>(&json).expect("event"), event, "{json}");
        }
        assert!(serde_json::from_str::<DeploymentEvent>(r#"{"kind":"log"}"#).is_err());
        assert!(serde_json::from_str::<AppLogEvent>(r#"{"kind":"other"}"#).is_err());
    }
}
