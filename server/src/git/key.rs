//! Keys for git over ssh: ed25519 pairs that Skep makes, and private keys that people give.

use ssh_key::{
    LineEnding, PrivateKey,
    private::{Ed25519Keypair, KeypairData},
};
use zeroize::Zeroizing;

use crate::domain::{clock::Clock, fault::Wrong, secret::Secret};

/// What OpenSSH's own form of a private key begins with.
const OPENSSH: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
/// The shortest RSA key that is taken, bits: git hosts refuse shorter ones.
const RSA_BITS: usize = 2048;

/// A pair.
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
    written(&PrivateKey::new(pair, comment)?)
}

/// Reads a private key as `ssh-keygen` writes it: ed25519, ecdsa or rsa, without a passphrase.
///
/// # Errors
/// What it is instead, and the way out; never a part of the text.
pub fn read(text: &Secret) -> Result<DeployKey, Wrong> {
    let text = Zeroizing::new(format!("{}\n", text.expose().replace('\r', "").trim()));
    if !text.starts_with(OPENSSH) {
        return Err(Wrong::coded("key_form", other_form(&text)));
    }
    let key = PrivateKey::from_openssh(text.as_bytes()).map_err(|_| {
        let rule = "is damaged, or of a kind that is not known: give the whole file, from its first to its last line";
        Wrong::coded("key_damaged", rule)
    })?;
    match key.key_data() {
        KeypairData::Encrypted(_) => {
            let rule = "has a passphrase, and nobody is there to enter it: take it away from a copy with `ssh-keygen -p -N '' -f COPY`";
            return Err(Wrong::coded("key_passphrase", rule));
        }
        KeypairData::Ed25519(_) | KeypairData::Ecdsa(_) => {}
        KeypairData::Rsa(pair) if bits(pair.public.n.as_positive_bytes()) >= RSA_BITS => {}
        KeypairData::Rsa(_) => {
            let rule = "is an RSA key of less than 2048 bits: make one with `ssh-keygen -t ed25519`";
            return Err(Wrong::coded("key_weak", rule));
        }
        _ => {
            let rule = "must be an ed25519, ecdsa or rsa key: make one with `ssh-keygen -t ed25519`";
            return Err(Wrong::coded("key_kind", rule));
        }
    }
    written(&key).map_err(|_| Wrong::coded("key_damaged", "cannot be written down again: make another key"))
}

/// What a text is that is no OpenSSH private key.
fn other_form(text: &str) -> &'static str {
    if text.starts_with("-----BEGIN") && text.contains("PRIVATE KEY-----") {
        "must be in OpenSSH's own form: `ssh-keygen -p -N '' -f COPY` writes a copy anew in it"
    } else if text.starts_with("ssh-") || text.starts_with("ecdsa-") {
        "is a public key; give the private half, the file without `.pub`"
    } else {
        "must be a private key: the whole text, from `-----BEGIN OPENSSH PRIVATE KEY-----` to its end"
    }
}

/// The length of a number, bits.
fn bits(number: Option<&[u8]>) -> usize {
    let bytes = number.unwrap_or_default();
    let first = bytes.first().map_or(0, |byte| byte.leading_zeros() as usize);
    bytes.len() * 8 - first
}

fn written(key: &PrivateKey) -> Result<DeployKey, ssh_key::Error> {
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
        let again = read(&one.private).unwrap();
        assert_eq!(again.public, one.public);
        assert_eq!(again.private.expose(), one.private.expose());
        assert_ne!(generate(&SystemClock, "skep").unwrap().public, one.public);
        assert!(!format!("{one:?}").contains("PRIVATE"));
    }

    /// A private key as `ssh-keygen` makes it.
    fn made(arguments: &[&str]) -> Secret {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let made =
            std::process::Command::new("ssh-keygen").args(["-q", "-f"]).arg(&file).args(arguments).output();
        let made = made.unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Secret::new(std::fs::read_to_string(file).unwrap())
    }

    #[test]
    fn the_three_kinds_are_taken_with_any_line_ends() {
        for (name, kind) in
            [("ed25519", "ssh-ed25519 "), ("ecdsa", "ecdsa-sha2-nistp256 "), ("rsa", "ssh-rsa ")]
        {
            let text = made(&["-N", "", "-t", name]);
            let windows = Secret::new(format!("\r\n{}", text.expose().trim_end().replace('\n', "\r\n")));
            for text in [&text, &windows] {
                let pair = read(text).unwrap();
                assert!(pair.public.starts_with(kind), "{}", pair.public);
                assert_eq!(read(&pair.private).unwrap().public, pair.public);
            }
        }
    }

    #[test]
    fn what_is_no_such_key_is_told_by_what_it_is() {
        let ours = generate(&SystemClock, "skep").unwrap();
        let cut: String = ours.private.expose().chars().take(200).collect();
        for (text, code) in [
            (made(&["-N", "opens it", "-t", "ed25519"]), "key_passphrase"),
            (made(&["-N", "", "-t", "rsa", "-b", "1024"]), "key_weak"),
            (made(&["-N", "", "-t", "ecdsa", "-m", "PEM"]), "key_form"),
            (Secret::new(ours.public.as_str()), "key_form"),
            (Secret::new("hunter2"), "key_form"),
            (Secret::new(cut), "key_damaged"),
        ] {
            let wrong = read(&text).unwrap_err();
            assert_eq!(wrong.code, code, "{wrong}");
        }
    }
}
