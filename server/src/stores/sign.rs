//! AWS's signature version 4: what a request is, hashed, under a key of the day, region and service.
//!
//! Checked against the examples that AWS publishes.

use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::domain::secret::Secret;

/// Who signs, and where.
pub(crate) struct Key<'a> {
    pub(crate) id: &'a str,
    pub(crate) secret: &'a Secret,
    pub(crate) region: &'a str,
}

/// What is signed.
pub(crate) struct Signing<'a> {
    pub(crate) method: &'a str,
    /// Escaped, as it is sent.
    pub(crate) path: &'a str,
    /// Escaped and sorted, as it is sent.
    pub(crate) query: &'a str,
    /// By name, in lower case; `host` and `x-amz-date` among them.
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a str,
}

impl Signing<'_> {
    /// The `authorization` header at `time` (`20150830T123600Z`).
    pub(crate) fn authorization(&self, key: &Key<'_>, service: &str, time: &str) -> String {
        let names = self.headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let headers: String =
            self.headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
        let hash = hex::encode(Sha256::digest(self.body));
        let request = format!("{}\n{}\n{}\n{headers}\n{names}\n{hash}", self.method, self.path, self.query);
        let day = time.split('T').next().unwrap_or_default();
        let scope = format!("{day}/{}/{service}/aws4_request", key.region);
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex::encode(Sha256::digest(request)));
        let first = format!("AWS4{}", key.secret.expose());
        let of_day = [day, key.region, service, "aws4_request"]
            .into_iter()
            .fold(first.into_bytes(), |key, part| mac(&key, part));
        let signature = hex::encode(mac(&of_day, &text));
        format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
            key.id
        )
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // A key of any length is one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of AWS's documentation and test suite have one key and one moment.
    fn signature(service: &str, signing: &Signing<'_>) -> String {
        let secret = Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let key = Key { id: "AKIDEXAMPLE", secret: &secret, region: "us-east-1" };
        let header = signing.authorization(&key, service, "20150830T123600Z");
        header.rsplit_once('=').unwrap().1.to_owned()
    }

    #[test]
    fn the_published_examples_come_out() {
        let date = ("x-amz-date", "20150830T123600Z");
        let vanilla = [("host", "example.amazonaws.com"), date];
        let signing = |method| Signing { method, path: "/", query: "", headers: &vanilla, body: "" };
        let get = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
        let post = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b";
        assert_eq!(signature("service", &signing("GET")), get);
        assert_eq!(signature("service", &signing("POST")), post);
        let headers = [
            ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
            ("host", "iam.amazonaws.com"),
            date,
        ];
        let query = "Action=ListUsers&Version=2010-05-08";
        let iam = Signing { method: "GET", path: "/", query, headers: &headers, body: "" };
        let wanted = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
        assert_eq!(signature("iam", &iam), wanted);
    }
}
