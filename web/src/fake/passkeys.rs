//! Passkeys: two, one of which was never used.

use super::{Fake, Mood};
use crate::api::{Error, PasskeyView, Passkeys, Result, Time};

const DAY: i64 = 86_400_000;

#[async_trait::async_trait]
impl Passkeys for Fake {
    async fn passkeys(&self) -> Result<Vec<PasskeyView>> {
        self.up()?;
        if self.mood == Mood::Empty {
            return Ok(Vec::new());
        }
        let passkey = |id: &str, name: &str, used: Option<i64>| PasskeyView {
            id: id.into(),
            name: name.into(),
            created_at: Time(self.now.0 - 30 * DAY),
            used_at: used.map(|days| Time(self.now.0 - days * DAY)),
        };
        Ok(vec![passkey("k1", "Laptop", Some(1)), passkey("k2", "Key in the drawer", None)])
    }

    async fn rename_passkey(&self, _id: &str, name: &str) -> Result<()> {
        self.up()?;
        if name.is_empty() { Err(Error::invalid("name", "must not be empty")) } else { Ok(()) }
    }

    async fn remove_passkey(&self, _id: &str) -> Result<()> {
        self.up()
    }
}
