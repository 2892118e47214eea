//! What comes from outside, changed by chance, some ten thousand times for each target: nothing
//! panics, nothing hangs, and what is taken keeps its rules. Seeds lie in `tests/fixtures/corpus/`.
//!
//! To add a target: a folder of seeds, and a test that calls [`texts`]. What breaks one is a new seed.

use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use skep::{
    deploy::{
        archive::{ArchiveError, Limits, receive},
        log::clean,
    },
    domain::{
        delivery::Provider,
        domain_name::Hostname,
        git_url::GitUrl,
        name::{HostPort, ImageRef, RefName},
        push::Event,
    },
    git::deliveries,
};
use skep_tests::mutate::{Chance, mutated, rounds, seeds};

/// Calls `judge` with each seed, and with what chance makes of them; the seed number is told where
/// one fails.
fn texts(target: &str, usual: usize, mut judge: impl FnMut(&[u8])) {
    let seeds = seeds(target);
    for seed in &seeds {
        judge(seed);
    }
    let mut chance = Chance::new();
    for round in 0..rounds(usual) {
        let text = mutated(&mut chance, &seeds);
        let judged = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| judge(&text)));
        assert!(judged.is_ok(), "{target}, round {round}: {:?}", String::from_utf8_lossy(&text));
    }
}

/// The same for what must be UTF-8.
fn strings(target: &str, mut judge: impl FnMut(&str)) {
    texts(target, 20_000, |bytes| judge(&String::from_utf8_lossy(bytes)));
}

fn plain(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| !c.is_control() && !c.is_whitespace() && !"'\"`$;|&<>\\".contains(c))
}

#[test]
fn hosts() {
    strings("hosts", |text| {
        if let Ok(host) = Hostname::parse(text) {
            let again = host.to_string();
            assert!(again.len() <= 253 && again.contains('.') && !again.starts_with(['-', '.']));
            assert!(
                again.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b)),
                "{again}"
            );
            assert_eq!(Hostname::parse(&again).unwrap(), host);
        }
        if let Ok(host) = HostPort::parse(text) {
            assert!(plain(&host.to_string()), "{host}");
            assert_eq!(HostPort::parse(&host.to_string()).unwrap(), host);
        }
    });
}

#[test]
fn git_urls() {
    strings("git_urls", |text| {
        let Ok(url) = GitUrl::parse(text) else { return };
        let again = url.to_string();
        // git's short form of ssh is kept as it is: `git@host:path`.
        let known = ["https://", "http://", "ssh://"].iter().any(|scheme| again.starts_with(scheme));
        assert!(known || again.contains(':'), "{again}");
        assert!(!url.host().is_empty() && !url.host().starts_with('-') && plain(url.host()), "{again}");
        assert!(!again.chars().any(|c| c.is_control() || c.is_whitespace()), "{again}");
        assert_eq!(GitUrl::parse(&again).unwrap(), url);
    });
}

#[test]
fn refs() {
    strings("refs", |text| {
        let Ok(name) = RefName::parse(text) else { return };
        let kept = name.to_string();
        assert!(!kept.starts_with('-') && !kept.contains("..") && !kept.contains("@{") && kept.len() <= 255);
        assert!(!kept.chars().any(|c| c.is_control() || " ~^:?*[\\".contains(c)), "{kept:?}");
        assert_eq!(RefName::parse(&kept).unwrap(), name);
    });
}

#[test]
fn images() {
    strings("images", |text| {
        let Ok(image) = ImageRef::parse(text) else { return };
        let kept = image.to_string();
        assert!(plain(&kept) && !kept.starts_with('-'), "{kept:?}");
        assert_eq!(ImageRef::parse(&kept).unwrap(), image);
    });
}

#[test]
fn log_lines() {
    strings("log_lines", |text| {
        let shown = clean(text);
        assert!(shown.chars().all(|c| c == '\t' || !c.is_control()), "{shown:?}");
        assert!(shown.len() <= text.len() + 16);
        assert!(shown.len() > 16_000 || clean(&shown) == shown, "what may be shown stays as it is");
    });
}

#[test]
fn webhook_bodies() {
    let events = ["push", "Push Hook", "Tag Push Hook", "repo:push", "ping", "create", "delete", ""];
    let mut which = 0;
    texts("webhook_bodies", 10_000, |body| {
        which += 1;
        let mut headers = HeaderMap::new();
        let event = HeaderValue::from_static(events[which % events.len()]);
        for name in [
            "x-github-event",
            "x-gitlab-event",
            "x-gitea-event",
            "x-forgejo-event",
            "x-event-key",
            "x-skep-event",
        ] {
            headers.insert(name, event.clone());
        }
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        for provider in Provider::ALL {
            let Ok(found) = deliveries::parse(provider, &headers, body) else { continue };
            for event in found {
                if let Event::Push(push) = event {
                    let told = format!("{push:?}");
                    assert!(!told.contains('\u{0}'), "{told}");
                }
            }
        }
    });
}

#[test]
fn archives() {
    let limits = Limits { archive: 1 << 20, bytes: 4 << 20, file: 1 << 20, entries: 200 };
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("outside");
    std::fs::write(&outside, "untouched").unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    texts("archives", 1_500, |archive| {
        let (sender, incoming) = tokio::sync::mpsc::channel(2);
        sender.try_send(Ok(Bytes::copy_from_slice(archive))).unwrap();
        drop(sender);
        match receive(&data, "x", incoming, limits) {
            Ok(_) | Err(ArchiveError::Wrong(_)) => {}
            Err(ArchiveError::Io(error)) => panic!("{error}"),
        }
    });
    assert_eq!(std::fs::read_to_string(outside).unwrap(), "untouched");
    let beside: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(beside.len(), 2, "{beside:?}");
}
