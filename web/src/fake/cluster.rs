//! Credentials, nodes, the instance.

use super::{Fake, Mood};
use crate::api::{
    CredentialId, CredentialKind, CredentialView, Credentials, EdgeView, EngineView, EnvironmentId, Error,
    Fault, HostKeyView, InstanceSettings, InstanceView, Instances, NewCredential, NodeId, NodeView, Nodes,
    Result, Time,
};

#[async_trait::async_trait]
impl Credentials for Fake {
    async fn credentials(&self) -> Result<Vec<CredentialView>> {
        Ok(self.state()?.credentials.clone())
    }

    async fn credentials_for(&self, environment: &EnvironmentId) -> Result<Vec<CredentialView>> {
        let here = format!("environment:{environment}");
        let mut list = self.credentials().await?;
        list.retain(|credential| !credential.place.starts_with("environment:") || credential.place == here);
        Ok(list)
    }

    async fn credential_places(&self) -> Result<Vec<(String, String)>> {
        let mut places = vec![("team".to_owned(), "the whole team".to_owned())];
        for project in &self.state()?.projects {
            places.push((format!("project:{}", project.id), project.name.clone()));
            for environment in &project.environments {
                let name = format!("{} / {}", project.name, environment.name);
                places.push((format!("environment:{}", environment.id), name));
            }
        }
        Ok(places)
    }

    async fn create_credential(&self, new: NewCredential) -> Result<CredentialView> {
        let mut faults = Vec::new();
        if new.title.is_empty() {
            faults.push(Fault::new("title", "must not be empty"));
        }
        let places = self.credential_places().await?;
        let place = places.into_iter().find(|(value, _)| *value == new.place);
        if place.is_none() {
            faults.push(Fault::new("place", "must be one of the list"));
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
            place: new.place,
            place_name: place.map(|(_, name)| name).unwrap_or_default(),
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

    async fn look_up_host(&self, _place: &str, host: &str) -> Result<Vec<HostKeyView>> {
        if !host.contains('.') {
            return Err(Error::invalid("host", "must be a host like `github.com`"));
        }
        Ok(["ssh-ed25519", "ssh-rsa"].map(|algorithm| super::sample::host_key(host, algorithm)).to_vec())
    }

    async fn trust_host(&self, place: &str, host: &str, lines: &[String]) -> Result<()> {
        let mut state = self.state()?;
        for line in lines {
            let Some(algorithm) = line.split(' ').find(|word| word.starts_with("ssh-")) else {
                return Err(Error::invalid("line", "must be a line as `ssh-keyscan` prints it"));
            };
            let key = super::sample::host_key(host, algorithm);
            state.host_keys.push(HostKeyView { place: place.into(), ..key });
        }
        Ok(())
    }

    async fn forget_host(&self, place: &str, host: &str) -> Result<()> {
        self.state()?.host_keys.retain(|key| key.host != host || key.place != place);
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
            environment: self.all().node_of.get(name).cloned(),
            strangers: Some(if name == "hive-2" {
                vec!["shop-production-web-4f2a".into()]
            } else {
                Vec::new()
            }),
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        };
        Ok(vec![
            node("hive-1", true, "ready", "active", &["public_ip=true"]),
            node("hive-2", false, "ready", "active", &["disk=ssd", "db=primary"]),
            node("hive-3", false, "down", "drain", &[]),
        ])
    }

    async fn edges(&self) -> Result<Vec<EdgeView>> {
        self.up()?;
        let edge = |node: &str, state: &str, ago: i64| EdgeView {
            node: node.into(),
            state: state.into(),
            seen_at: Time(self.now.0 - ago),
        };
        Ok(vec![
            edge("hive-1", "current", 4_000),
            edge("hive-2", "behind", 1_000),
            edge("hive-3", "silent", 400_000),
        ])
    }

    async fn node_environments(&self) -> Result<Vec<(String, String)>> {
        let places = self.credential_places().await?;
        let of =
            |(place, name): (String, String)| Some((place.strip_prefix("environment:")?.to_owned(), name));
        Ok(places.into_iter().filter_map(of).collect())
    }

    async fn reserve_node(&self, id: &NodeId, environment: &str) -> Result<()> {
        let environments = self.node_environments().await?;
        let found = environments.into_iter().find(|(value, _)| value == environment);
        let (_, name) = found.ok_or_else(|| Error::invalid("environment", "must be one of the list"))?;
        self.state()?.node_of.insert(id.to_string(), name);
        Ok(())
    }

    async fn release_node(&self, id: &NodeId) -> Result<()> {
        self.state()?.node_of.remove(&id.to_string());
        Ok(())
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
