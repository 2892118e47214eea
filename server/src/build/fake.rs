//! A builder that makes no images: slow, chatty, failing, and quick to stop.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::{BuildError, Builder, LogSink, Recipe};

/// How a build goes.
#[derive(Debug, Clone)]
pub enum Behaviour {
    /// It takes this long, and writes a line for each tenth of it.
    Takes(Duration),
    /// It writes this many lines as fast as it can.
    Chatty(usize),
    /// It fails with this code after some output.
    Fails(&'static str),
    /// It writes this, and fails in the same words.
    Says(String),
    /// It never ends by itself and writes nothing.
    Hangs,
    /// The engine does not build for this many attempts; then it does.
    Unavailable(u64),
}

/// A builder that makes no images. Ids depend on the recipe alone.
#[derive(Debug)]
pub struct FakeBuilder {
    behaviours: Mutex<Vec<(String, Behaviour)>>,
    builds: AtomicU64,
    stopped: AtomicU64,
    pruned: AtomicU64,
    recipes: Mutex<Vec<Recipe>>,
}

impl Default for FakeBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl FakeBuilder {
    /// One that takes 20 ms for each build.
    #[must_use]
    pub fn new() -> Self {
        Self {
            behaviours: Mutex::new(Vec::new()),
            builds: AtomicU64::new(0),
            stopped: AtomicU64::new(0),
            pruned: AtomicU64::new(0),
            recipes: Mutex::new(Vec::new()),
        }
    }

    /// Builds whose tag or Dockerfile contains `part` go like this.
    pub fn behaves(&self, part: &str, behaviour: Behaviour) {
        let mut behaviours = self.behaviours.lock().unwrap_or_else(PoisonError::into_inner);
        behaviours.insert(0, (part.to_owned(), behaviour));
    }

    /// Builds begun.
    #[must_use]
    pub fn builds(&self) -> u64 {
        self.builds.load(Ordering::SeqCst)
    }

    /// Builds that were cancelled or timed out.
    #[must_use]
    pub fn stopped(&self) -> u64 {
        self.stopped.load(Ordering::SeqCst)
    }

    /// How often its cache was bounded.
    #[must_use]
    pub fn pruned(&self) -> u64 {
        self.pruned.load(Ordering::SeqCst)
    }

    /// All recipes, in order.
    #[must_use]
    pub fn recipes(&self) -> Vec<Recipe> {
        self.recipes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn behaviour(&self, recipe: &Recipe) -> Behaviour {
        let mut behaviours = self.behaviours.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |part: &str| recipe.tag.contains(part) || recipe.dockerfile.contains(part);
        let found = behaviours.iter_mut().find(|(part, _)| fits(part));
        match found {
            Some((_, Behaviour::Unavailable(0))) | None => Behaviour::Takes(Duration::from_millis(20)),
            Some((_, Behaviour::Unavailable(left))) => {
                *left -= 1;
                Behaviour::Unavailable(*left)
            }
            Some((_, behaviour)) => behaviour.clone(),
        }
    }
}

async fn go(behaviour: Behaviour, recipe: &Recipe, log: &dyn LogSink) -> Result<String, BuildError> {
    log.line("#1 [internal] load build definition from Dockerfile");
    match behaviour {
        Behaviour::Takes(time) => {
            for part in 1..=10 {
                tokio::time::sleep(time / 10).await;
                log.line(&format!("#2 {part}/10"));
            }
        }
        Behaviour::Chatty(lines) => {
            for number in 0..lines {
                log.line(&format!("#2 line {number}"));
                tokio::task::yield_now().await;
            }
        }
        Behaviour::Fails(code) => {
            log.line("#2 ERROR: process \"/bin/sh -c make\" did not complete successfully: exit code: 2");
            return Err(BuildError::Failed { code, message: "exit code: 2".to_owned() });
        }
        Behaviour::Says(words) => {
            log.line(&words);
            return Err(BuildError::Failed { code: "build_failed", message: words });
        }
        Behaviour::Hangs => std::future::pending().await,
        Behaviour::Unavailable(_) => return Err(BuildError::Unavailable("connection refused".to_owned())),
    }
    log.line("#2 DONE");
    let hash = Sha256::digest(format!("{}\n{:?}", recipe.dockerfile, recipe.args));
    Ok(format!("sha256:{}", hex::encode(hash)))
}

#[async_trait]
impl Builder for FakeBuilder {
    async fn prune(&self, _: u64) -> Result<u64, BuildError> {
        self.pruned.fetch_add(1, Ordering::SeqCst);
        Ok(0)
    }

    async fn build(
        &self,
        recipe: &Recipe,
        log: &dyn LogSink,
        cancel: &CancellationToken,
    ) -> Result<String, BuildError> {
        let behaviour = self.behaviour(recipe);
        self.recipes.lock().unwrap_or_else(PoisonError::into_inner).push(recipe.clone());
        self.builds.fetch_add(1, Ordering::SeqCst);
        let error = tokio::select! {
            biased;
            () = cancel.cancelled() => BuildError::Cancelled,
            () = tokio::time::sleep(recipe.limits.time) => BuildError::Timeout(recipe.limits.time),
            result = go(behaviour, recipe, log) => return result,
        };
        self.stopped.fetch_add(1, Ordering::SeqCst);
        Err(error)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::build::Limits;

    struct Lines(Mutex<Vec<String>>);

    impl LogSink for Lines {
        fn line(&self, line: &str) {
            self.0.lock().unwrap().push(line.to_owned());
        }
    }

    fn recipe(tag: &str) -> Recipe {
        let order = crate::build::Order {
            folder: "/nonexistent".into(),
            tag: tag.to_owned(),
            own: String::new(),
            labels: BTreeMap::new(),
            secrets: BTreeMap::new(),
            variables: BTreeMap::new(),
            registries: Vec::new(),
            site: None,
            limits: Limits { time: Duration::from_millis(200), memory: None, nano_cpus: None, context: 0 },
        };
        Recipe { dockerfile: "FROM scratch".to_owned(), ..Recipe::of(order) }
    }

    #[tokio::test]
    async fn behaves_as_told() {
        let (fake, log, cancel) = (FakeBuilder::new(), Lines(Mutex::default()), CancellationToken::new());
        fake.behaves("bad", Behaviour::Fails("build_failed"));
        fake.behaves("hang", Behaviour::Hangs);
        fake.behaves("later", Behaviour::Unavailable(1));
        let good = fake.build(&recipe("good"), &log, &cancel).await.unwrap();
        assert_eq!(
            good,
            fake.build(&recipe("good"), &log, &cancel).await.unwrap(),
            "same recipe, same image"
        );
        assert!(matches!(fake.build(&recipe("bad"), &log, &cancel).await, Err(BuildError::Failed { .. })));
        assert!(matches!(fake.build(&recipe("hang"), &log, &cancel).await, Err(BuildError::Timeout(_))));
        assert!(matches!(fake.build(&recipe("later"), &log, &cancel).await, Err(BuildError::Unavailable(_))));
        assert!(fake.build(&recipe("later"), &log, &cancel).await.is_ok());
        cancel.cancel();
        assert!(matches!(fake.build(&recipe("good"), &log, &cancel).await, Err(BuildError::Cancelled)));
        assert_eq!((fake.builds(), fake.stopped()), (7, 2));
        assert!(!log.0.lock().unwrap().is_empty());
    }
}
