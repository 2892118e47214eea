//! Whether the caller may do something, and the things that they may do it to: every command and
//! query of a request loads by these, so that none can forget to ask (S3, S4).
//!
//! What is not theirs to see is not there: another team's thing, an unknown id and a place without
//! the right to look are the same 404. What they see and may not do is a 403 that names the right.
//! The architecture test fails if a file beside this one loads a thing of a team by itself.

use super::{Ctx, Error};
use crate::{
    db::{self, Tx},
    domain::{
        app::App,
        certificate::{Certificate, OwnCertificate},
        credential::Credential,
        deployment::Deployment,
        dns_provider::DnsProvider,
        id::{
            AppId, CertificateId, CredentialId, DeploymentId, DnsProviderId, EnvironmentId, OwnCertificateId,
            ProjectId, StoreId, VerifiedDomainId,
        },
        project::{Environment, Project},
        right::{Place, Right},
        store::Store,
        verified_domain::VerifiedDomain,
    },
};

impl Ctx {
    /// Whether the caller has a right at a place that they see.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn allow(&self, place: Place, right: Right) -> Result<(), Error> {
        if self.access.at(place).has(right) { Ok(()) } else { Err(lacking(right)) }
    }

    /// Whether the caller has a right everywhere in the team.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn allow_team(&self, right: Right) -> Result<(), Error> {
        self.allow(Place::Team, right)
    }

    /// Whether the caller has a right anywhere in the team: lists then show what is in those places.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn allow_somewhere(&self, right: Right) -> Result<(), Error> {
        if self.access.anywhere().has(right) { Ok(()) } else { Err(lacking(right)) }
    }

    /// Whether the caller has a right at a place by the roles that they have in this transaction, not
    /// only by those that they had when the request came.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn still(&self, tx: &mut Tx, place: Place, right: Right) -> Result<(), Error> {
        self.allow(place, right)?;
        let now = db::team::access(tx, self.team(), self.actor.user, self.access.instance()).await?;
        if now.at(place).has(right) { Ok(()) } else { Err(lacking(right)) }
    }

    /// Whether the caller owns the instance: what concerns all teams, or the machines themselves.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn allow_instance(&self) -> Result<(), Error> {
        if self.access.instance() {
            return Ok(());
        }
        Err(Error::Forbidden("only the owner of this instance may do this; ask them".to_owned()))
    }

    /// Whether the caller may reach beyond the team, to their account itself and to their other teams:
    /// not if a provider of the team vouched for them, which nobody else trusts.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn allow_account(&self) -> Result<(), Error> {
        if self.through.is_none_or(|through| through.team.is_none()) {
            return Ok(());
        }
        let rule = "you are signed in through your team's provider, which counts for this team alone; \
                    sign in with your password for what concerns your account";
        Err(Error::Forbidden(rule.to_owned()))
    }

    /// Whether a place is the team's, and the caller sees it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn there(&self, tx: &mut Tx, place: Place) -> Result<(), Error> {
        match place {
            Place::Team => Ok(()),
            Place::Project(id) => self.project(tx, id, Right::View).await.map(drop),
            Place::Environment(id) => self.environment(tx, id, Right::View).await.map(drop),
        }
    }

    /// A project of the team that the caller sees, if they have the right there.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn project(&self, tx: &mut Tx, id: ProjectId, right: Right) -> Result<Project, Error> {
        let found = db::project::get(tx, self.team(), id).await?;
        let project = found.filter(|_| self.access.sees_project(id)).ok_or(Error::NotFound("project"))?;
        // Who sees one environment of it sees that it is there.
        if right != Right::View {
            self.allow(Place::Project(id), right)?;
        }
        Ok(project)
    }

    /// An environment of the team that the caller sees, if they have the right there.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn environment(
        &self,
        tx: &mut Tx,
        id: EnvironmentId,
        right: Right,
    ) -> Result<Environment, Error> {
        let found = db::project::environment(tx, self.team(), id).await?;
        let environment = found.filter(|_| self.access.sees(id)).ok_or(Error::NotFound("environment"))?;
        self.allow(Place::Environment(id), right)?;
        Ok(environment)
    }

    /// An app of the team that the caller sees, if they have the right in its environment.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn app(&self, tx: &mut Tx, id: AppId, right: Right) -> Result<App, Error> {
        let found = db::app::get(tx, self.team(), id).await?;
        let app = found.filter(|app| self.access.sees(app.environment)).ok_or(Error::NotFound("app"))?;
        self.allow(Place::Environment(app.environment), right)?;
        Ok(app)
    }

    /// A secret store of the team at a place that the caller sees, if they have the right there.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn store(&self, tx: &mut Tx, id: StoreId, right: Right) -> Result<Store, Error> {
        let found = db::secret_store::get(tx, self.team(), id).await?;
        let seen = |store: &Store| match store.place {
            Place::Team => true,
            Place::Project(id) => self.access.sees_project(id),
            Place::Environment(id) => self.access.sees(id),
        };
        let store = found.filter(seen).ok_or(Error::NotFound("store"))?;
        self.allow(store.place, right)?;
        Ok(store)
    }

    /// A DNS provider of the team at a place that the caller sees, if they have the right there.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn dns_provider(
        &self,
        tx: &mut Tx,
        id: DnsProviderId,
        right: Right,
    ) -> Result<DnsProvider, Error> {
        let found = db::dns_provider::get(tx, self.team(), id).await?;
        let seen = found.filter(|provider| self.access.at(provider.place).has(Right::View));
        let provider = seen.ok_or(Error::NotFound("DNS provider"))?;
        self.allow(provider.place, right)?;
        Ok(provider)
    }

    /// A domain that the team proves to be theirs, if the caller has the right in the team.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn verified_domain(
        &self,
        tx: &mut Tx,
        id: VerifiedDomainId,
        right: Right,
    ) -> Result<VerifiedDomain, Error> {
        self.allow_team(right)?;
        db::verified_domain::get(tx, self.team(), id).await?.ok_or(Error::NotFound("domain"))
    }

    /// A certificate that the team brought along, if the caller has the right in the team.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn own_certificate(
        &self,
        tx: &mut Tx,
        id: OwnCertificateId,
        right: Right,
    ) -> Result<OwnCertificate, Error> {
        self.allow_team(right)?;
        db::own_certificate::get(tx, self.team(), id).await?.ok_or(Error::NotFound("certificate"))
    }

    /// A credential of the team at a place that the caller sees, if they have the right there.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn credential(&self, tx: &mut Tx, id: CredentialId, right: Right) -> Result<Credential, Error> {
        let found = db::credential::get(tx, self.team(), id).await?;
        let seen = found.filter(|credential| self.access.at(credential.place).has(Right::View));
        let credential = seen.ok_or(Error::NotFound("credential"))?;
        self.allow(credential.place, right)?;
        Ok(credential)
    }

    /// The certificate of a host of the team, if the caller has the right in its app's environment; of
    /// the platform's own host, if they own the instance.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn certificate(
        &self,
        tx: &mut Tx,
        id: CertificateId,
        right: Right,
    ) -> Result<Certificate, Error> {
        let missing = || Error::NotFound("certificate");
        let row = db::acme::get(tx, id).await?.ok_or_else(missing)?;
        match db::domain_name::owner(tx, self.team(), &row.host).await? {
            Some(owner) if self.access.sees(owner.environment) => {
                self.allow(Place::Environment(owner.environment), right)?;
            }
            None if self.access.instance() => {
                let platform = db::setting::get(tx, "public_host").await?;
                if platform.as_deref() != Some(row.host.as_str()) {
                    return Err(missing());
                }
            }
            _ => return Err(missing()),
        }
        Ok(row)
    }

    /// A deployment of an app of the team, if the caller has the right in the app's environment.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`].
    pub async fn deployment(&self, tx: &mut Tx, id: DeploymentId, right: Right) -> Result<Deployment, Error> {
        Ok(self.deployment_of(tx, id, right).await?.1)
    }

    /// The same with its app.
    ///
    /// # Errors
    /// As [`Ctx::deployment`].
    pub async fn deployment_of(
        &self,
        tx: &mut Tx,
        id: DeploymentId,
        right: Right,
    ) -> Result<(App, Deployment), Error> {
        let missing = || Error::NotFound("deployment");
        let deployment = db::deployment::get(tx, self.team(), id).await?.ok_or_else(missing)?;
        match self.app(tx, deployment.app, right).await {
            Ok(app) => Ok((app, deployment)),
            Err(Error::NotFound(_)) => Err(missing()),
            Err(error) => Err(error),
        }
    }
}

fn lacking(right: Right) -> Error {
    Error::Forbidden(format!(
        "your role does not allow this here: it needs the right `{right}`; ask an admin of the team for a role that has it"
    ))
}
