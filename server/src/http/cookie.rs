//! The cookies: the session, the sign of a browser that signed in before, and what a browser shows
//! between the two steps of signing in, or back from an identity provider: `Lax`, as it comes from there.
//!
//! Over HTTPS their names begin with `__Host-`, so that no other host and no plain http can set
//! them (draft-ietf-httpbis-rfc6265bis, 4.1.3.2); and then no other name is read.

use axum::http::{HeaderMap, header};

use crate::domain::secret::Secret;

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// The session.
    Session,
    /// The sign of a known browser, for a year.
    Known,
    /// The password was shown, and a code is waited for; for five minutes.
    Pending,
    /// Sent to an identity provider; for ten minutes.
    SignOn,
    /// A passkey was asked for, and its answer is waited for; for five minutes.
    Passkey,
    /// On an app's host: its visitor signed in with Skep; for twelve hours.
    Gate,
    /// On an app's host: its visitor was sent to sign in; for ten minutes.
    GateState,
}

impl Cookie {
    const fn name(self, https: bool) -> &'static str {
        match (self, https) {
            (Self::Session, true) => "__Host-skep",
            (Self::Session, false) => "skep",
            (Self::Known, true) => "__Host-skep-known",
            (Self::Known, false) => "skep-known",
            (Self::Pending, true) => "__Host-skep-pending",
            (Self::Pending, false) => "skep-pending",
            (Self::SignOn, true) => "__Host-skep-sign-on",
            (Self::SignOn, false) => "skep-sign-on",
            (Self::Passkey, true) => "__Host-skep-passkey",
            (Self::Passkey, false) => "skep-passkey",
            (Self::Gate, true) => "__Host-skep-gate",
            (Self::Gate, false) => "skep-gate",
            (Self::GateState, true) => "__Host-skep-gate-state",
            (Self::GateState, false) => "skep-gate-state",
        }
    }

    const fn seconds(self) -> i64 {
        match self {
            Self::Session => 14 * 86_400,
            Self::Known => 365 * 86_400,
            Self::Pending | Self::Passkey => 300,
            Self::SignOn | Self::GateState => 600,
            Self::Gate => 12 * 3_600,
        }
    }

    /// The value that the browser shows; none if it shows two different ones.
    #[must_use]
    pub fn read(self, headers: &HeaderMap, https: bool) -> Option<&str> {
        let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut found = pairs
            .flat_map(|pairs| pairs.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == self.name(https))
            .map(|(_, value)| value);
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }

    /// A whole `Set-Cookie` value that gives it to the browser.
    #[must_use]
    pub fn set(self, value: &Secret, https: bool) -> String {
        self.line(value.expose(), self.seconds(), https)
    }

    /// A whole `Set-Cookie` value that takes it away.
    #[must_use]
    pub fn clear(self, https: bool) -> String {
        self.line("", 0, https)
    }

    fn line(self, value: &str, seconds: i64, https: bool) -> String {
        let secure = if https { "; Secure" } else { "" };
        format!("{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", self.name(https))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_https_no_weaker_name_is_read() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "skep=planted; __Host-skep=real; x=1".parse().expect("header"));
        assert_eq!(Cookie::Session.read(&headers, true), Some("real"));
        assert_eq!(Cookie::Session.read(&headers, false), Some("planted"));
        headers.insert(header::COOKIE, "skep=one; skep=two".parse().expect("header"));
        assert_eq!(Cookie::Session.read(&headers, false), None);
    }

    #[test]
    fn says_all_that_a_host_cookie_needs() {
        let line = Cookie::Session.set(&Secret::new("v"), true);
        assert_eq!(line, "__Host-skep=v; Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax; Secure");
    }
}
