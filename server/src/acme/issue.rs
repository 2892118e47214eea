//! The real issuer: one order, one host, one challenge (RFC 8555, 7.4, 8.3 and 8.4).

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use instant_acme::{
    AuthorizationStatus, CertificateIdentifier, ChallengeType, Error, Identifier, NewAccount, NewOrder,
    Order, OrderStatus, RetryPolicy,
};

use super::{
    Account, AcmeError, Challenges, Directory, External, Issued, Issuer, Kind, Meta, Method, Window, Wish,
    certificate,
    client::{self, Client, Wire},
    document, renewal,
};
use crate::domain::{clock::Clock, host_pattern::HostPattern, name::Email, secret::Secret};

/// Tries of one request that the CA refuses only for its nonce: it was not looked at.
const NONCE_TRIES: u32 = 10;
/// Everything else: an order that is not done by then has failed.
const DEADLINE: Duration = Duration::from_secs(180);
/// A challenge outlives its order by this, in case nobody is left to remove it.
const LEFT_OVER: Duration = Duration::from_secs(600);

/// Repeats a request while the CA refuses it for its nonce (RFC 8555, 6.5).
macro_rules! past_nonces {
    ($request:expr) => {{
        let mut left = NONCE_TRIES;
        loop {
            match $request.await {
                Err(error) if left > 0 && is_bad_nonce(&error) => left -= 1,
                other => break other,
            }
        }
    }};
}

/// Speaks ACME with any CA.
pub struct AcmeIssuer {
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    deadline: Duration,
}

impl AcmeIssuer {
    /// `ca`: a PEM file with further roots to trust, for a private directory.
    ///
    /// # Errors
    /// The file cannot be read or holds no certificate.
    pub fn new(clock: Arc<dyn Clock>, ca: Option<&Path>) -> Result<Self, AcmeError> {
        let wrong = |path: &Path, why: String| {
            AcmeError::new(
                Kind::NotADirectory,
                format!("the CA file {} cannot be used: {why}", path.display()),
            )
        };
        let pem = match ca {
            Some(path) => Some(std::fs::read(path).map_err(|error| wrong(path, error.to_string()))?),
            None => None,
        };
        let http = client::build(pem.as_deref())
            .map_err(|error| wrong(ca.unwrap_or(Path::new("(none)")), error.to_string()))?;
        Ok(Self { http, clock, deadline: DEADLINE })
    }

    /// With another deadline for one order than three minutes.
    #[must_use]
    pub fn within(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    fn client(&self) -> Client {
        Client::new(self.http.clone(), self.clock.clone())
    }

    /// Bounds `work` in time, and says an error of the protocol in our words.
    async fn done<T>(
        &self,
        client: &Client,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, AcmeError> {
        self.done_within(self.deadline, client, work).await
    }

    async fn done_within<T>(
        &self,
        deadline: Duration,
        client: &Client,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, AcmeError> {
        match tokio::time::timeout(deadline, work).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(Failure::Ours(error))) => Err(error),
            Ok(Err(Failure::Theirs(error))) => {
                Err(AcmeError { retry_after: client.retry_after(), ..said(error) })
            }
            Err(_) => Err(AcmeError::new(
                Kind::Timeout,
                format!("the CA was not done within {} seconds", deadline.as_secs()),
            )),
        }
    }

    async fn order(
        &self,
        account: &instant_acme::Account,
        host: &HostPattern,
        wish: &Wish,
        challenges: &dyn Challenges,
        token: &mut Option<String>,
    ) -> Result<Issued, Failure> {
        let name = [Identifier::Dns(host.as_str().to_owned())];
        let mut order = self.begin(account, &name, wish).await?;
        if matches!(order.state().status, OrderStatus::Pending) {
            self.authorise(&mut order, host, challenges, token).await?;
        }
        let (key, request) = self.request(host, wish)?;
        past_nonces!(order.finalize_csr(&request))?;
        let chain = past_nonces!(order.poll_certificate(&self.patience()))?;
        let facts = certificate::check(&chain, &key, std::slice::from_ref(host), self.clock.now()).map_err(
            |wrong| AcmeError::new(Kind::BadCertificate, format!("the certificate that the CA gave {wrong}")),
        )?;
        Ok(Issued { chain, key, not_before: facts.not_before, not_after: facts.not_after })
    }

    /// Places the order. What it is to take the place of is left out if the CA says that this was
    /// replaced already (RFC 9773, 5), or that it knows no such thing: the certificate counts more.
    async fn begin(
        &self,
        account: &instant_acme::Account,
        name: &[Identifier],
        wish: &Wish,
    ) -> Result<Order, Failure> {
        let plain = || match &wish.profile {
            Some(profile) => NewOrder::new(name).profile(profile),
            None => NewOrder::new(name),
        };
        if let Some((key, serial)) = wish.replaces.as_deref().and_then(renewal::id) {
            let id = CertificateIdentifier::new(key.as_slice().into(), serial.as_slice().into());
            let new = plain().replaces(id);
            match past_nonces!(account.new_order(&new)) {
                Err(Error::Api(problem)) if about_replaced(&problem) => {}
                Err(Error::Unsupported(_)) => {}
                other => return Ok(other?),
            }
        }
        Ok(past_nonces!(account.new_order(&plain()))?)
    }

    /// A new key, PEM, and the request for it, DER.
    fn request(&self, host: &HostPattern, wish: &Wish) -> Result<(Secret, Vec<u8>), AcmeError> {
        let made = || {
            let mut params = rcgen::CertificateParams::new(vec![host.as_str().to_owned()])?;
            params.distinguished_name = rcgen::DistinguishedName::new();
            let pair = wish.key.pair()?;
            let request = params.serialize_request(&pair)?;
            Ok::<_, rcgen::Error>((Secret::new(pair.serialize_pem()), request.der().to_vec()))
        };
        made().map_err(|error| AcmeError::new(Kind::Refused, format!("no key could be made: {error}")))
    }

    /// Shows the CA that the host is ours; an authorisation that is valid still needs nothing.
    async fn authorise(
        &self,
        order: &mut Order,
        host: &HostPattern,
        challenges: &dyn Challenges,
        token: &mut Option<String>,
    ) -> Result<(), Failure> {
        past_nonces!(fetch(order))?;
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            match authorization.status {
                AuthorizationStatus::Valid => continue,
                AuthorizationStatus::Pending => {}
                _ => return Err(refusal(&authorization).into()),
            }
            let (kind, name) = match challenges.method() {
                Method::Http => (ChallengeType::Http01, "HTTP-01"),
                Method::Dns => (ChallengeType::Dns01, "DNS-01"),
            };
            let mut challenge = authorization.challenge(kind).ok_or_else(|| {
                AcmeError::new(Kind::Refused, format!("the CA offers no {name} challenge for this host"))
            })?;
            if !fit(&challenge.token) {
                return Err(AcmeError::new(Kind::Refused, "the CA's challenge has no fit token").into());
            }
            let expires = self.clock.now() + self.deadline + challenges.patience() + LEFT_OVER;
            *token = Some(challenge.token.clone());
            let authorization = challenge.key_authorization();
            let answer = match challenges.method() {
                Method::Http => authorization.as_str().to_owned(),
                Method::Dns => authorization.dns_value(),
            };
            challenges
                .put(&challenge.token, &answer, host, expires)
                .await
                .map_err(|why| AcmeError::new(Kind::Challenges, why))?;
            past_nonces!(challenge.set_ready())?;
        }
        match past_nonces!(order.poll_ready(&self.patience())) {
            Ok(OrderStatus::Ready | OrderStatus::Valid) => Ok(()),
            other => Err(self.reason(order).await.unwrap_or_else(|| match other {
                Err(error) => Failure::Theirs(error),
                Ok(_) => AcmeError::new(Kind::Refused, "the CA gave no reason").into(),
            })),
        }
    }

    /// What the CA says of the challenge that failed; it says less of the order.
    async fn reason(&self, order: &mut Order) -> Option<Failure> {
        let mut authorizations = order.authorizations();
        while let Some(Ok(mut authorization)) = authorizations.next().await {
            past_nonces!(authorization.refresh()).ok()?;
            if authorization.status == AuthorizationStatus::Invalid {
                return Some(refusal(&authorization).into());
            }
        }
        None
    }

    /// How an order is asked again; the deadline of the whole ends it.
    const fn patience(&self) -> RetryPolicy {
        RetryPolicy::new().initial_delay(Duration::from_millis(250)).backoff(1.5).timeout(self.deadline)
    }
}

#[async_trait]
impl Issuer for AcmeIssuer {
    async fn meta(&self, directory: &Directory) -> Result<Meta, AcmeError> {
        let client = self.client();
        let work = async {
            let body = read(&client, directory.as_str()).await?;
            document::read(&body).map_err(Failure::Ours)
        };
        self.done(&client, work).await
    }

    async fn register(
        &self,
        directory: &Directory,
        email: Option<&Email>,
        external: Option<&External>,
    ) -> Result<Account, AcmeError> {
        let client = self.client();
        let external = match external {
            Some(external) => Some(document::external(external)?),
            None => None,
        };
        let contact = email.map(|email| format!("mailto:{email}"));
        let contact: Vec<&str> = contact.as_deref().into_iter().collect();
        let new =
            NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let work = async {
            let made =
                past_nonces!(instant_acme::Account::builder_with_http(Box::new(client.clone())).create(
                    &new,
                    directory.as_str().to_owned(),
                    external.as_ref()
                ));
            let (_, credentials) = made?;
            Ok(Account(Secret::new(serde_json::to_string(&credentials).map_err(Error::Json)?)))
        };
        self.done(&client, work).await
    }

    async fn window(&self, directory: &Directory, chain: &str) -> Result<Option<Window>, AcmeError> {
        let Some(name) = renewal::name(chain) else { return Ok(None) };
        let Some(at) = self.meta(directory).await?.renewal_info else { return Ok(None) };
        let client = self.client();
        let work = async {
            let body = read(&client, &format!("{}/{name}", at.trim_end_matches('/'))).await?;
            Ok(renewal::read(&body, client.retry_after()))
        };
        self.done(&client, work).await
    }

    async fn issue(
        &self,
        account: &Account,
        host: &HostPattern,
        wish: &Wish,
        challenges: &dyn Challenges,
    ) -> Result<Issued, AcmeError> {
        let client = self.client();
        let mut token = None;
        let work = async {
            let unreadable = |_| AcmeError::new(Kind::Account, "the stored account cannot be read");
            let credentials = serde_json::from_str(account.0.expose()).map_err(unreadable)?;
            let builder = instant_acme::Account::builder_with_http(Box::new(client.clone()));
            let account = builder.from_credentials(credentials).await?;
            self.order(&account, host, wish, challenges, &mut token).await
        };
        let outcome = self.done_within(self.deadline + challenges.patience(), &client, work).await;
        if let Some(token) = token
            && let Err(why) = challenges.remove(&token).await
        {
            // It expires by itself; the certificate is not worth less for it.
            tracing::warn!(host = %host, reason = why, "An answered challenge could not be removed");
        }
        outcome
    }
}

/// An error of the protocol, or one that is said in our words already.
enum Failure {
    Theirs(Error),
    Ours(AcmeError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Theirs(error)
    }
}

impl From<AcmeError> for Failure {
    fn from(error: AcmeError) -> Self {
        Self::Ours(error)
    }
}

/// What an address of the CA answers to a plain question; errors of the protocol are its problems.
async fn read(client: &Client, address: &str) -> Result<axum::body::Bytes, Error> {
    let other = |error: Box<dyn std::error::Error + Send + Sync>| Error::Other(error);
    let request = client.http.get(address).build().map_err(|e| other(Box::new(e)))?;
    let (parts, body) = client.send(request).await.map_err(|wire| other(Box::new(wire)))?;
    if parts.status.is_success() {
        return Ok(body);
    }
    Err(Error::Api(serde_json::from_slice(&body).map_err(Error::Json)?))
}

/// Whether a refusal is about the certificate that was to be replaced, and not about the order.
fn about_replaced(problem: &instant_acme::Problem) -> bool {
    let kind = problem.r#type.as_deref().unwrap_or_default();
    let said = problem.detail.as_deref().unwrap_or_default().to_ascii_lowercase();
    kind.ends_with(":alreadyReplaced") || said.contains("replace")
}

fn is_bad_nonce(error: &Error) -> bool {
    matches!(error, Error::Api(problem) if problem.r#type.as_deref() == Some("urn:ietf:params:acme:error:badNonce"))
}

/// RFC 8555, 8.3: base64url. It becomes part of a path.
fn fit(token: &str) -> bool {
    (16..=200).contains(&token.len())
        && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

/// Asks for the authorisations that are not known yet; the order keeps them. By itself, because a
/// walk that is refused on the way would go on behind the one that it did not get.
async fn fetch(order: &mut Order) -> Result<(), Error> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        authorization?;
    }
    Ok(())
}

/// Why an authorisation is not valid.
fn refusal(authorization: &instant_acme::AuthorizationState) -> AcmeError {
    let problem = authorization.challenges.iter().find_map(|challenge| challenge.error.as_ref());
    problem.map_or_else(
        || AcmeError::new(Kind::Refused, "the CA does not authorise this host and gives no reason"),
        AcmeError::of,
    )
}

/// An error of the protocol in our words.
fn said(error: Error) -> AcmeError {
    match error {
        Error::Api(problem) => AcmeError::of(&problem),
        Error::Timeout(_) => AcmeError::new(Kind::Timeout, "the CA did not finish the order in time"),
        Error::Json(_) | Error::Str(_) | Error::Unsupported(_) => {
            AcmeError::new(Kind::NotADirectory, "it does not answer as an ACME directory does")
        }
        Error::KeyRejected => AcmeError::new(Kind::Account, "the stored account cannot be read"),
        Error::Other(other) => match other.downcast::<Wire>() {
            Ok(wire) => {
                let kind = match *wire {
                    Wire::Unreachable(_) | Wire::Down(_) => Kind::Unreachable,
                    Wire::Busy => Kind::RateLimited,
                    Wire::NotAcme(_) | Wire::TooLarge => Kind::NotADirectory,
                };
                let message = match *wire {
                    Wire::Unreachable(why) => format!("the CA cannot be reached: {why}"),
                    wire => format!("no answer of the CA: {wire}"),
                };
                AcmeError::new(kind, message)
            }
            Err(other) => AcmeError::new(Kind::Unreachable, other.to_string()),
        },
        other => AcmeError::new(Kind::Unreachable, other.to_string()),
    }
}
