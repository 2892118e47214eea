//! Whose a name is: wildcards (case 86), names below another team's domain (case 92), and what providers keep.

use skep::{
    control,
    dns::fake::Mood,
    domain::{
        certificate::{Challenge, State},
        domain_name::Hostname,
        secret::Secret,
        store::Login,
    },
};
use skep_tests::db_test;

use crate::stage::{Stage, add, prove, told};

db_test! {
    async fn case_086_a_wildcard_needs_a_dns_provider_and_a_proof(db: TestDb) {
        let stage = Stage::new(db).await;
        let wild = "*.shop.example.org";
        let refused = stage.add(wild).await.unwrap_err();
        assert_eq!(told(&refused), ("host".to_owned(), "dns_provider_missing".to_owned()));
        stage.provider().await;
        let refused = stage.add(wild).await.unwrap_err();
        assert_eq!(told(&refused), ("host".to_owned(), "ownership_unproven".to_owned()));
        prove(&stage, &stage.cx, "example.org").await;
        stage.add(wild).await.unwrap();
        stage.settle().await;
        let row = stage.certificate(wild).await;
        assert_eq!((row.state, row.reason), (State::Issued, None));
        let puts = stage.world.dns.puts();
        assert_eq!(puts.len(), 1);
        assert_eq!(puts[0].0, "_acme-challenge.shop.example.org");
        assert!(stage.world.dns.values(&puts[0].0).is_empty(), "it was taken away again");
        assert_eq!(stage.records().await, 0);
        // Neither the platform's own names nor those of a zone that no provider is for.
        let refused = stage.add("*.apps.example.org").await.unwrap_err();
        assert_eq!(told(&refused).1, "reserved");
        let refused = stage.add("*.example.net").await.unwrap_err();
        assert_eq!(told(&refused).1, "dns_provider_missing");
    }

    async fn no_certificate_is_ordered_for_what_a_wildcard_serves(db: TestDb) {
        let stage = Stage::new(db).await;
        stage.provider().await;
        prove(&stage, &stage.cx, "example.org").await;
        stage.add("*.shop.example.org").await.unwrap();
        stage.add("a.shop.example.org").await.unwrap();
        stage.clock.advance(chrono::Duration::minutes(2));
        stage.settle().await;
        stage.clock.advance(chrono::Duration::minutes(2));
        stage.settle().await;
        let (wild, below) = (stage.certificate("*.shop.example.org").await, stage.certificate("a.shop.example.org").await);
        assert_eq!((wild.state, below.state), (State::Issued, State::Covered), "{below:?}");
        assert_eq!((below.chain, below.not_after), (None, wild.not_after));
        let orders: Vec<String> = stage.issuer.orders().iter().map(ToString::to_string).collect();
        assert_eq!(orders, ["*.shop.example.org"]);
    }

    async fn case_092_a_name_below_another_teams_domain_needs_a_nearer_proof(db: TestDb) {
        let stage = Stage::new(db).await;
        prove(&stage, &stage.cx, "example.org").await;
        let (theirs, app) = stage.other().await;
        for host in ["a.example.org", "example.org", "x.a.example.org"] {
            let refused = add(&theirs, &app, host, Challenge::Http, false).await.unwrap_err();
            assert_eq!(told(&refused), ("conflict".to_owned(), "domain_taken".to_owned()), "{host}");
            assert!(refused.to_string().contains("skep domains verify"), "{refused}");
        }
        stage.add("b.example.org").await.unwrap();
        // A record of their own, and only once it is there.
        let claimed = control::verified_domains::claim(&theirs, Hostname::parse("a.example.org").unwrap()).await.unwrap();
        let early = control::verified_domains::verify(&theirs, claimed.id).await.unwrap_err();
        assert_eq!(told(&early), ("domain".to_owned(), "record_missing".to_owned()));
        stage.world.dns.add("_skep-challenge.a.example.org", "the token of another team");
        let other = control::verified_domains::verify(&theirs, claimed.id).await.unwrap_err();
        assert!(other.to_string().contains("other values only") || format!("{other:?}").contains("other values only"));
        stage.world.dns.add(&claimed.record(), &claimed.token);
        control::verified_domains::verify(&theirs, claimed.id).await.unwrap();
        add(&theirs, &app, "a.example.org", Challenge::Http, false).await.unwrap();
        add(&theirs, &app, "x.a.example.org", Challenge::Http, false).await.unwrap();
        let refused = add(&theirs, &app, "c.example.org", Challenge::Http, false).await.unwrap_err();
        assert_eq!(told(&refused).1, "domain_taken");
        // And what they proved is not ours any more.
        let refused = stage.add("y.a.example.org").await.unwrap_err();
        assert_eq!(told(&refused).1, "domain_taken");
    }

    async fn credentials_stay_unless_they_would_go_elsewhere(db: TestDb) {
        let stage = Stage::new(db).await;
        let made = stage.provider().await;
        let secret = |sealed: &[u8]| Login::read(&stage.parts.seal.open_text("dns provider", sealed).unwrap()).unwrap().secret;
        let zones = control::dns::Changed { zones: Some(vec!["example.com".to_owned()]), ..Default::default() };
        let changed = control::dns::change(&stage.cx, made.id, zones).await.unwrap();
        assert_eq!(changed.zones, [Hostname::parse("example.com").unwrap()]);
        assert_eq!(secret(&changed.sealed).expose(), "cf-token");
        let settings = || serde_json::from_str(r#"{"kind": "cloudflare", "address": "https://evil.example.net"}"#).unwrap();
        let elsewhere = control::dns::Changed { settings: Some(settings()), ..Default::default() };
        let refused = control::dns::change(&stage.cx, made.id, elsewhere).await.unwrap_err();
        assert_eq!(told(&refused).0, "login.secret");
        let anew = control::dns::Changed {
            settings: Some(settings()), login: Some((String::new(), Secret::new("other"))), ..Default::default()
        };
        let changed = control::dns::change(&stage.cx, made.id, anew).await.unwrap();
        assert_eq!(secret(&changed.sealed).expose(), "other");
    }

    async fn a_test_of_a_provider_leaves_nothing_behind_and_says_what_is_wrong(db: TestDb) {
        let stage = Stage::new(db).await;
        let made = stage.provider().await;
        stage.world.dns.be(Mood::Slow(2));
        control::dns::test(&stage.cx, made.id).await.unwrap().unwrap();
        assert_eq!(stage.world.dns.puts()[0].0, "_skep-test.example.org");
        for (mood, code) in [
            (Mood::Refusing, "dns_denied"), (Mood::Failing, "dns_unreachable"), (Mood::Elsewhere, "zone_missing"),
        ] {
            stage.world.dns.be(mood);
            let wrong = control::dns::test(&stage.cx, made.id).await.unwrap().unwrap_err();
            assert_eq!(wrong.code, code);
            assert!(wrong.message.contains("cloudflare") && !wrong.message.contains("cf-token"), "{wrong}");
        }
        assert!(stage.world.dns.values("_skep-test.example.org").is_empty());
    }
}
