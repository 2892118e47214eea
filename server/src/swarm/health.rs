//! What the health check of a container said: the reason that Swarm itself does not tell.

use serde::Deserialize;

use super::{EngineError, client::DockerEngine};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawContainer {
    #[serde(default)]
    state: Option<RawState>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawState {
    #[serde(default)]
    health: Option<RawHealth>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawHealth {
    #[serde(default)]
    log: Option<Vec<RawCheck>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawCheck {
    #[serde(default)]
    exit_code: i64,
    #[serde(default)]
    output: String,
}

impl DockerEngine {
    pub(super) async fn read_health(&self, container: &str) -> Result<Vec<String>, EngineError> {
        match self.get::<RawContainer>(&format!("/containers/{container}/json")).await {
            Ok(found) => Ok(failed(found)),
            Err(EngineError::NotFound(_)) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

/// The words of the checks that failed.
fn failed(container: RawContainer) -> Vec<String> {
    let log = container.state.and_then(|state| state.health).and_then(|health| health.log);
    let failed = log.unwrap_or_default().into_iter().filter(|check| check.exit_code != 0);
    failed.map(|check| check.output.trim().to_owned()).filter(|output| !output.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: serde_json::Value) -> Vec<String> {
        failed(serde_json::from_value(json).unwrap())
    }

    #[test]
    fn only_what_failed_says_why() {
        let container = serde_json::json!({"State": {"Health": {"Status": "unhealthy", "Log": [
            {"ExitCode": 0, "Output": "fine"},
            {"ExitCode": 1, "Output": "http 8080: status 404\n"},
            {"ExitCode": -1, "Output": ""}]}}});
        assert_eq!(of(container), ["http 8080: status 404"]);
    }

    #[test]
    fn fault_32_a_container_without_a_check_says_nothing() {
        for json in [
            "{}",
            r#"{"State": {}}"#,
            r#"{"State": {"Health": null}}"#,
            r#"{"State": {"Health": {"Log": null}}}"#,
        ] {
            assert!(of(serde_json::from_str(json).unwrap()).is_empty(), "{json}");
        }
    }
}
