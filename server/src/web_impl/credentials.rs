//! Credentials, without what is secret in them.

use async_trait::async_trait;
use skep_web::api::{self, CredentialId, CredentialKind, CredentialView, HostKeyView, NewCredential, Result};

use super::{
    Web,
    fields::{Fields, id, time},
};
use crate::{
    control::{self, credentials::uses, host_keys::Shown},
    domain::{
        app::Source,
        credential::{Credential, Kind},
        name::DisplayName,
        secret::Secret,
    },
};

#[async_trait]
impl api::Credentials for Web {
    async fn credentials(&self) -> Result<Vec<CredentialView>> {
        let cx = self.cx()?;
        let found = control::credentials::list(&cx).await.map_err(|e| self.told(e))?;
        // Only who stores any pays for the count of their apps.
        let sources = if found.is_empty() {
            Vec::new()
        } else {
            control::apps::sources(&cx).await.map_err(|e| self.told(e))?
        };
        let mut views: Vec<_> = found.into_iter().map(|credential| view(credential, &sources)).collect();
        views.sort_by(|a, b| (&a.title, &a.id).cmp(&(&b.title, &b.id)));
        Ok(views)
    }

    async fn create_credential(&self, new: NewCredential) -> Result<CredentialView> {
        let cx = self.cx()?;
        let mut fields = Fields::default();
        let title = fields.take("title", DisplayName::parse(&new.title));
        let title = fields.all(title).map_err(|e| self.told(e))?;
        let new = control::credentials::NewCredential {
            kind: to_kind(new.kind),
            title,
            host: new.host,
            username: Some(new.username),
            secret: Some(Secret::new(new.secret.expose())),
        };
        let made = control::credentials::create(&cx, new).await.map_err(|e| self.told(e))?;
        Ok(view(made, &[]))
    }

    async fn delete_credential(&self, credential: &CredentialId) -> Result<()> {
        let cx = self.cx()?;
        let credential = id(&credential.0).map_err(|e| self.told(e))?;
        control::credentials::remove(&cx, credential).await.map_err(|e| self.told(e))
    }

    async fn host_keys(&self) -> Result<Vec<HostKeyView>> {
        let cx = self.cx()?;
        let found = control::host_keys::list(&cx).await.map_err(|e| self.told(e))?;
        Ok(found.into_iter().map(host_key).collect())
    }

    async fn look_up_host(&self, host: &str) -> Result<Vec<HostKeyView>> {
        let cx = self.cx()?;
        let found = control::host_keys::look_up(&cx, host).await.map_err(|e| self.told(e))?;
        Ok(found.into_iter().map(host_key).collect())
    }

    async fn trust_host(&self, host: &str, lines: &[String]) -> Result<()> {
        let cx = self.cx()?;
        for line in lines {
            control::host_keys::pin(&cx, host, line).await.map_err(|e| self.told(e))?;
        }
        Ok(())
    }

    async fn forget_host(&self, host: &str) -> Result<()> {
        let cx = self.cx()?;
        control::host_keys::forget(&cx, host).await.map_err(|e| self.told(e))
    }
}

fn host_key(shown: Shown) -> HostKeyView {
    let line = shown.line();
    HostKeyView { host: shown.host, algorithm: shown.key.algorithm, fingerprint: shown.key.fingerprint, line }
}

fn view(credential: Credential, sources: &[Source]) -> CredentialView {
    let used_by = sources.iter().filter(|source| uses(source, credential.id)).count();
    CredentialView {
        id: CredentialId(credential.id.to_string()),
        kind: from_kind(credential.kind),
        title: credential.title.to_string(),
        host: credential.host,
        username: credential.username,
        public: credential.public,
        used_by: used_by as u64,
        created_at: time(credential.created_at),
    }
}

const fn to_kind(kind: CredentialKind) -> Kind {
    match kind {
        CredentialKind::GitToken => Kind::GitToken,
        CredentialKind::GitKey => Kind::GitKey,
        CredentialKind::Registry => Kind::Registry,
    }
}

const fn from_kind(kind: Kind) -> CredentialKind {
    match kind {
        Kind::GitToken => CredentialKind::GitToken,
        Kind::GitKey => CredentialKind::GitKey,
        Kind::Registry => CredentialKind::Registry,
    }
}
