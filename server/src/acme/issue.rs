//! The real issuer: one order, one host, one challenge (RFC 8555, 7.4, 8.3 and 8.4).

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use instant_acme::{
    AuthorizationStatus, ChallengeType, Error, Identifier, NewAccount, NewOrder, Order, OrderStatus,
    RetryPolicy,
};

use super::{
    Account, AcmeError, Challenges, Directory, Issued, Issuer, Kind, Meta, Method, certificate,
    client::{self, Client, Wire},
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
        challenges: &dyn Challenges,
        token: &mut Option<String>,
    ) -> Result<Issued, Failure> {
        let name = [Identifier::Dns(host.as_str().to_owned())];
        let mut order = past_nonces!(account.new_order(&NewOrder::new(&name)))?;
        if matches!(order.state().status, OrderStatus::Pending) {
            self.authorise(&mut order, host, challenges, token).await?;
        }
        let key = Secret::new(past_nonces!(order.finalize())?);
        let chain = past_nonces!(order.poll_certificate(&self.patience()))?;
        let facts = certificate::check(&chain, &key, std::slice::from_ref(host), self.clock.now()).map_err(
            |wrong| AcmeError::new(Kind::BadCertificate, format!("the certificate that the CA gave {wrong}")),
        )?;
        Ok(Issued { chain, key, not_before: facts.not_before, not_after: facts.not_after })
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
            let request = self.http.get(directory.as_str()).build().map_err(|e| Error::Other(Box::new(e)))?;
            let (_, body) = client.send(request).await.map_err(|wire| Error::Other(Box::new(wire)))?;
            let document: serde_json::Value = serde_json::from_slice(&body).map_err(Error::Json)?;
            if document["newOrder"].is_string() {
                let meta = &document["meta"];
                let names = meta["caaIdentities"].as_array().into_iter().flatten();
                Ok(Meta {
                    terms: meta["termsOfService"].as_str().map(str::to_owned),
                    caa_identities: names.filter_map(|name| name.as_str()).map(str::to_owned).collect(),
                })
            } else {
                Err(Failure::Ours(AcmeError::new(
                    Kind::NotADirectory,
                    "there is no ACME directory at this address",
                )))
            }
        };
        self.done(&client, work).await
    }

    async fn register(&self, directory: &Directory, email: Option<&Email>) -> Result<Account, AcmeError> {
        let client = self.client();
        let contact = email.map(|email| format!("mailto:{email}"));
        let contact: Vec<&str> = contact.as_deref().into_iter().collect();
        let new =
            NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let work = async {
            let made =
                past_nonces!(instant_acme::Account::builder_with_http(Box::new(client.clone())).create(
                    &new,
                    directory.as_str().to_owned(),
                    None
                ));
            let (_, credentials) = made?;
            Ok(Account(Secret::new(serde_json::to_string(&credentials).map_err(Error::Json)?)))
        };
        self.done(&client, work).await
    }

    async fn issue(
        &self,
        account: &Account,
        host: &HostPattern,
        challenges: &dyn Challenges,
    ) -> Result<Issued, AcmeError> {
        let client = self.client();
        let mut token = None;
        let work = async {
            let unreadable = |_| AcmeError::new(Kind::Account, "the stored account cannot be read");
            let credentials = serde_json::from_str(account.0.expose()).map_err(unreadable)?;
            let builder = instant_acme::Account::builder_with_http(Box::new(client.clone()));
            let account = builder.from_credentials(credentials).await?;
            self.order(&account, host, challenges, &mut token).await
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
