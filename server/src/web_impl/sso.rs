//! Single sign-on: to a provider and back, setting providers up, connecting them.

use async_trait::async_trait;
use skep_web::api::{
    self, CameBack, ChangedProvider, FindingView, IdentityView, MappingView, NewProvider, Offer,
    ProviderView, Result, Secret, SetCookie, SsoView, Went, Whose,
};

use super::{
    Web,
    fields::{Fields, id, time},
    places::place,
    session::ours,
    teams::{Words, role},
};
use crate::{
    control::{
        Ctx, Error,
        sso::{self, Back, Begun, Change, Finished, New, Of},
    },
    domain::{
        fault::Wrong,
        id::{ProviderId, TeamId},
        name::DisplayName,
        right::{Place, Role},
        sso::{Claim, ClientName, Issuer, Kind, Mapping, Provider},
    },
};

const fn of(whose: Whose) -> Of {
    match whose {
        Whose::Team => Of::Team,
        Whose::Instance => Of::Instance,
    }
}

fn provider_view(provider: Provider, words: &Words) -> ProviderView {
    let mapping = |mapping: &Mapping| MappingView {
        group: mapping.group.clone(),
        place: mapping.place.to_string(),
        place_name: words.places.name(mapping.place),
        role_name: words.role(mapping.role),
    };
    ProviderView {
        id: provider.id.to_string(),
        name: provider.name.to_string(),
        kind: provider.kind.to_string(),
        issuer: provider.issuer.to_string(),
        client: provider.client.to_string(),
        claim: provider.claim.to_string(),
        enabled: provider.enabled,
        mappings: provider.mappings.iter().map(mapping).collect(),
    }
}

async fn view(cx: &Ctx, whose: Whose) -> std::result::Result<SsoView, Error> {
    let providers = sso::list(cx, of(whose)).await?;
    let words = Words::of(cx).await?;
    let redirect = match sso::redirect(&cx.parts).await {
        Ok(url) => Some(url.into()),
        Err(Error::Conflict { .. }) => None,
        Err(error) => return Err(error),
    };
    let built_in = Role::BUILT_IN.into_iter().filter(|role| *role != Role::Owner);
    let mut roles: Vec<_> = built_in.map(|role| (role.name(), role.name())).collect();
    roles.extend(words.roles.iter().map(|own| (own.id.to_string(), own.name.to_string())));
    Ok(SsoView {
        providers: providers.into_iter().map(|provider| provider_view(provider, &words)).collect(),
        redirect,
        login: format!("/login/{}", cx.team()),
        only: sso::only(cx).await?,
        through: cx.through.is_some_and(|through| through.team == Some(cx.team())),
        roles,
        places: words.places.choices(),
    })
}

fn new_provider(new: NewProvider) -> std::result::Result<New, Error> {
    let mut fields = Fields::default();
    let name = fields.take("name", DisplayName::parse(&new.name));
    let kind = Kind::named(&new.kind).ok_or_else(|| Wrong::new("must be `oidc` or `github`"));
    let kind = fields.take("kind", kind);
    let issuer = fields.take("issuer", Issuer::parse(&new.issuer));
    let client = fields.take("client", ClientName::parse(&new.client));
    let claim = fields.take("claim", Claim::parse(&new.claim));
    let all = || {
        let (name, kind, issuer, client, claim) = (name?, kind?, issuer?, client?, claim?);
        Some(New {
            of: of(new.of),
            name,
            kind,
            issuer,
            client,
            secret: ours(&new.secret),
            claim,
            mappings: Vec::new(),
        })
    };
    let all = all();
    fields.all(all)
}

fn changed(change: &ChangedProvider) -> std::result::Result<Change, Error> {
    let mut fields = Fields::default();
    let change = Change {
        name: fields.take("name", DisplayName::parse(&change.name)),
        client: fields.take("client", ClientName::parse(&change.client)),
        claim: fields.take("claim", Claim::parse(&change.claim)),
        secret: change.secret.as_ref().map(ours),
        enabled: Some(change.enabled),
        mappings: None,
    };
    fields.all(Some(change))
}

/// All other mappings of a provider, and the role of this group at this place.
async fn mapped(
    cx: &Ctx,
    provider: ProviderId,
    (group, at): (Option<&str>, Place),
    to: Option<Role>,
) -> std::result::Result<(), Error> {
    let all = sso::list(cx, Of::Team).await?;
    let found = all.into_iter().find(|one| one.id == provider).ok_or(Error::NotFound("identity provider"))?;
    let mut mappings = found.mappings;
    mappings.retain(|mapping| mapping.place != at || mapping.group.as_deref() != group);
    mappings.extend(to.map(|role| Mapping { group: group.map(str::to_owned), place: at, role }));
    let change = Change { mappings: Some(mappings), ..Change::default() };
    sso::change(cx, provider, change).await.map(drop)
}

#[async_trait]
impl api::SingleSignOn for Web {
    async fn offers(&self, team: Option<&str>) -> Result<(Option<String>, Vec<Offer>)> {
        let team: Option<TeamId> = team.map(id).transpose().map_err(|e| self.told(e))?;
        let (name, offers) = sso::offered(self.parts(), team).await.map_err(|e| self.told(e))?;
        let offer =
            |provider: Provider| Offer { id: provider.id.to_string(), name: provider.name.to_string() };
        Ok((name.map(|name| name.to_string()), offers.into_iter().map(offer).collect()))
    }

    async fn begin_sso(&self, provider: &str, next: &str) -> Result<Went> {
        let provider: ProviderId = id(provider).map_err(|e| self.told(e))?;
        self.sent(sso::begin(self.parts(), provider, next, self.visitor.address).await)
    }

    async fn finish_sso(&self, back: CameBack) -> Result<Went> {
        let visitor = &self.visitor;
        let cx = self.cx().ok();
        let back = Back {
            cookie: visitor.cookies.sign_on.as_deref(),
            state: &back.state,
            code: back.code.expose(),
            error: back.error.as_deref(),
            issuer: back.issuer.as_deref(),
            from: visitor.address,
            agent: &visitor.agent,
            old: visitor.cookies.session.as_deref(),
        };
        let done = match sso::finish(self.parts(), cx.as_ref(), back).await {
            Ok(Finished::SignedIn { entry, next }) => match self.entered(&entry) {
                api::Entry::SignedIn(cookies) => (next, cookies),
                api::Entry::SecondStep(cookies) => {
                    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
                    (format!("/login/second?next={next}"), cookies)
                }
            },
            Ok(Finished::Connected { next }) => (next, SetCookie(Vec::new())),
            Err(Error::Unauthenticated { message, .. }) => return Ok(Went::Refused(message)),
            Err(error) => return Err(self.told(error)),
        };
        let (to, mut cookies) = done;
        cookies.0.push(Secret::new((visitor.cookies.back)()));
        Ok(Went::On { to, cookies })
    }

    async fn sso(&self, of: Whose) -> Result<SsoView> {
        view(&self.cx()?, of).await.map_err(|e| self.told(e))
    }

    async fn create_sso(&self, new: NewProvider) -> Result<()> {
        let cx = self.cx()?;
        let new = new_provider(new).map_err(|e| self.told(e))?;
        sso::create(&cx, new).await.map(drop).map_err(|e| self.told(e))
    }

    async fn change_sso(&self, provider: &str, change: ChangedProvider) -> Result<()> {
        let cx = self.cx()?;
        let provider: ProviderId = id(provider).map_err(|e| self.told(e))?;
        let change = changed(&change).map_err(|e| self.told(e))?;
        sso::change(&cx, provider, change).await.map(drop).map_err(|e| self.told(e))
    }

    async fn map_sso(&self, provider: &str, group: Option<&str>, at: &str, to: Option<&str>) -> Result<()> {
        let cx = self.cx()?;
        let provider: ProviderId = id(provider).map_err(|e| self.told(e))?;
        let at = place(at).map_err(|e| self.told(e))?;
        let to = to.map(role).transpose().map_err(|e| self.told(e))?;
        mapped(&cx, provider, (group, at), to).await.map_err(|e| self.told(e))
    }

    async fn test_sso(&self, provider: &str) -> Result<Vec<FindingView>> {
        let provider: ProviderId = id(provider).map_err(|e| self.told(e))?;
        let found = sso::test(&self.cx()?, provider).await.map_err(|e| self.told(e))?;
        let view = |finding: crate::sso::Finding| FindingView {
            what: finding.what.to_owned(),
            ok: finding.ok,
            text: finding.text,
        };
        Ok(found.into_iter().map(view).collect())
    }

    async fn remove_sso(&self, provider: &str) -> Result<()> {
        let provider: ProviderId = id(provider).map_err(|e| self.told(e))?;
        sso::remove(&self.cx()?, provider).await.map_err(|e| self.told(e))
    }

    async fn set_sso_only(&self, on: bool) -> Result<()> {
        sso::set_only(&self.cx()?, on).await.map_err(|e| self.told(e))
    }

    async fn identities(&self) -> Result<Vec<IdentityView>> {
        let found = sso::identities(&self.cx()?).await.map_err(|e| self.told(e))?;
        let view = |known: sso::Known| IdentityView {
            provider: known.provider.id.to_string(),
            name: known.provider.name.to_string(),
            connected: known.identity.is_some(),
            used_at: known.identity.as_ref().map(|identity| time(identity.used_at)),
            email: known.identity.and_then(|identity| identity.email).map(|email| email.to_string()),
        };
        Ok(found.into_iter().map(view).collect())
    }

    async fn connect_identity(&self, provider: &str, password: Secret) -> Result<Went> {
        let provider: ProviderId = id(provider).map_err(|e| self.told(e))?;
        self.sent(sso::connect(&self.cx()?, self.caller()?, provider, &ours(&password)).await)
    }

    async fn disconnect_identity(&self, provider: &str, password: Secret) -> Result<()> {
        let provider: ProviderId = id(provider).map_err(|e| self.told(e))?;
        let done = sso::disconnect(&self.cx()?, self.caller()?, provider, &ours(&password)).await;
        done.map_err(|e| self.told(e))
    }
}

impl Web {
    /// Off to a provider, or why not.
    fn sent(&self, begun: std::result::Result<Begun, Error>) -> Result<Went> {
        match begun {
            Ok(begun) => {
                let cookies = SetCookie(vec![Secret::new((self.visitor.cookies.go)(&begun.cookie))]);
                Ok(Went::On { to: begun.to.into(), cookies })
            }
            Err(Error::Unauthenticated { message, .. }) => Ok(Went::Refused(message)),
            Err(error) => Err(self.told(error)),
        }
    }
}
