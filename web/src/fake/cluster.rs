//! Credentials, nodes, the instance.

use super::{Fake, Mood};
use crate::api::{
    CredentialId, CredentialKind, CredentialView, Credentials, EngineView, Error, Fault, HostKeyView,
    InstanceSettings, InstanceView, Instances, NewCredential, NodeId, NodeView, Nodes, Result, Time,
};

#[async_trait::async_trait]
impl Credentials for Fake {
    async fn credentials(&self) -> Result<Vec<CredentialView>> {
        Ok(self.state()?.credentials.clone())
    }

    async fn create_credential(&self, new: NewCredential) -> Result<CredentialView> {
        let mut faults = Vec::new();
        if new.title.is_empty() {
            faults.push(Fault::new("title", "must not be empty"));
        }
        if new.kind != CredentialKind::GitKey && new.secret.is_empty() {
            faults.push(Fault::new("secret", "must not be empty"));
        }
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        let mut state = self.state()?;
        let key = new.kind == CredentialKind::GitKey;
        let view = CredentialView {
            id: CredentialId(state.id()),
            kind: new.kind,
            title: new.title,
            host: new.host,
            username: Some(new.username).filter(|name| !name.is_empty()),
            public: key.then(|| "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB9d0example skep".into()),
            used_by: 0,
            created_at: self.now,
        };
        state.credentials.push(view.clone());
        Ok(view)
    }

    async fn delete_credential(&self, id: &CredentialId) -> Result<()> {
        let mut state = self.state()?;
        let found = state.credentials.iter().find(|c| c.id == *id).ok_or(Error::NotFound)?;
        if found.used_by > 0 {
            return Err(Error::Conflict(format!(
                "{} apps use it. Choose another there first.",
                found.used_by
            )));
        }
        state.credentials.retain(|credential| credential.id != *id);
        Ok(())
    }

    async fn host_keys(&self) -> Result<Vec<HostKeyView>> {
        Ok(self.state()?.host_keys.clone())
    }

    async fn look_up_host(&self, host: &str) -> Result<Vec<HostKeyView>> {
        if !host.contains('.') {
            return Err(Error::invalid("host", "must be a host like `github.com`"));
        }
        Ok(["ssh-ed25519", "ssh-rsa"].map(|algorithm| super::sample::host_key(host, algorithm)).to_vec())
    }

    async fn trust_host(&self, host: &str, lines: &[String]) -> Result<()> {
        let mut state = self.state()?;
        for line in lines {
            let Some(algorithm) = line.split(' ').find(|word| word.starts_with("ssh-")) else {
                return Err(Error::invalid("line", "must be a line as `ssh-keyscan` prints it"));
            };
            state.host_keys.push(super::sample::host_key(host, algorithm));
        }
        Ok(())
    }

    async fn forget_host(&self, host: &str) -> Result<()> {
        self.state()?.host_keys.retain(|key| key.host != host);
        Ok(())
    }
}

#[async_trait::async_trait]
impl Nodes for Fake {
    async fn engine(&self) -> Result<EngineView> {
        self.up()?;
        let known = self.mood != Mood::EngineAway;
        Ok(EngineView {
            known,
            reason: (!known).then(|| "the engine does not answer: no such file; what runs goes on".into()),
            version: Some("28.3.2".into()),
            nodes: known.then_some((3, 3)),
            seen_at: Some(Time(self.now.0 - if known { 1_000 } else { 240_000 })),
        })
    }

    async fn nodes(&self) -> Result<Vec<NodeView>> {
        self.up()?;
        self.engine_answers()?;
        let node = |name: &str, manager, state: &str, availability: &str, labels: &[&str]| NodeView {
            id: NodeId::from(name),
            name: name.into(),
            manager,
            leader: name == "hive-1",
            state: state.into(),
            availability: availability.into(),
            address: "10.0.0.4".into(),
            engine: "28.3.2".into(),
            cpus: 2.0,
            memory: 4_110_417_920,
            tasks: 7,
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        };
        Ok(vec![
            node("hive-1", true, "ready", "active", &["public_ip=true"]),
            node("hive-2", false, "ready", "active", &["disk=ssd", "db=primary"]),
            node("hive-3", false, "down", "drain", &[]),
        ])
    }
}

#[async_trait::async_trait]
impl Instances for Fake {
    async fn instance(&self) -> Result<InstanceView> {
        Ok(InstanceView {
            settings: self.state()?.instance.clone(),
            version: "0.1.0".into(),
            profile: "embedded".into(),
            public_address: Some("203.0.113.7".into()),
            fixed: Vec::new(),
            directories: vec![
                ("https://acme-v02.api.letsencrypt.org/directory".into(), "Let's Encrypt".into()),
                (
                    "https://acme-staging-v02.api.letsencrypt.org/directory".into(),
                    "Let's Encrypt, staging".into(),
                ),
            ],
        })
    }

    async fn set_instance(&self, settings: InstanceSettings) -> Result<()> {
        if !settings.acme_directory.starts_with("https://") {
            return Err(Error::invalid("acme_directory", "must be an https address"));
        }
        self.state()?.instance = settings;
        Ok(())
    }
}
