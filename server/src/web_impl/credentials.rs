//! Credentials, without what is secret in them.

use async_trait::async_trait;
use skep_web::api::{
    self, CredentialId, CredentialKind, CredentialView, EnvironmentId, HostKeyView, NewCredential, Result,
};

use super::{
    Web,
    fields::{Fields, id, time},
    places::{Places, place},
};
use crate::{
    control::{self, Ctx, Error, credentials::uses, host_keys::Shown},
    domain::{
        app::Source,
        credential::{Credential, Kind},
        name::DisplayName,
        right::Right,
        secret::Secret,
    },
};

#[async_trait]
impl api::Credentials for Web {
    async fn credentials(&self) -> Result<Vec<CredentialView>> {
        let cx = self.cx()?;
        let found = control::credentials::list(&cx).await.map_err(|e| self.told(e))?;
        let mut views = views(&cx, found).await.map_err(|e| self.told(e))?;
        views.sort_by(|a, b| (&a.title, &a.id).cmp(&(&b.title, &b.id)));
        Ok(views)
    }

    async fn credentials_for(&self, environment: &EnvironmentId) -> Result<Vec<CredentialView>> {
        let cx = self.cx()?;
        let environment = id(&environment.0).map_err(|e| self.told(e))?;
        let found = control::credentials::around(&cx, environment).await.map_err(|e| self.told(e))?;
        views(&cx, found).await.map_err(|e| self.told(e))
    }

    async fn credential_places(&self) -> Result<Vec<(String, String)>> {
        let cx = self.cx()?;
        let mut places = Places::of(&cx).await.map_err(|e| self.told(e))?;
        places.0.retain(|(place, _)| cx.access.at(*place).has(Right::Credentials));
        Ok(places.choices())
    }

    async fn create_credential(&self, new: NewCredential) -> Result<CredentialView> {
        let cx = self.cx()?;
        let mut fields = Fields::default();
        let title = fields.take("title", DisplayName::parse(&new.title));
        let title = fields.all(title).map_err(|e| self.told(e))?;
        let new = control::credentials::NewCredential {
            kind: to_kind(new.kind),
            place: place(&new.place).map_err(|e| self.told(e))?,
            title,
            host: new.host,
            username: Some(new.username),
            secret: Some(Secret::new(new.secret.expose())),
        };
        let made = control::credentials::create(&cx, new).await.map_err(|e| self.told(e))?;
        let places = Places::of(&cx).await.map_err(|e| self.told(e))?;
        Ok(view(made, &[], &places))
    }

    async fn delete_credential(&self, credential: &CredentialId) -> Result<()> {
        let cx = self.cx()?;
        let credential = id(&credential.0).map_err(|e| self.told(e))?;
        control::credentials::remove(&cx, credential).await.map_err(|e| self.told(e))
    }

    async fn host_keys(&self) -> Result<Vec<HostKeyView>> {
        let cx = self.cx()?;
        let found = control::host_keys::list(&cx).await.map_err(|e| self.told(e))?;
        let places = Places::of(&cx).await.map_err(|e| self.told(e))?;
        Ok(found.into_iter().map(|shown| host_key(shown, &places)).collect())
    }

    async fn look_up_host(&self, at: &str, host: &str) -> Result<Vec<HostKeyView>> {
        let cx = self.cx()?;
        let at = place(at).map_err(|e| self.told(e))?;
        let found = control::host_keys::look_up(&cx, at, host).await.map_err(|e| self.told(e))?;
        let places = Places::of(&cx).await.map_err(|e| self.told(e))?;
        Ok(found.into_iter().map(|shown| host_key(shown, &places)).collect())
    }

    async fn trust_host(&self, at: &str, host: &str, lines: &[String]) -> Result<()> {
        let cx = self.cx()?;
        let at = place(at).map_err(|e| self.told(e))?;
        for line in lines {
            control::host_keys::pin(&cx, at, host, line).await.map_err(|e| self.told(e))?;
        }
        Ok(())
    }

    async fn forget_host(&self, at: &str, host: &str) -> Result<()> {
        let cx = self.cx()?;
        let at = place(at).map_err(|e| self.told(e))?;
        control::host_keys::forget(&cx, at, host).await.map_err(|e| self.told(e))
    }
}

async fn views(cx: &Ctx, found: Vec<Credential>) -> std::result::Result<Vec<CredentialView>, Error> {
    // Only who stores any pays for the count of their apps.
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let (sources, places) = (control::apps::sources(cx).await?, Places::of(cx).await?);
    Ok(found.into_iter().map(|credential| view(credential, &sources, &places)).collect())
}

fn host_key(shown: Shown, places: &Places) -> HostKeyView {
    let line = shown.line();
    HostKeyView {
        place: shown.place.to_string(),
        place_name: places.name(shown.place),
        host: shown.host,
        algorithm: shown.key.algorithm,
        fingerprint: shown.key.fingerprint,
        line,
    }
}

fn view(credential: Credential, sources: &[Source], places: &Places) -> CredentialView {
    let used_by = sources.iter().filter(|source| uses(source, credential.id)).count();
    CredentialView {
        id: CredentialId(credential.id.to_string()),
        kind: from_kind(credential.kind),
        place: credential.place.to_string(),
        place_name: places.name(credential.place),
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
