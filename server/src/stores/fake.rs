//! Stores in memory that misbehave as real ones do.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;

use super::{Store, StoreError, Stores};
use crate::domain::{
    secret::Secret,
    store::{Login, Settings, StoreAddress},
};

/// How the stores are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mood {
    /// They answer.
    #[default]
    Calm,
    /// They answer after this time.
    Slow(Duration),
    /// They take no credentials.
    Refusing,
    /// They have a fault of their own.
    Failing,
    /// They answer more than anybody reads.
    TooLarge,
    /// They answer what is no JSON.
    NotJson,
    /// They answer a page for people.
    Html,
}

impl Mood {
    /// What the real adapter makes of it.
    async fn answer(self) -> Result<(), StoreError> {
        match self {
            Self::Calm => Ok(()),
            Self::Slow(time) => {
                tokio::time::sleep(time).await;
                Ok(())
            }
            Self::Refusing => Err(StoreError::Denied("403 Forbidden: permission denied".to_owned())),
            Self::Failing => {
                Err(StoreError::Unreachable("503 Service Unavailable: Vault is sealed".to_owned()))
            }
            Self::TooLarge => Err(StoreError::Unusable("it is larger than 1 MiB".to_owned())),
            Self::NotJson => {
                Err(StoreError::Unusable("it is no JSON (its type is `application/json`)".to_owned()))
            }
            Self::Html => Err(StoreError::Unusable("it is no JSON (its type is `text/html`)".to_owned())),
        }
    }
}

#[derive(Default)]
struct State {
    mood: Mood,
    values: BTreeMap<(String, Option<String>), String>,
    reads: Vec<String>,
    now: usize,
    most: usize,
}

/// All stores, in memory: they hold the same.
#[derive(Clone, Default)]
pub struct FakeStores(Arc<Mutex<State>>);

impl FakeStores {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How they are from now on.
    pub fn be(&self, mood: Mood) {
        self.state().mood = mood;
    }

    /// Puts a value at a path, under a key.
    pub fn put(&self, path: &str, key: &str, value: &str) {
        self.state().values.insert((path.to_owned(), Some(key.to_owned())), value.to_owned());
    }

    /// The paths and keys that were read so far: `path#key`.
    #[must_use]
    pub fn reads(&self) -> Vec<String> {
        self.state().reads.clone()
    }

    /// How many were read at the same time at most.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.state().most
    }
}

impl Stores for FakeStores {
    fn open(&self, _: &StoreAddress, _: &Settings, _: Login) -> Box<dyn Store> {
        Box::new(self.clone())
    }
}

#[async_trait]
impl Store for FakeStores {
    async fn read(&self, path: &str, key: Option<&str>) -> Result<Secret, StoreError> {
        let mood = {
            let mut state = self.state();
            state.reads.push(format!("{path}#{}", key.unwrap_or_default()));
            state.now += 1;
            state.most = state.most.max(state.now);
            state.mood
        };
        let answer = mood.answer().await;
        let mut state = self.state();
        state.now -= 1;
        answer?;
        let found = state.values.get(&(path.to_owned(), key.map(str::to_owned)));
        let missing = || StoreError::Missing("nothing is at this path".to_owned());
        found.map(Secret::new).ok_or_else(missing)
    }

    async fn check(&self) -> Result<(), StoreError> {
        let mood = self.state().mood;
        mood.answer().await
    }
}
