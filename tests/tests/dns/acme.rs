//! A real authority, Pebble, that asks a real name server, Knot, for what a real dynamic update put there.

use std::sync::Arc;

use skep::{
    acme::AcmeIssuer,
    control::{self, Ctx},
    db,
    deploy::parts::Parts,
    dns::{Look as _, Outside, SystemLook},
    domain::{
        certificate::{Challenge, State},
        clock::SystemClock,
        domain_name::Hostname,
        host_pattern::HostPattern,
        instance::Instance,
        name::Slug,
        outbound::Outbound,
        right::Place,
        secret::Secret,
        store::Login,
    },
    jobs::Worker,
    reconcile,
};
use skep_tests::{
    db_test,
    parts::{
        knot::{KEY, Knot},
        pebble::Pebble,
        until,
    },
    world::World,
};
use tokio_util::sync::CancellationToken;

use crate::stage::add;

db_test! {
    async fn a_name_and_all_names_below_it_are_proved_by_records_of_one_name(db: TestDb) {
        let (knot, world) = (Knot::start().await, World::new(db).await);
        let pebble = Pebble::asking(knot.address).await;
        let outbound = Outbound::parse("127.0.0.0/8").unwrap();
        let look = SystemLook {
            server: Some(knot.address), port: knot.address.port(), ..SystemLook::new(outbound.clone())
        };
        let instance = Instance {
            acme_directory: pebble.directory(),
            acme_ca: Some(pebble.ca_file()),
            allow_addresses: vec!["127.0.0.0/8".to_owned()],
            ..(*world.parts.instance).clone()
        };
        let parts = Parts {
            issuer: Arc::new(AcmeIssuer::new(Arc::new(SystemClock), Some(&pebble.ca_file())).unwrap()),
            dns: Arc::new(Outside::new(outbound, Arc::new(SystemClock))),
            look: Arc::new(look.clone()),
            instance: Arc::new(instance),
            ..world.parts.clone()
        };
        let cx = Ctx { parts: parts.clone(), ..world.cx.clone() };
        let app = world.image_app("shop", "registry.example.org/shop:1").await;
        let server = serde_json::json!({"kind": "rfc2136", "server": knot.address.to_string()});
        let new = control::dns::NewProvider {
            name: Slug::parse("ns").unwrap(),
            place: Place::Environment(app.environment),
            zones: vec!["example.org".to_owned()],
            settings: serde_json::from_value(server).unwrap(),
            login_id: KEY.0.to_owned(),
            login_secret: Secret::new(KEY.1),
        };
        let provider = control::dns::create(&cx, new).await.unwrap();
        control::dns::test(&cx, provider.id).await.unwrap().unwrap();

        // The domain is proved as its owner would, by a record of the same server.
        let claimed = control::verified_domains::claim(&cx, Hostname::parse("example.org").unwrap()).await.unwrap();
        assert!(control::verified_domains::verify(&cx, claimed.id).await.is_err(), "before the record is there");
        let login = Login::new(KEY.0, KEY.1).unwrap();
        let zone = parts.dns.open(&provider.settings, &provider.zones[0], login).unwrap();
        zone.put(&claimed.record(), &claimed.token).await.unwrap();
        control::verified_domains::verify(&cx, claimed.id).await.unwrap();

        add(&cx, &app, "shop.example.org", Challenge::Dns, false).await.unwrap();
        add(&cx, &app, "*.shop.example.org", Challenge::Http, false).await.unwrap();
        // Its challenge is an alias of another name of the zone.
        add(&cx, &app, "alias.example.org", Challenge::Dns, false).await.unwrap();
        for host in ["shop.example.org", "*.shop.example.org", "alias.example.org"] {
            let host = HostPattern::parse(host).unwrap();
            until("the certificate", async || {
                reconcile::certificates_round(parts.clone()).await.unwrap();
                Worker::new(parts.clone(), CancellationToken::new()).drain().await.unwrap();
                let mut tx = parts.db.read().await.unwrap();
                let row = db::acme::by_host(&mut tx, &host).await.unwrap().unwrap();
                assert_ne!(row.state, State::Failed, "{:?}\n{}", row.reason, pebble.output());
                (row.state == State::Issued).then_some(())
            })
            .await;
        }
        for name in ["_acme-challenge.shop.example.org", "_acme-challenge.target.example.org", "_skep-test.example.org"] {
            assert!(look.txt(knot.address, name).await.unwrap().is_empty(), "{name} stays");
        }
    }
}
