//! Certificates in every state, and directories.

use super::{Fake, Mood};
use crate::api::{
    CertificateLine, CertificateStanding, Certificates, CertificatesView, DirectoriesView, DirectoryLimits,
    DirectoryLine, Error, NewDirectory, Result, Time,
};

const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;

const ALL: [CertificateStanding; 8] = [
    CertificateStanding::Expiring,
    CertificateStanding::Failed,
    CertificateStanding::WaitingDns,
    CertificateStanding::WaitingBudget,
    CertificateStanding::Pending,
    CertificateStanding::Ordering,
    CertificateStanding::Renewing,
    CertificateStanding::Issued,
];

impl Fake {
    fn line(&self, number: usize, standing: CertificateStanding) -> CertificateLine {
        let now = self.now.0;
        let left = match standing {
            CertificateStanding::Issued => Some(61 * DAY),
            CertificateStanding::Renewing => Some(29 * DAY),
            CertificateStanding::Expiring => Some(4 * DAY),
            _ => None,
        };
        let (reason, problem, advice) = match standing {
            CertificateStanding::Failed | CertificateStanding::Expiring => (
                Some(
                    "203.0.113.7: Fetching http://shop.example.org/.well-known/acme-challenge/x: Connection refused",
                ),
                Some("urn:ietf:params:acme:error:connection"),
                Some("See that port 80 of every address of the name leads to this instance."),
            ),
            CertificateStanding::WaitingDns => (
                Some("the name leads to Cloudflare (104.16.1.1), which does not pass the question on"),
                None,
                Some("Change the DNS records of the name as told; it is looked at again by itself."),
            ),
            CertificateStanding::WaitingBudget => (
                Some("50 certificates in 7 days for example.org are ordered already at Let's Encrypt"),
                None,
                Some("Nothing: it goes on by itself at the time given."),
            ),
            _ => (None, None, None),
        };
        let text = |text: Option<&str>| text.map(str::to_owned);
        CertificateLine {
            id: format!("c{number}"),
            host: format!("host-{number}.example.org"),
            app: Some("a1".into()),
            standing,
            directory: "Let's Encrypt".to_owned(),
            chosen: false,
            issuer: left.map(|_| "C=US, O=Let's Encrypt, CN=E7".to_owned()),
            expires_at: left.map(|left| Time(now + left)),
            tried_at: Some(Time(now - 2 * HOUR)),
            next_try_at: (standing != CertificateStanding::Issued).then_some(Time(now + HOUR)),
            renew_at: (standing == CertificateStanding::Issued).then_some(Time(now + 31 * DAY)),
            explanation: (standing == CertificateStanding::Renewing)
                .then(|| "https://ca.example.org/why".to_owned()),
            reason: text(reason),
            problem: text(problem),
            advice: text(advice),
            may: true,
        }
    }
}

#[async_trait::async_trait]
impl Certificates for Fake {
    async fn certificates(&self) -> Result<CertificatesView> {
        self.up()?;
        let rich = self.mood != Mood::Empty;
        let rows = ALL.into_iter().enumerate().map(|(number, standing)| self.line(number, standing));
        Ok(CertificatesView {
            certificates: if rich { rows.collect() } else { Vec::new() },
            directories: vec!["Let's Encrypt".to_owned(), "ZeroSSL".to_owned()],
        })
    }

    async fn instance_certificates(&self) -> Result<CertificatesView> {
        let mut view = self.certificates().await?;
        for row in &mut view.certificates {
            (row.app, row.may) = (None, false);
        }
        Ok(view)
    }

    async fn retry_one_certificate(&self, id: &str) -> Result<()> {
        self.up()?;
        if id.starts_with('c') { Ok(()) } else { Err(Error::NotFound) }
    }

    async fn renew_certificate(&self, id: &str) -> Result<()> {
        self.retry_one_certificate(id).await
    }

    async fn choose_directory(&self, id: &str, directory: &str) -> Result<()> {
        self.retry_one_certificate(id).await?;
        if matches!(directory, "" | "Let's Encrypt" | "ZeroSSL") {
            return Ok(());
        }
        Err(Error::invalid("directory", "must be a directory of the instance's list"))
    }

    async fn directories(&self) -> Result<DirectoriesView> {
        self.up()?;
        let zero = DirectoryLine {
            id: "d1".to_owned(),
            name: "ZeroSSL".to_owned(),
            address: "https://acme.zerossl.com/v2/DV90".to_owned(),
            backup: true,
            external_key: Some("kid-1".to_owned()),
            profile: None,
            key_type: "ecdsa-p256".to_owned(),
            limits: DirectoryLimits {
                orders: Some(1500),
                domain: Some(1000),
                same: Some(30),
                failures: Some(5),
                at_once: Some(20),
            },
        };
        Ok(DirectoriesView {
            first: ("Let's Encrypt".to_owned(), "https://acme-v02.api.letsencrypt.org/directory".to_owned()),
            others: if self.mood == Mood::Empty { Vec::new() } else { vec![zero] },
        })
    }

    async fn create_directory(&self, new: NewDirectory) -> Result<()> {
        self.up()?;
        let short = matches!(new.address.as_str(), "production" | "staging" | "zerossl" | "google");
        if short || new.address.starts_with("https://") {
            return Ok(());
        }
        Err(Error::invalid("address", "must be the https address of an ACME directory"))
    }

    async fn change_directory(&self, id: &str, _new: NewDirectory) -> Result<()> {
        self.up()?;
        if id == "d1" { Ok(()) } else { Err(Error::NotFound) }
    }

    async fn remove_directory(&self, id: &str) -> Result<()> {
        self.change_directory(id, NewDirectory::default()).await
    }
}
