//! Single sign-on: one provider of the team, and one of the instance.

use super::{Fake, Gate, Mood, session::cookie};
use crate::api::{
    CameBack, ChangedProvider, Error, FindingView, IdentityView, MappingView, NewProvider, Offer,
    ProviderView, Result, Secret, SetCookie, SingleSignOn, SsoView, Went, Whose,
};

fn gone() -> SetCookie {
    SetCookie(vec![Secret::new("__Host-skep-sign-on=fake; Path=/; Secure; HttpOnly; SameSite=Lax")])
}

fn known(id: &str) -> Result<()> {
    if matches!(id, "i-acme" | "i-house") { Ok(()) } else { Err(Error::NotFound) }
}

fn right(password: &Secret) -> Result<()> {
    if password.expose() == "correct horse battery" {
        return Ok(());
    }
    Err(Error::invalid("password", "is not your password; show it to go on"))
}

#[async_trait::async_trait]
impl SingleSignOn for Fake {
    async fn offers(&self, team: Option<&str>) -> Result<(Option<String>, Vec<Offer>)> {
        let offer = |id: &str, name: &str| Offer { id: id.into(), name: name.into() };
        match team {
            _ if self.mood == Mood::Empty => Ok((None, Vec::new())),
            None => Ok((None, vec![offer("i-house", "House ID")])),
            Some("t1") => Ok((Some("Example Ltd".into()), vec![offer("i-acme", "Acme <ID>")])),
            Some(_) => Err(Error::NotFound),
        }
    }

    async fn begin_sso(&self, provider: &str, next: &str) -> Result<Went> {
        known(provider)?;
        let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        Ok(Went::On { to: format!("https://login.example.org/?next={next}"), cookies: gone() })
    }

    async fn finish_sso(&self, back: CameBack) -> Result<Went> {
        if let Some(error) = back.error {
            return Ok(Went::Refused(format!("the provider says: {error}")));
        }
        if back.state != "state" {
            return Ok(Went::Refused("this browser was not sent to a provider from here; begin anew".into()));
        }
        self.all().gate = Gate::In;
        Ok(Went::On { to: "/apps/a-web".into(), cookies: cookie() })
    }

    async fn sso(&self, of: Whose) -> Result<SsoView> {
        self.up()?;
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let mapping = |group: Option<&str>, place: &str, place_name: &str, role: &str| MappingView {
            group: group.map(str::to_owned),
            place: place.into(),
            place_name: place_name.into(),
            role_name: role.into(),
        };
        let provider = ProviderView {
            id: if of == Whose::Team { "i-acme" } else { "i-house" }.into(),
            name: if of == Whose::Team { "Acme <ID>" } else { "House ID" }.into(),
            kind: "oidc".into(),
            issuer: "https://login.example.org/realms/acme".into(),
            client: "skep".into(),
            claim: "groups".into(),
            enabled: true,
            mappings: match of {
                Whose::Team => vec![
                    mapping(None, "team", "the whole team", "viewer"),
                    mapping(Some("developers"), "environment:e2", "shop / staging", "deployer"),
                ],
                Whose::Instance => Vec::new(),
            },
        };
        Ok(SsoView {
            providers: if self.mood == Mood::Empty { Vec::new() } else { vec![provider] },
            redirect: Some("https://skep.example.org/login/callback".into()),
            login: "/login/t1".into(),
            only: false,
            through: false,
            roles: vec![pair("viewer", "viewer"), pair("deployer", "deployer"), pair("admin", "admin")],
            places: vec![pair("team", "the whole team"), pair("environment:e2", "shop / staging")],
        })
    }

    async fn create_sso(&self, new: NewProvider) -> Result<()> {
        self.up()?;
        if !new.issuer.starts_with("https://") {
            return Err(Error::invalid("issuer", "must be an address like `https://login.example.org`"));
        }
        Ok(())
    }

    async fn change_sso(&self, id: &str, change: ChangedProvider) -> Result<()> {
        self.up()?;
        known(id)?;
        if change.name.is_empty() { Err(Error::invalid("name", "must not be empty")) } else { Ok(()) }
    }

    async fn map_sso(&self, id: &str, _group: Option<&str>, _place: &str, role: Option<&str>) -> Result<()> {
        self.up()?;
        known(id)?;
        if role == Some("owner") {
            return Err(Error::invalid("role", "is `owner`: owners are made by hand; give `admin`"));
        }
        Ok(())
    }

    async fn test_sso(&self, id: &str) -> Result<Vec<FindingView>> {
        self.up()?;
        known(id)?;
        let finding = |what: &str, ok, text: &str| FindingView { what: what.into(), ok, text: text.into() };
        Ok(vec![
            finding("discovery", true, "it is https://login.example.org/realms/acme"),
            finding(
                "client",
                false,
                "the provider says: invalid_client: <b>who?</b>; compare client id and secret",
            ),
        ])
    }

    async fn remove_sso(&self, id: &str) -> Result<()> {
        self.up()?;
        known(id)
    }

    async fn set_sso_only(&self, on: bool) -> Result<()> {
        self.up()?;
        if on { Err(Error::Conflict("sign in through the team's provider first".into())) } else { Ok(()) }
    }

    async fn identities(&self) -> Result<Vec<IdentityView>> {
        self.up()?;
        let identity = |provider: &str, name: &str, email: Option<&str>| IdentityView {
            provider: provider.into(),
            name: name.into(),
            connected: email.is_some(),
            email: email.map(str::to_owned),
            used_at: email.map(|_| self.now),
        };
        if self.mood == Mood::Empty {
            return Ok(Vec::new());
        }
        Ok(vec![
            identity("i-acme", "Acme <ID>", Some("ada@acme.example")),
            identity("i-house", "House ID", None),
        ])
    }

    async fn connect_identity(&self, provider: &str, password: Secret) -> Result<Went> {
        self.up()?;
        right(&password)?;
        self.begin_sso(provider, "/account").await
    }

    async fn disconnect_identity(&self, provider: &str, password: Secret) -> Result<()> {
        self.up()?;
        right(&password)?;
        known(provider)
    }
}
