//! Certificates that a team brings along (case 97), private names, and providers that fail (F24).

use rcgen::{CertificateParams, KeyPair};
use skep::{
    control,
    dns::fake::Mood,
    domain::{
        certificate::{Challenge, State},
        host_pattern::HostPattern,
        secret::Secret,
    },
    reconcile,
};
use skep_tests::{db_test, parts::pebble::authority};

use crate::stage::{Stage, add, prove, told};

/// A certificate for these, valid so many days from and until now, and its key.
fn signed(names: &[&str], from: u64, until: u64) -> (String, String) {
    let (root, key) = (authority(), KeyPair::generate().unwrap());
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    let day = |days: u64| std::time::Duration::from_secs(days * 86_400);
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    (params.not_before, params.not_after) = (epoch + day(from), epoch + day(until));
    let leaf = params.signed_by(&key, &root).unwrap().pem();
    (format!("{leaf}{}", root.pem()), key.serialize_pem())
}

fn today(stage: &Stage) -> u64 {
    stage.cx.now().timestamp().unsigned_abs() / 86_400
}

db_test! {
    async fn case_097_what_is_brought_along_is_checked_whole(db: TestDb) {
        let stage = Stage::new(db).await;
        stage.add("shop.example.org").await.unwrap();
        let today = today(&stage);
        let (chain, key) = signed(&["shop.example.org"], today - 1, today + 30);
        let (_, other) = signed(&["shop.example.org"], today - 1, today + 30);
        let (foreign, foreign_key) = signed(&["shop.example.org", "other.example.org"], today - 1, today + 30);
        let (old, old_key) = signed(&["shop.example.org"], today - 9, today - 1);
        let (early, early_key) = signed(&["shop.example.org"], today + 2, today + 30);
        let huge = format!("{chain}{}", chain.repeat(200));
        let two = format!("{key}{other}");
        for (chain, key, field, code) in [
            (&chain, &other, "key", "wrong_key"),
            (&chain, &two, "key", "invalid_key"),
            (&chain, &"x".repeat(10 << 20), "key", "invalid_key"),
            (&chain, &chain, "key", "invalid_key"),
            (&foreign, &foreign_key, "chain", "wrong_host"),
            (&old, &old_key, "chain", "expired"),
            (&early, &early_key, "chain", "not_yet_valid"),
            (&huge, &key, "chain", "invalid_certificate"),
            (&key, &key, "chain", "invalid_certificate"),
            (&String::new(), &key, "chain", "invalid_certificate"),
        ] {
            let refused = control::own_certificates::upload(&stage.cx, chain, &Secret::new(key)).await.unwrap_err();
            assert_eq!(told(&refused), (field.to_owned(), code.to_owned()));
            let body: String = key.lines().filter(|line| !line.starts_with('-')).take(1).collect();
            assert!(body.len() > 200 || !format!("{refused:?}").contains(&body), "the key is told");
        }
        assert!(control::own_certificates::list(&stage.cx).await.unwrap().is_empty());
    }

    async fn case_097_a_weak_key_and_a_chain_that_is_incomplete(db: TestDb) {
        let stage = Stage::new(db).await;
        stage.add("shop.example.org").await.unwrap();
        let weak = include_str!("weak.pem");
        let (chain, key) = weak.split_once("-----BEGIN PRIVATE KEY-----").unwrap();
        let key = Secret::new(format!("-----BEGIN PRIVATE KEY-----{key}"));
        let refused = control::own_certificates::upload(&stage.cx, chain, &key).await.unwrap_err();
        let skep::control::Error::Invalid(faults) = refused else { panic!() };
        assert!(faults.iter().any(|fault| fault.field == "chain" && fault.code == "weak_key"), "{faults:?}");
        let today = today(&stage);
        let (chain, key) = signed(&["shop.example.org"], today - 1, today + 30);
        let leaf = &chain[..chain.find("-----END CERTIFICATE-----").unwrap() + 26];
        let taken = control::own_certificates::upload(&stage.cx, leaf, &Secret::new(&key)).await.unwrap();
        assert!(taken.warnings[0].contains("incomplete"), "{:?}", taken.warnings);
        let taken = control::own_certificates::upload(&stage.cx, &chain, &Secret::new(&key)).await.unwrap();
        assert!(taken.warnings.is_empty(), "{:?}", taken.warnings);
        assert_eq!(control::own_certificates::list(&stage.cx).await.unwrap().len(), 1, "the same names: replaced");
    }

    async fn one_that_is_brought_along_serves_and_gives_the_hosts_back(db: TestDb) {
        let stage = Stage::new(db).await;
        prove(&stage, &stage.cx, "example.org").await;
        stage.add("shop.example.org").await.unwrap();
        stage.add("a.example.org").await.unwrap();
        let today = today(&stage);
        let (chain, key) = signed(&["*.example.org", "example.org"], today - 1, today + 30);
        let taken = control::own_certificates::upload(&stage.cx, &chain, &Secret::new(&key)).await.unwrap();
        stage.settle().await;
        for host in ["shop.example.org", "a.example.org"] {
            let row = stage.certificate(host).await;
            assert_eq!((row.state, row.not_after), (State::Covered, Some(taken.certificate.not_after)), "{row:?}");
        }
        assert!(stage.issuer.orders().is_empty());
        reconcile::edge_round(&stage.parts).await.unwrap();
        let json = stage.parts.edge.current().unwrap().json.clone();
        assert!(String::from_utf8_lossy(&json).contains("PRIVATE KEY"), "it is served");
        control::own_certificates::remove(&stage.cx, taken.certificate.id).await.unwrap();
        let row = stage.certificate("shop.example.org").await;
        assert_eq!((row.state, row.next_try_at), (State::Pending, stage.cx.now()));
        // Another team's host in it: nobody speaks for what is not theirs any more.
        control::own_certificates::upload(&stage.cx, &chain, &Secret::new(&key)).await.unwrap();
        let proofs = control::verified_domains::list(&stage.cx).await.unwrap();
        control::verified_domains::release(&stage.cx, proofs[0].id).await.unwrap();
        let (theirs, app) = stage.other().await;
        add(&theirs, &app, "example.org", Challenge::Http, false).await.unwrap();
        reconcile::edge_round(&stage.parts).await.unwrap();
        let json = stage.parts.edge.current().unwrap().json.clone();
        assert!(!String::from_utf8_lossy(&json).contains("PRIVATE KEY"), "it is left out");
    }

    async fn a_private_name_is_signed_by_the_instances_own_authority(db: TestDb) {
        let stage = Stage::new(db).await;
        let refused = stage.add("db.shop.internal").await.unwrap_err();
        assert_eq!(told(&refused), ("host".to_owned(), "invalid_host".to_owned()));
        let refused = add(&stage.cx, &stage.app, "shop.example.org", Challenge::Http, true).await.unwrap_err();
        assert_eq!(told(&refused).0, "private");
        assert_eq!(control::certificates::authority(&stage.cx).await.unwrap(), None);
        for host in ["db.shop.internal", "*.printers.local"] {
            add(&stage.cx, &stage.app, host, Challenge::Http, true).await.unwrap();
        }
        stage.settle().await;
        let root = control::certificates::authority(&stage.cx).await.unwrap().unwrap();
        assert!(root.contains("BEGIN CERTIFICATE") && !root.contains("PRIVATE"));
        let row = stage.certificate("db.shop.internal").await;
        assert_eq!((row.state, row.reason.as_deref()), (State::Issued, None));
        assert_eq!(stage.certificate("*.printers.local").await.state, State::Issued);
        assert!(stage.issuer.orders().is_empty(), "no public authority is asked");
        // Renewed by the same schedule, with the same root.
        let due = row.next_try_at;
        assert!(due > stage.cx.now() + chrono::Duration::days(15) && due < row.not_after.unwrap());
        stage.clock.advance(due - stage.cx.now());
        stage.settle().await;
        assert!(stage.certificate("db.shop.internal").await.not_after > row.not_after);
        assert_eq!(control::certificates::authority(&stage.cx).await.unwrap().unwrap(), root);
    }

    async fn fault_24_a_provider_that_fails_is_quoted_and_nothing_stays(db: TestDb) {
        let stage = Stage::new(db).await;
        stage.provider().await;
        let host = "shop.example.org";
        stage.world.dns.be(Mood::Failing);
        add(&stage.cx, &stage.app, host, Challenge::Dns, false).await.unwrap();
        stage.settle().await;
        let row = stage.certificate(host).await;
        let reason = row.reason.unwrap();
        assert_eq!(row.state, State::Failed);
        assert!(reason.contains("cloudflare") && reason.contains("500"), "{reason}");
        assert!(row.next_try_at > stage.cx.now());
        // It did what it was asked, and said that it failed; then it cannot take it away.
        stage.world.dns.be(Mood::Late);
        stage.clock.advance(row.next_try_at - stage.cx.now());
        stage.settle().await;
        assert_eq!(stage.certificate(host).await.state, State::Failed);
        stage.world.dns.be(Mood::Calm);
        stage.clock.advance(chrono::Duration::minutes(1));
        reconcile::dns_records_round(stage.parts.clone()).await.unwrap();
        assert!(stage.world.dns.values("_acme-challenge.shop.example.org").is_empty());
        assert_eq!(stage.records().await, 0);
        let due = stage.certificate(host).await.next_try_at;
        stage.clock.advance(due - stage.cx.now());
        stage.settle().await;
        assert_eq!(stage.certificate(host).await.state, State::Issued);
        assert_eq!(stage.records().await, 0);
    }

    async fn fault_25_who_is_killed_between_put_and_remove_is_swept_after(db: TestDb) {
        let stage = Stage::new(db).await;
        stage.provider().await;
        let name = "_acme-challenge.shop.example.org";
        stage.world.dns.add(name, "somebody else's");
        stage.world.dns.be(Mood::Deaf);
        add(&stage.cx, &stage.app, "shop.example.org", Challenge::Dns, false).await.unwrap();
        reconcile::certificates_round(stage.parts.clone()).await.unwrap();
        let parts = stage.parts.clone();
        let dying = tokio::spawn(async move {
            skep::jobs::Worker::new(parts, tokio_util::sync::CancellationToken::new()).drain().await
        });
        skep_tests::parts::until("the record is there", async || {
            (stage.world.dns.values(name).len() == 2).then_some(())
        })
        .await;
        dying.abort();
        drop(dying.await);
        assert_eq!(stage.records().await, 1, "it was written down before it was put");
        reconcile::dns_records_round(stage.parts.clone()).await.unwrap();
        assert_eq!(stage.world.dns.values(name).len(), 2, "the order may still live");
        stage.clock.advance(chrono::Duration::hours(1));
        reconcile::dns_records_round(stage.parts.clone()).await.unwrap();
        assert_eq!(stage.world.dns.values(name), ["somebody else's"]);
        assert_eq!(stage.records().await, 0);
    }

    async fn an_alias_leads_to_the_zone_that_is_written(db: TestDb) {
        let stage = Stage::new(db).await;
        stage.provider().await;
        stage.world.dns.alias("_acme-challenge.shop.example.net", "proofs.example.org");
        stage.world.dns.be(Mood::Slow(1));
        add(&stage.cx, &stage.app, "shop.example.net", Challenge::Dns, false).await.unwrap();
        stage.settle().await;
        assert_eq!(stage.certificate("shop.example.net").await.state, State::Issued);
        assert_eq!(stage.world.dns.puts()[0].0, "proofs.example.org");
        let none = HostPattern::parse("other.example.net").unwrap();
        let refused = add(&stage.cx, &stage.app, none.as_str(), Challenge::Dns, false).await.unwrap_err();
        assert_eq!(told(&refused), ("challenge".to_owned(), "dns_provider_missing".to_owned()));
    }
}
