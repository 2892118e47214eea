//! Deploy keys: ed25519 pairs that Skep makes for git over ssh.

use ssh_key::{
    LineEnding, PrivateKey,
    private::{Ed25519Keypair, KeypairData},
};
use zeroize::Zeroizing;

use crate::domain::{clock::Clock, secret::Secret};

/// A new pair.
#[derive(Debug)]
pub struct DeployKey {
    /// The private half in OpenSSH's form, to be sealed.
    pub private: Secret,
    /// The public half, one line for the host's settings: `ssh-ed25519 AAAA… comment`.
    pub public: String,
}

/// Makes a pair from `clock`'s random bytes; `comment` tells people at the host where it is from.
///
/// # Errors
/// If the key cannot be written down, which needs a comment with odd characters.
pub fn generate(clock: &dyn Clock, comment: &str) -> Result<DeployKey, ssh_key::Error> {
    let mut seed = Zeroizing::new([0; 32]);
    clock.fill(seed.as_mut());
    let comment: String = comment.chars().filter(|c| c.is_ascii_graphic()).take(100).collect();
    let pair = KeypairData::Ed25519(Ed25519Keypair::from_seed(&seed));
    let key = PrivateKey::new(pair, comment)?;
    Ok(DeployKey {
        private: Secret::new(key.to_openssh(LineEnding::LF)?.as_str()),
        public: key.public_key().to_openssh()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::SystemClock;

    #[test]
    fn a_pair_is_read_back_and_no_two_are_the_same() {
        let one = generate(&SystemClock, "skep shop\n\"x").unwrap();
        assert!(
            one.public.starts_with("ssh-ed25519 AAAA") && one.public.ends_with(" skepshop\"x"),
            "{}",
            one.public
        );
        let read = PrivateKey::from_openssh(one.private.expose()).unwrap();
        assert_eq!(read.public_key().to_openssh().unwrap(), one.public);
        assert_ne!(generate(&SystemClock, "skep").unwrap().public, one.public);
        assert!(!format!("{one:?}").contains("PRIVATE"));
    }
}
