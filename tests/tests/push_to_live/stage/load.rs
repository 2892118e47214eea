//! Somebody who asks for the page all the time.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use super::Stage;

impl Stage {
    /// Asks for the page without pause, until [`Load::finish`]; right is what says `text`.
    pub async fn load(&self, host: &str, text: &'static str) -> Load {
        let client = self.client(host).await;
        let load = Load { stop: Arc::default(), asked: Arc::default(), wrong: Arc::default() };
        let (stop, asked, wrong, host) =
            (load.stop.clone(), load.asked.clone(), load.wrong.clone(), host.to_owned());
        tokio::spawn(async move {
            while !stop.load(Ordering::SeqCst) {
                let answer = match client.get(format!("https://{host}/")).send().await {
                    Ok(answer) => answer.text().await.map_err(|e| e.to_string()),
                    Err(error) => Err(error.to_string()),
                };
                asked.fetch_add(1, Ordering::SeqCst);
                if !answer.as_ref().is_ok_and(|answer| answer.contains(text)) {
                    wrong.lock().expect("the list").push(format!("{answer:?}"));
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        load
    }
}

/// What asks all the time.
pub struct Load {
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
    wrong: Arc<Mutex<Vec<String>>>,
}

impl Load {
    /// Stops asking: how often was asked, and what was answered wrongly.
    pub async fn finish(self) -> (u64, Vec<String>) {
        self.stop.store(true, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(200)).await;
        (self.asked.load(Ordering::SeqCst), self.wrong.lock().expect("the list").clone())
    }
}
