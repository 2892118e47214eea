//! Builds by the engine's BuildKit.

use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use skep::{
    build::{Asked, BuildError, Builder, DockerBuilder, Limits},
    domain::{clock::SystemClock, secret::Secret},
    swarm::Engine,
};
use tokio_util::sync::CancellationToken;

use crate::lab::{self, Lab, Lines, bounds, build, build_within, folder, recipe, run, until};

const MINUTE: Duration = Duration::from_secs(60);

fn tag(lab: &Lab) -> String {
    format!("skep.invalid/{}:1", lab.stack)
}

#[tokio::test]
async fn an_empty_image_with_a_program_is_built_once_and_then_taken_from_the_cache() {
    run(async |lab| {
        let dir = folder(
            "FROM scratch\nCOPY index.html /index.html\nCOPY --chmod=755 busybox /bin/busybox\nUSER 1000\n",
        );
        fs::write(dir.path().join(".dockerignore"), "*.log\n").unwrap();
        fs::write(dir.path().join("index.html"), &lab.stack).unwrap();
        let settings = json!({"kind": "dockerfile"});
        let (first, lines) =
            build(&lab.engine, dir.path(), settings.clone(), &tag(&lab), MINUTE, &CancellationToken::new())
                .await;
        let first = first.unwrap_or_else(|error| panic!("{error}\n{}", lines.text()));
        assert!(lines.text().contains("COPY index.html"), "{}", lines.text());
        let facts = lab.engine.image(&tag(&lab)).await.unwrap().unwrap();
        assert_eq!((facts.id.as_str(), facts.user.as_deref()), (first.as_str(), Some("1000")));
        let labelled = lab.engine.images_labelled("dev.skep.test").await.unwrap();
        assert!(labelled.contains(&(tag(&lab), tag(&lab))));
        // What is ignored does not count.
        fs::write(dir.path().join("x.log"), "new").unwrap();
        let (second, lines) =
            build(&lab.engine, dir.path(), settings, &tag(&lab), MINUTE, &CancellationToken::new()).await;
        assert!(lines.text().contains("CACHED"), "{}", lines.text());
        assert_eq!(second.unwrap(), first);
        lab.engine.remove_image(&tag(&lab)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn secrets_are_there_in_their_step_only_and_caches_stay() {
    run(async |lab| {
        let step = |words: &str| format!("[\"/bin/busybox\", \"sh\", \"-c\", \"{words}\"]");
        let dir = folder(&format!(
            "FROM {}\nARG ROUND\nRUN --mount=type=secret,id=TOKEN,required {}\nRUN --mount=type=cache,id={},target=/cache {}\nRUN {}\n",
            lab.image,
            step("/bin/busybox sha256sum /run/secrets/TOKEN; echo round $ROUND"),
            lab.stack,
            step("/bin/busybox ls /cache; echo x >/cache/round-$ROUND"),
            step("/bin/busybox test ! -s /run/secrets/TOKEN"),
        ));
        let mut texts = Vec::new();
        for round in ["1", "2"] {
            let settings = json!({"kind": "dockerfile", "secrets": ["TOKEN"], "args": {"ROUND": format!("{}-{round}", lab.stack)}});
            let (result, lines) = build(&lab.engine, dir.path(), settings, &tag(&lab), MINUTE, &CancellationToken::new()).await;
            result.unwrap_or_else(|error| panic!("{error}\n{}", lines.text()));
            texts.push(lines.text());
        }
        let hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest("a build secret"));
        assert!(texts[0].contains(&hash), "{}", texts[0]);
        assert!(texts[1].contains(&format!(" round-{}-1", lab.stack)), "the cache of the first round is there: {}", texts[1]);
        lab.engine.remove_image(&tag(&lab)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_a_compose_file_asks_of_a_build_is_there_in_its_steps() {
    run(async |lab| {
        let builder = DockerBuilder::new(lab.engine.clone(), Arc::new(SystemClock), 2);
        let (lines, cancel) = (Lines::default(), CancellationToken::new());
        let build = async |folder: &std::path::Path, asked: &Asked, tag: &str| {
            let recipe = lab::asked(folder, json!({"kind": "dockerfile"}), asked, tag, bounds(MINUTE)).await;
            let made = builder.build(&recipe, &lines, &cancel).await;
            made.unwrap_or_else(|error| panic!("{error}\n{}", lines.text()))
        };
        let shared = tempfile::tempdir().unwrap();
        fs::create_dir(shared.path().join("deep")).unwrap();
        fs::write(shared.path().join("deep/one"), &lab.stack).unwrap();
        let copied = Asked {
            inline: Some("FROM scratch\nCOPY files/ /\n".to_owned()),
            below: "files",
            ..Asked::default()
        };
        let shared_tag = format!("skep.invalid/{}:shared", lab.stack);
        build(shared.path(), &copied, &shared_tag).await;
        let step = "/bin/busybox find /got /own -type f; /bin/busybox cat /etc/hosts; /bin/busybox ls /sys/class/net; \
                    /bin/busybox sha256sum /run/secrets/key";
        let dir = folder(&format!(
            "ARG UNUSED\nFROM base\nCOPY --from=shared / /got\nCOPY . /own\n\
             RUN --mount=type=secret,id=key [\"/bin/busybox\", \"sh\", \"-c\", \"{step}\"]\n"
        ));
        let asked = Asked {
            contexts: [("base".to_owned(), lab.image.clone()), ("shared".to_owned(), shared_tag.clone())].into(),
            labels: [("dev.skep.own".to_owned(), lab.stack.clone())].into(),
            secrets: [("key".to_owned(), Secret::new(&lab.stack))].into(),
            hosts: vec!["git.test:10.9.8.7".to_owned()],
            offline: true,
            ..Asked::default()
        };
        build(dir.path(), &asked, &tag(&lab)).await;
        let text = lines.text();
        let hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&lab.stack));
        for there in ["/got/deep/one", "/own/Dockerfile", "10.9.8.7", "git.test", " lo", &hash] {
            assert!(text.contains(there), "{there}\n{text}");
        }
        for absent in [".skep.Dockerfile", "/got/files", " eth0"] {
            assert!(!text.contains(absent), "{absent}\n{text}");
        }
        let labelled = lab.engine.images_labelled("dev.skep.own").await.unwrap();
        assert!(labelled.contains(&(tag(&lab), lab.stack.clone())), "{labelled:?}");
        lab.engine.remove_image(&tag(&lab)).await.unwrap();
        lab.engine.remove_image(&shared_tag).await.unwrap();
    })
    .await;
}

/// A process of this machine has this word in its command line.
fn runs(word: &str) -> bool {
    let has = |entry: fs::DirEntry| {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).any(|part| part == word.as_bytes())
    };
    fs::read_dir("/proc").unwrap().flatten().any(has)
}

fn endless(lab: &Lab) -> (String, tempfile::TempDir) {
    let word = format!("9{}", u32::from_str_radix(&lab.stack[1..7], 16).unwrap());
    let dockerfile = format!("FROM {}\nRUN [\"/bin/busybox\", \"sleep\", \"{word}\"]\n", lab.image);
    (word, folder(&dockerfile))
}

#[tokio::test]
async fn fault_19_a_cancelled_build_stops_in_the_engine_too() {
    run(async |lab| {
        let (word, dir) = endless(&lab);
        let cancel = CancellationToken::new();
        let canceller = async {
            until("the step runs", async || runs(&word).then_some(())).await;
            cancel.cancel();
            Instant::now()
        };
        let tag = tag(&lab);
        let building = build(&lab.engine, dir.path(), json!({"kind": "dockerfile"}), &tag, MINUTE, &cancel);
        let ((result, _), cancelled) = tokio::join!(building, canceller);
        assert!(matches!(result, Err(BuildError::Cancelled)), "{result:?}");
        until("the step is gone", async || (!runs(&word)).then_some(())).await;
        println!("stopped after {:.2} s", cancelled.elapsed().as_secs_f64());
        assert!(cancelled.elapsed() < Duration::from_secs(10));
        assert_eq!(lab.engine.image(&tag).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn builds_beyond_the_bound_wait_and_can_be_cancelled_while_they_wait() {
    run(async |lab| {
        let (word, dir) = endless(&lab);
        let builder = DockerBuilder::new(lab.engine.clone(), Arc::new(SystemClock), 1);
        let (first, second) = (CancellationToken::new(), CancellationToken::new());
        let recipe = recipe(dir.path(), json!({"kind": "dockerfile"}), &tag(&lab), bounds(MINUTE)).await;
        let (one, two) = (Lines::default(), Lines::default());
        let story = async {
            until("the first step runs", async || runs(&word).then_some(())).await;
            until("the second waits", async || two.text().contains("waiting").then_some(())).await;
            assert_eq!(two.text().lines().count(), 1, "it has not begun: {}", two.text());
            second.cancel();
            assert!(runs(&word), "the first goes on");
            first.cancel();
        };
        let later = async {
            until("the first has begun", async || runs(&word).then_some(())).await;
            builder.build(&recipe, &two, &second).await
        };
        let (first, second, ()) = tokio::join!(builder.build(&recipe, &one, &first), later, story);
        assert!(matches!(first, Err(BuildError::Cancelled)), "{first:?}");
        assert!(matches!(second, Err(BuildError::Cancelled)), "{second:?}");
        until("nothing runs on", async || (!runs(&word)).then_some(())).await;
    })
    .await;
}

#[tokio::test]
async fn fault_18_a_build_that_hangs_is_ended_after_its_time() {
    run(async |lab| {
        let (word, dir) = endless(&lab);
        let (time, began) = (Duration::from_secs(3), Instant::now());
        let (result, lines) = build(
            &lab.engine,
            dir.path(),
            json!({"kind": "dockerfile"}),
            &tag(&lab),
            time,
            &CancellationToken::new(),
        )
        .await;
        assert!(matches!(result, Err(BuildError::Timeout(_))), "{result:?}");
        assert!(lines.text().contains("sleep"), "it had begun: {}", lines.text());
        until("the step is gone", async || (!runs(&word)).then_some(())).await;
        assert!(began.elapsed() < Duration::from_secs(13));
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_build_is_told_apart() {
    run(async |lab| {
        let failing =
            format!("FROM {}\nRUN [\"/bin/busybox\", \"sh\", \"-c\", \"echo why; exit 9\"]\n", lab.image);
        for (dockerfile, code) in [
            (failing.as_str(), "build_failed"),
            ("FROM skep.invalid/base/none:1\n", "base_image_unavailable"),
            ("FROM scratch\nWHAT now\n", "dockerfile_invalid"),
            ("FROM scratch\nCOPY nothing /\n", "build_failed"),
        ] {
            let dir = folder(dockerfile);
            let (result, lines) = build(
                &lab.engine,
                dir.path(),
                json!({"kind": "dockerfile"}),
                &tag(&lab),
                MINUTE,
                &CancellationToken::new(),
            )
            .await;
            match result {
                Err(BuildError::Failed { code: told, message }) => {
                    assert_eq!(told, code, "{dockerfile}: {message}")
                }
                other => panic!("{dockerfile}: {other:?}\n{}", lines.text()),
            }
            if code == "build_failed" && dockerfile.contains("exit 9") {
                assert!(lines.text().contains(" why"), "{}", lines.text());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn many_lines_come_whole_and_in_order() {
    run(async |lab| {
        let dir = folder(&format!(
            "FROM {}\nRUN [\"/bin/busybox\", \"sh\", \"-c\", \"/bin/busybox seq 1 3000; echo {}\"]\n",
            lab.image, lab.stack
        ));
        let (result, lines) = build(
            &lab.engine,
            dir.path(),
            json!({"kind": "dockerfile"}),
            &tag(&lab),
            MINUTE,
            &CancellationToken::new(),
        )
        .await;
        result.unwrap();
        let lines = lines.0.into_inner().unwrap();
        let numbers: Vec<u32> =
            lines.iter().filter_map(|line| line.split_once(' ')?.1.parse().ok()).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "in order");
        assert!(numbers.len() == 3000, "{} lines", numbers.len());
        lab.engine.remove_image(&tag(&lab)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn fault_18_a_step_that_eats_memory_is_ended_where_the_engine_can_and_told_where_not() {
    run(async |lab| {
        let step = "/bin/busybox dd if=/dev/zero of=/dev/null bs=700M count=1";
        let dir = folder(&format!(
            "FROM {}\nRUN [\"/bin/busybox\", \"sh\", \"-c\", \"echo {}; {step}\"]\n",
            lab.image, lab.stack
        ));
        let limits =
            Limits { time: MINUTE, memory: Some(300 << 20), nano_cpus: Some(500_000_000), context: 64 << 20 };
        let settings = json!({"kind": "dockerfile"});
        let (result, lines) =
            build_within(&lab.engine, dir.path(), settings, &tag(&lab), limits, &CancellationToken::new())
                .await;
        let api = lab.engine.info().await.unwrap().api;
        if api == "1.41" {
            assert!(lines.text().contains("holds no memory and no CPU limit"), "{}", lines.text());
            result.unwrap();
            lab.engine.remove_image(&tag(&lab)).await.unwrap();
        } else {
            assert!(lines.text().contains("holds no CPU limit"), "{}", lines.text());
            assert!(
                matches!(result, Err(BuildError::Failed { code: "build_oom", .. })),
                "{result:?}\n{}",
                lines.text()
            );
        }
    })
    .await;
}
