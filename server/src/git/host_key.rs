//! One line of known_hosts(5), read: whose key it is, of what type, and its fingerprint, which is
//! what hosts publish for people to compare.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use sha2::{Digest as _, Sha256};

/// Longest line that is read; the largest key in use (RSA with 16,384 bits) has 2,800 bytes.
const LONGEST: usize = 4_000;

/// A public key of an ssh host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostKey {
    /// `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`...
    pub algorithm: String,
    /// The key in base64, as the line has it.
    pub key: String,
    /// `SHA256:` and the hash in base64 without padding, as `ssh-keygen -l` prints it.
    pub fingerprint: String,
}

impl HostKey {
    /// Reads `[host] type key [comment]`: the host may be missing, as many publish it so. None if
    /// there is no key in it, or if the key is of another type than the line says (RFC 4253, 6.6).
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        if line.len() > LONGEST || line.chars().any(|c| c.is_control() && c != '\t') {
            return None;
        }
        let mut words = line.split_ascii_whitespace().take(4).skip_while(|word| !is_type(word));
        let (algorithm, key) = (words.next()?, words.next()?);
        let blob = STANDARD.decode(key).ok()?;
        let (length, rest) = blob.split_first_chunk::<4>()?;
        let named = rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        (named == algorithm.as_bytes()).then(|| Self {
            algorithm: algorithm.to_owned(),
            key: key.to_owned(),
            fingerprint: format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&blob))),
        })
    }
}

fn is_type(word: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-"].iter().any(|start| word.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::clock::SystemClock, git::key::generate};

    #[test]
    fn a_key_is_read_in_every_form_and_its_fingerprint_is_that_of_ssh_keygen() {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
        // As github.com publishes it.
        let print = "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU";
        for line in [key.to_owned(), format!("github.com {key}"), format!("[a.b]:22\t{key} a comment")] {
            let read = HostKey::read(&line).unwrap();
            assert_eq!(
                (read.algorithm.as_str(), read.fingerprint.as_str()),
                ("ssh-ed25519", print),
                "{line}"
            );
        }
        let made = generate(&SystemClock, "skep").unwrap().public;
        let own = ssh_key::PublicKey::from_openssh(&made).unwrap();
        let hash = own.fingerprint(ssh_key::HashAlg::Sha256).to_string();
        assert_eq!(HostKey::read(&made).unwrap().fingerprint, hash);
    }

    #[test]
    fn what_is_no_key_is_not_read() {
        let blob = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
        for line in [
            String::new(),
            "github.com".into(),
            "ssh-ed25519".into(),
            format!("ssh-rsa {blob}"),
            "ssh-ed25519 AAAA".into(),
            "ssh-ed25519 /////w==".into(),
            format!("ssh-ed25519 {blob}\nssh-ed25519 {blob}"),
            format!("ssh-ed25519 {blob} {}", "a".repeat(LONGEST)),
        ] {
            assert_eq!(HostKey::read(&line), None, "{line}");
        }
    }
}
