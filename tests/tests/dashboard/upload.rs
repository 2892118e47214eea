//! An uploaded archive becomes an app; what is wrong is refused at once, and nothing stays.

use bytes::Bytes;
use skep_tests::{db_test, world::World};
use skep_web::api::{AppId, Archive, Build, Configuration, Error, Source};

use crate::own;

fn tar(files: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, text) in files {
        let mut block = [0_u8; 512];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[100..107].copy_from_slice(b"0000644");
        block[124..135].copy_from_slice(format!("{:011o}", text.len()).as_bytes());
        block[156] = b'0';
        block[257..265].copy_from_slice(b"ustar\x0000");
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        bytes.extend(block);
        bytes.extend(text.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

fn pieces(archive: &[u8]) -> Archive<'static> {
    let pieces: Vec<_> = archive.chunks(300).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    Box::pin(futures::stream::iter(pieces))
}

async fn upload_app(world: &World) -> AppId {
    let app = world.git_app("shop").await;
    let id = AppId(app.id.to_string());
    let before = own(world).configuration(&id).await.unwrap();
    let source = Source::Upload { digest: None };
    own(world).configure(&id, Configuration { source, ..before }).await.unwrap();
    id
}

db_test! {
    async fn an_uploaded_folder_is_built_and_deployed(db: TestDb) {
        let world = World::new(db).await;
        let id = upload_app(&world).await;
        let api = own(&world);
        let app = skep::control::apps::get(&world.cx, id.0.parse().unwrap()).await.unwrap();
        let failed = world.deploy(&app).await;
        assert_eq!(failed.failure.unwrap().code, "upload_missing");
        let archive = tar(&[("Dockerfile", "FROM scratch"), ("src/main", "x")]);
        let digest = api.upload(&id, pieces(&archive)).await.unwrap();
        assert_eq!(digest.len(), 64);
        assert_eq!(api.upload(&id, pieces(&archive)).await.unwrap(), digest, "the same again");
        world.deploy_live(&app).await;
        let Source::Upload { digest: kept } = api.configuration(&id).await.unwrap().source else { panic!() };
        assert_eq!(kept.as_deref(), Some(digest.as_str()));
    }

    async fn case_137_a_bad_archive_changes_nothing(db: TestDb) {
        let world = World::new(db).await;
        let id = upload_app(&world).await;
        let api = own(&world);
        let good = api.upload(&id, pieces(&tar(&[("Dockerfile", "FROM scratch")]))).await.unwrap();
        for archive in [tar(&[("Dockerfile", "x"), ("../out", "x")]), b"nonsense".to_vec(), Vec::new()] {
            match api.upload(&id, pieces(&archive)).await {
                Err(Error::Invalid(faults)) => assert_eq!(faults[0].field, "archive"),
                other => panic!("{other:?}"),
            }
        }
        let Source::Upload { digest } = api.configuration(&id).await.unwrap().source else { panic!() };
        assert_eq!(digest, Some(good));
        let folder = skep::deploy::archive::folder(&world.parts.instance.data);
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1, "only the good one is kept");
    }

    async fn a_digest_comes_from_an_upload_alone(db: TestDb) {
        let world = World::new(db).await;
        let id = upload_app(&world).await;
        let api = own(&world);
        let before = api.configuration(&id).await.unwrap();
        let source = Source::Upload { digest: Some("a".repeat(64)) };
        match api.configure(&id, Configuration { source, ..before.clone() }).await {
            Err(Error::Invalid(faults)) => assert_eq!(faults[0].field, "source.digest"),
            other => panic!("{other:?}"),
        }
        let digest = api.upload(&id, pieces(&tar(&[("Dockerfile", "FROM scratch")]))).await.unwrap();
        api.configure(&id, before).await.unwrap();
        let after = api.configuration(&id).await.unwrap();
        assert_eq!(after.source, Source::Upload { digest: Some(digest) }, "a form that leaves it out keeps it");
        let unbuilt = api.configure(&id, Configuration { build: Build::None, ..after }).await;
        assert!(matches!(unbuilt, Err(Error::Invalid(_))));
    }

    async fn an_app_of_another_source_takes_no_archive(db: TestDb) {
        let world = World::new(db).await;
        let app = world.git_app("shop").await;
        let refused = own(&world).upload(&AppId(app.id.to_string()), pieces(&tar(&[("a", "b")]))).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }
}
