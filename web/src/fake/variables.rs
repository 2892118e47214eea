//! Variables and domains.

use super::{Fake, sample};
use crate::api::{
    AppId, DomainId, DomainView, Domains, Error, ImportPreview, NewDomain, NewPort, PortView, Ports,
    RequiredVariable, Result, Scope, Secret, SecretFile, VariableView, Variables,
};

#[async_trait::async_trait]
impl Variables for Fake {
    async fn variables(&self, scope: &Scope) -> Result<Vec<VariableView>> {
        let state = self.state()?;
        Ok(if matches!(scope, Scope::App(id) if id.0 == "a-new") {
            Vec::new()
        } else {
            state.variables.clone()
        })
    }

    async fn set_variable(&self, _scope: &Scope, key: &str, _value: Secret, secret: bool) -> Result<()> {
        let ok = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !ok {
            return Err(Error::invalid("key", "must be letters, digits and `_`, not starting with a digit"));
        }
        let mut state = self.state()?;
        state.variables.retain(|variable| variable.key != key);
        let new = VariableView {
            key: key.into(),
            secret,
            file: None,
            references: Vec::new(),
            version: 1,
            changed_by: None,
            updated_at: self.now,
            older: Vec::new(),
        };
        state.variables.push(new);
        Ok(())
    }

    async fn preview_import(
        &self,
        _scope: &Scope,
        text: Secret,
        secret: bool,
        replace: bool,
    ) -> Result<ImportPreview> {
        let state = self.state()?;
        let mut preview = ImportPreview::default();
        for (n, line) in text.expose().lines().enumerate() {
            let Some((key, _)) = line.split_once('=') else {
                return Err(Error::invalid("text", format!("line {} must be `NAME=value`", n + 1)));
            };
            let known = state.variables.iter().any(|variable| variable.key == key);
            let list = if known { &mut preview.changed } else { &mut preview.added };
            list.push(key.to_owned());
        }
        if replace {
            let keys = state.variables.iter().map(|variable| variable.key.clone());
            preview.removed = keys.filter(|key| !preview.changed.contains(key)).collect();
        }
        let all: Vec<&str> = preview.added.iter().chain(&preview.changed).map(String::as_str).collect();
        preview.draft = format!("{secret}:{}:{}", all.join(","), preview.removed.join(","));
        Ok(preview)
    }

    async fn import_variables(&self, scope: &Scope, draft: &str) -> Result<()> {
        let mut parts = draft.split(':');
        let secret = parts.next() == Some("true");
        let mut keys = |_| parts.next().unwrap_or_default().split(',').filter(|key| !key.is_empty());
        for key in keys(()) {
            self.set_variable(scope, key, Secret::new("x"), secret).await?;
        }
        let gone: Vec<&str> = keys(()).collect();
        self.state()?.variables.retain(|variable| !gone.contains(&variable.key.as_str()));
        Ok(())
    }

    async fn required_variables(&self, app: &AppId) -> Result<Vec<RequiredVariable>> {
        let mut state = self.state()?;
        let required = state.app(&app.0)?.1.settings.required.clone();
        let one = |key: String| {
            let missing = state.variables.iter().all(|variable| variable.key != key);
            RequiredVariable { key, missing }
        };
        Ok(required.into_iter().map(one).collect())
    }

    async fn deliver_variable(&self, _app: &AppId, key: &str, file: Option<SecretFile>) -> Result<()> {
        let mut state = self.state()?;
        let found = state.variables.iter_mut().find(|variable| variable.key == key);
        let found = found.ok_or_else(|| Error::invalid("key", "there is no such variable"))?;
        found.file = file.map(|file| match file.name.as_str() {
            "" => SecretFile { name: key.to_owned(), ..file },
            _ => file,
        });
        Ok(())
    }

    async fn reveal_variable(&self, _scope: &Scope, key: &str) -> Result<Secret> {
        let found = self.state()?.variables.iter().any(|variable| variable.key == key);
        if found { Ok(Secret::new("postgres://shop:hunter2@db/shop")) } else { Err(Error::NotFound) }
    }

    async fn restore_variable(&self, _scope: &Scope, key: &str, version: u64) -> Result<()> {
        let mut state = self.state()?;
        let found = state.variables.iter_mut().find(|variable| variable.key == key);
        let found = found.ok_or(Error::NotFound)?;
        found.older.iter().any(|old| old.version == version).then_some(()).ok_or(Error::NotFound)?;
        found.version += 1;
        Ok(())
    }

    async fn delete_variable(&self, _scope: &Scope, key: &str) -> Result<()> {
        let mut state = self.state()?;
        let before = state.variables.len();
        state.variables.retain(|variable| variable.key != key);
        if state.variables.len() == before { Err(Error::NotFound) } else { Ok(()) }
    }
}

#[async_trait::async_trait]
impl Domains for Fake {
    async fn domains(&self, app: &AppId) -> Result<Vec<DomainView>> {
        let mut state = self.state()?;
        state.app(&app.0)?;
        Ok(if app.0 == "a-new" { Vec::new() } else { state.domains.clone() })
    }

    async fn domain(&self, _app: &AppId, id: &DomainId) -> Result<DomainView> {
        self.state()?.domains.iter().find(|domain| domain.id == *id).cloned().ok_or(Error::NotFound)
    }

    async fn change_domain(&self, _app: &AppId, id: &DomainId, change: serde_json::Value) -> Result<()> {
        let mut state = self.state()?;
        let domain = state.domains.iter_mut().find(|domain| domain.id == *id).ok_or(Error::NotFound)?;
        let ranges = change.pointer("/options/allow").and_then(serde_json::Value::as_array);
        if ranges.is_some_and(|all| all.iter().any(|range| range.as_str().is_none_or(|r| !r.contains('.')))) {
            return Err(Error::invalid("options.allow[0]", "must be an address range like `10.1.0.0/16`"));
        }
        for (name, value) in change["options"].as_object().into_iter().flatten() {
            match (domain.options.as_object_mut(), value.is_null()) {
                (Some(options), true) => drop(options.remove(name)),
                (Some(options), false) => drop(options.insert(name.clone(), value.clone())),
                (None, _) => {}
            }
        }
        if let Some(logins) = change["logins"].as_array() {
            let names = logins.iter().filter_map(|login| login["name"].as_str());
            domain.logins = names.map(str::to_owned).collect();
        }
        Ok(())
    }

    async fn ports(&self, app: &AppId) -> Result<Ports> {
        self.state()?.app(&app.0)?;
        let own =
            PortView { id: "p1".into(), public: "tcp 5432".into(), service: None, port: 5432, host: None };
        Ok(Ports { own: vec![own], free: vec!["tcp 6379".into(), "udp 5353".into()] })
    }

    async fn add_port(&self, app: &AppId, new: NewPort) -> Result<()> {
        self.state()?.app(&app.0)?;
        if new.port == 0 { Err(Error::invalid("port", "must be 1 to 65535")) } else { Ok(()) }
    }

    async fn remove_port(&self, app: &AppId, _id: &str) -> Result<()> {
        self.state()?.app(&app.0).map(drop)
    }

    async fn add_domain(&self, app: &AppId, new: NewDomain) -> Result<()> {
        let mut state = self.state()?;
        state.app(&app.0)?;
        if !new.host.contains('.') {
            return Err(Error::invalid("host", "must be a public host name with a domain"));
        }
        if state.domains.iter().any(|domain| domain.host == new.host) {
            return Err(Error::Conflict(format!("{} is taken.", new.host)));
        }
        let id = state.id();
        state.domains.push(sample::domain(&id, &new.host, new.port.unwrap_or(8080), None));
        Ok(())
    }

    async fn generate_domain(&self, app: &AppId) -> Result<()> {
        let new = NewDomain { host: format!("{app}.apps.example.org"), https: true, ..NewDomain::default() };
        self.add_domain(app, new).await
    }

    async fn remove_domain(&self, _app: &AppId, id: &DomainId) -> Result<()> {
        self.state()?.domains.retain(|domain| domain.id != *id);
        Ok(())
    }

    async fn retry_certificate(&self, _app: &AppId, id: &DomainId) -> Result<()> {
        let state = self.state()?;
        state.domains.iter().any(|domain| domain.id == *id).then_some(()).ok_or(Error::NotFound)
    }
}
