//! Cases 14 to 30 and 35: what does a verified delivery mean?

use proptest::prelude::*;

use super::*;
use crate::domain::git_url::GitUrl;

#[test]
fn case_014_the_senders_id_of_a_delivery() {
    let body = b"{}";
    for (provider, name) in [
        (Provider::Github, "x-github-delivery"),
        (Provider::Gitlab, "webhook-id"),
        (Provider::Gitlab, "idempotency-key"),
        (Provider::Gitea, "x-gitea-delivery"),
        (Provider::Bitbucket, "x-request-uuid"),
        (Provider::Generic, "webhook-id"),
        (Provider::Registry, "x-skep-delivery"),
    ] {
        let id = delivery_id(provider, &headers(&[(name, "one-1")]), body).unwrap();
        assert_eq!(id.as_deref(), Some("one-1"), "{provider:?}");
        let long = delivery_id(provider, &headers(&[(name, &"x".repeat(5000))]), body).unwrap().unwrap();
        assert!(long.len() <= 128);
        let twice = delivery_id(provider, &headers(&[(name, "a"), (name, "b")]), body).unwrap_err();
        assert_eq!((twice.status, twice.code), (400, "duplicate_header"));
    }
    assert_eq!(delivery_id(Provider::Generic, &HeaderMap::new(), body), Ok(None));
    let of = |body: &[u8]| delivery_id(Provider::Registry, &HeaderMap::new(), body).unwrap();
    assert_eq!(of(b"a"), of(b"a"));
    assert_ne!(of(b"a"), of(b"b"));
}

#[test]
fn case_018_media_types() {
    let json = github_push().to_string();
    let with = |provider, media: &str, body: &[u8]| {
        let mut made = event_headers(provider, "push");
        made.remove("content-type");
        if !media.is_empty() {
            made.insert("content-type", HeaderValue::from_str(media).unwrap());
        }
        parse(provider, &made, body)
    };
    let form: String =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", &json).finish();
    let by_form = with(Provider::Github, "application/x-www-form-urlencoded", form.as_bytes());
    assert_eq!(by_form, with(Provider::Github, "application/json", json.as_bytes()));
    assert_eq!(one_push(by_form).after.unwrap().as_str(), NEW);
    for media in ["text/plain", "multipart/form-data; boundary=x", "", "application/xml"] {
        let refused = with(Provider::Github, media, json.as_bytes()).unwrap_err();
        assert_eq!((refused.status, refused.code), (415, "unsupported_media_type"), "{media}");
        assert!(refused.message.contains("application/json"), "{}", refused.message);
    }
    let refused = with(Provider::Gitlab, "application/x-www-form-urlencoded", form.as_bytes()).unwrap_err();
    assert_eq!(refused.status, 415);
    let refused = with(Provider::Github, "application/x-www-form-urlencoded", b"other=1").unwrap_err();
    assert_eq!((refused.status, refused.field.as_deref()), (422, Some("payload")));
}

#[test]
fn case_019_bad_json() {
    let deep = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    let list = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for body in [
        b"".as_slice(),
        b"{",
        b"[]",
        b"1",
        b"null",
        b"{} x",
        br#"{"ref":1,"ref":2}"#,
        br#"{"a":{"b":1,"b":1}}"#,
        b"{\"a\":\"\xff\"}",
        deep.as_bytes(),
        list.as_bytes(),
        b"\xef\xbb\xbf{}",
    ] {
        for provider in Provider::ALL {
            let refused = parse(provider, &event_headers(provider, "push"), body).unwrap_err();
            assert_eq!((refused.status, refused.code), (400, "invalid_json"), "{provider:?} {body:.40?}");
        }
    }
}

#[test]
fn case_020_missing_fields_are_named() {
    for (field, path) in
        [("commits", "commits"), ("repository", "repository"), ("ref", "ref"), ("after", "after")]
    {
        for (provider, event) in
            [(Provider::Github, "push"), (Provider::Gitea, "push"), (Provider::Gitlab, "Push Hook")]
        {
            let mut payload = github_push();
            payload["object_kind"] = json!("push");
            payload["project"] = json!({"path_with_namespace": "team/app"});
            let field = if provider == Provider::Gitlab && field == "repository" { "project" } else { field };
            let path = if field == "project" { "project" } else { path };
            for broken in [None, Some(Value::Null), Some(json!(7))] {
                let mut payload = payload.clone();
                match broken {
                    None => drop(payload.as_object_mut().unwrap().remove(field)),
                    Some(value) => payload[field] = value,
                }
                let refused = read(provider, event, &payload).unwrap_err();
                assert_eq!(refused.status, 422, "{provider:?} {field}");
                assert_eq!(refused.field.as_deref(), Some(path), "{provider:?}");
                assert!(refused.message.contains(path));
            }
        }
    }
    let refused =
        read(Provider::Bitbucket, "repo:push", &json!({"repository": {"full_name": "a/b"}})).unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("push.changes"));
    let refused = read(Provider::Generic, "push", &json!({"ref": "main"})).unwrap_err();
    assert_eq!((refused.code, refused.field.as_deref()), ("missing_field", Some("after")));
}

#[test]
fn case_021_ping() {
    assert_eq!(read(Provider::Github, "ping", &json!({"zen": "x"})), Ok(vec![Event::Ping]));
    assert_eq!(read(Provider::Bitbucket, "diagnostics:ping", &json!({"test": true})), Ok(vec![Event::Ping]));
    assert_eq!(read(Provider::Generic, "ping", &json!({})), Ok(vec![Event::Ping]));
    assert_eq!(read(Provider::Registry, "ping", &json!({})), Ok(vec![Event::Ping]));
}

#[test]
fn case_022_unknown_events_are_ignored() {
    for (provider, event, payload) in [
        (Provider::Github, "star", json!({})),
        (Provider::Gitlab, "Note Hook", json!({"object_kind": "note"})),
        (Provider::Gitea, "issues", json!({})),
        (Provider::Bitbucket, "repo:fork", json!({})),
        (Provider::Generic, "other", json!({})),
    ] {
        assert_eq!(read(provider, event, &payload), Ok(vec![Event::Ignored("event")]), "{provider:?}");
    }
    let refused =
        parse(Provider::Github, &headers(&[("content-type", "application/json")]), b"{}").unwrap_err();
    assert_eq!((refused.status, refused.code), (400, "header_missing"));
}

#[test]
fn case_023_deleted_branches() {
    let mut payload = github_push();
    payload["after"] = json!(ZERO);
    payload["deleted"] = json!(true);
    payload["commits"] = json!([]);
    payload["head_commit"] = Value::Null;
    assert_eq!(one_push(read(Provider::Github, "push", &payload)).after, None);
    let gitlab = json!({"object_kind": "push", "ref": "refs/heads/old", "before": OLD, "after": ZERO,
        "checkout_sha": null, "project": {"path_with_namespace": "team/app"}, "commits": [], "total_commits_count": 0});
    assert_eq!(one_push(read(Provider::Gitlab, "Push Hook", &gitlab)).after, None);
    let gitea = json!({"ref": "old", "ref_type": "branch", "repository": {"full_name": "team/app"}});
    let push = one_push(read(Provider::Gitea, "delete", &gitea));
    assert_eq!((push.after, push.target), (None, Target::Branch("old".parse().unwrap())));
    let bitbucket = json!({"repository": {"full_name": "team/app"}, "push": {"changes": [
        {"new": null, "old": {"type": "branch", "name": "old", "target": {"hash": OLD}}, "closed": true}]}});
    assert_eq!(one_push(read(Provider::Bitbucket, "repo:push", &bitbucket)).after, None);
    let generic = json!({"ref": "old", "deleted": true});
    assert_eq!(one_push(read(Provider::Generic, "push", &generic)).after, None);
}

#[test]
fn case_024_a_created_branch_has_no_before() {
    let mut payload = github_push();
    payload["before"] = json!(ZERO);
    let push = one_push(read(Provider::Github, "push", &payload));
    assert_eq!((push.before, push.after.unwrap().as_str()), (None, NEW));
    assert_eq!(push.paths, None, "what a new branch changes is not told");
}

#[test]
fn case_025_tags() {
    let mut payload = github_push();
    payload["ref"] = json!("refs/tags/v1.2");
    payload["before"] = json!(ZERO);
    payload["commits"] = json!([]);
    assert_eq!(
        one_push(read(Provider::Github, "push", &payload)).target,
        Target::Tag("v1.2".parse().unwrap())
    );
    // GitLab tells the tag object and its commit: the commit counts.
    let gitlab = json!({"object_kind": "tag_push", "ref": "refs/tags/v1.2", "before": ZERO, "after": OLD,
        "checkout_sha": NEW, "message": "Release", "project": {"path_with_namespace": "team/app"},
        "commits": [], "total_commits_count": 0});
    let push = one_push(read(Provider::Gitlab, "Tag Push Hook", &gitlab));
    assert_eq!(push.after.unwrap().as_str(), NEW);
    let bitbucket = json!({"repository": {"full_name": "team/app"}, "push": {"changes": [
        {"old": null, "new": {"type": "tag", "name": "v1.2", "target": {"hash": NEW, "message": "x",
            "author": {"raw": "Ada <a@b.c>"}}}}]}});
    let push = one_push(read(Provider::Bitbucket, "repo:push", &bitbucket));
    assert_eq!(push.target, Target::Tag("v1.2".parse().unwrap()));
    assert_eq!(push.head.unwrap().author.as_deref(), Some("Ada"));
}

#[test]
fn case_026_a_force_push_is_marked_and_has_no_paths() {
    let mut payload = github_push();
    payload["forced"] = json!(true);
    let push = one_push(read(Provider::Github, "push", &payload));
    assert!(push.forced);
    assert_eq!(push.paths, None);
}

#[test]
fn case_027_incomplete_lists_tell_no_paths() {
    let full = one_push(read(Provider::Github, "push", &github_push())).paths.unwrap();
    assert_eq!(full, ["a.txt", "b.txt", "c.txt"]);
    let mut empty = github_push();
    empty["commits"] = json!([]);
    assert_eq!(one_push(read(Provider::Github, "push", &empty)).paths, None);
    let mut bare = github_push();
    bare["commits"][1].as_object_mut().unwrap().remove("added");
    assert_eq!(one_push(read(Provider::Github, "push", &bare)).paths, None);
    let mut many = github_push();
    many["commits"] = json!(vec![many["commits"][0].clone(); 2048]);
    assert_eq!(one_push(read(Provider::Github, "push", &many)).paths, None);
    let commits = github_push()["commits"].clone();
    let gitlab = |total: u64| {
        json!({"object_kind": "push", "ref": "refs/heads/main", "before": OLD, "after": NEW,
        "project": {"path_with_namespace": "team/app"}, "commits": commits, "total_commits_count": total})
    };
    assert_eq!(one_push(read(Provider::Gitlab, "Push Hook", &gitlab(21))).paths, None);
    let whole = one_push(read(Provider::Gitlab, "Push Hook", &gitlab(2)));
    assert_eq!(whole.paths.unwrap().len(), 3);
    assert_eq!(whole.head.unwrap().message, "Two");
    let mut gitea = github_push();
    gitea["total_commits"] = json!(9);
    assert_eq!(one_push(read(Provider::Gitea, "push", &gitea)).paths, None);
}

#[test]
fn case_028_the_repository_is_told_in_every_form() {
    let push = one_push(read(Provider::Github, "push", &github_push()));
    assert!(push.is_of(&GitUrl::parse("git@github.com:Team/App.git").unwrap()));
    assert!(!push.is_of(&GitUrl::parse("https://github.com/other/app").unwrap()));
    let generic = one_push(read(Provider::Generic, "push", &json!({"ref": "main", "after": NEW})));
    assert!(generic.is_of(&GitUrl::parse("https://git.example.org/team/app").unwrap()));
}

#[test]
fn case_029_malformed_refs_and_ids() {
    for name in [
        "refs/heads/-x",
        "refs/heads/a..b",
        "refs/heads/a\u{7}b",
        "refs/heads/",
        "-x",
        "refs/tags/a b",
        &format!("refs/heads/{}", "x".repeat(256)),
        "",
    ] {
        let mut payload = github_push();
        payload["ref"] = json!(name);
        let refused = read(Provider::Github, "push", &payload).unwrap_err();
        assert_eq!((refused.status, refused.code), (422, "invalid_ref"), "{name}");
    }
    for sha in ["", "abc", &"g".repeat(40), &"0".repeat(41)] {
        for (provider, event) in [(Provider::Github, "push"), (Provider::Generic, "push")] {
            let mut payload = github_push();
            payload["repository"] =
                if provider == Provider::Generic { json!("a/b") } else { payload["repository"].clone() };
            payload["after"] = json!(sha);
            let refused = read(provider, event, &payload).unwrap_err();
            assert_eq!(
                (refused.status, refused.code, refused.field.as_deref()),
                (422, "invalid_ref", Some("after"))
            );
        }
    }
    let mut notes = github_push();
    notes["ref"] = json!("refs/notes/commits");
    assert_eq!(read(Provider::Github, "push", &notes), Ok(vec![Event::Ignored("ref")]));
}

#[test]
fn case_030_pull_requests_from_forks_wait_for_approval() {
    let of = |head: Value| json!({"pull_request": {"head": {"repo": head}, "base": {"repo": {"full_name": "team/app"}}}});
    for provider in [Provider::Github, Provider::Gitea] {
        for stranger in [json!({"full_name": "fork/app"}), Value::Null] {
            let events = read(provider, "pull_request", &of(stranger));
            assert_eq!(events, Ok(vec![Event::Ignored("needs_approval")]));
        }
        let own = read(provider, "pull_request", &of(json!({"full_name": "team/app"})));
        assert_eq!(own, Ok(vec![Event::Ignored("event")]));
    }
    let gitlab = json!({"object_kind": "merge_request", "object_attributes": {"source_project_id": 2, "target_project_id": 1}});
    assert_eq!(
        read(Provider::Gitlab, "Merge Request Hook", &gitlab),
        Ok(vec![Event::Ignored("needs_approval")])
    );
    let bitbucket = json!({"pullrequest": {"source": {"repository": {"full_name": "fork/app"}},
        "destination": {"repository": {"full_name": "team/app"}}}});
    let events = read(Provider::Bitbucket, "pullrequest:created", &bitbucket);
    assert_eq!(events, Ok(vec![Event::Ignored("needs_approval")]));
}

#[test]
fn one_bitbucket_push_can_move_several_branches() {
    let change = |name: &str, kind: &str| {
        json!({"forced": true,
        "old": {"type": kind, "name": name, "target": {"hash": OLD}},
        "new": {"type": kind, "name": name, "target": {"hash": NEW, "message": "Two"}}})
    };
    let payload = json!({"repository": {"full_name": "team/app"},
        "push": {"changes": [change("side", "branch"), change("main", "named_branch")]}});
    let events = read(Provider::Bitbucket, "repo:push", &payload).unwrap();
    let names: Vec<_> = events
        .iter()
        .map(|event| match event {
            Event::Push(push) => push.target.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(names, ["side", "main"].map(|name| Target::Branch(name.parse().unwrap())));
    let server = json!({"repository": {"slug": "app", "project": {"key": "TEAM"}}, "changes": [
        {"ref": {"id": "refs/heads/main"}, "fromHash": OLD, "toHash": NEW, "type": "UPDATE"}]});
    let push = one_push(read(Provider::Bitbucket, "repo:refs_changed", &server));
    assert!(push.is_of(&GitUrl::parse("https://bitbucket.example.org/scm/team/app.git").unwrap()));
}

#[test]
fn case_035_registries_tell_repository_tag_and_digest() {
    let digest = format!("sha256:{}", "ab".repeat(32));
    let image = |repository: &str, tag: Option<&str>, digest: Option<&str>| {
        Event::Image(crate::domain::push::ImagePush {
            repository: repository.into(),
            tag: tag.map(Into::into),
            digest: digest.map(Into::into),
        })
    };
    let made = headers(&[("content-type", "application/vnd.docker.distribution.events.v1+json")]);
    let of = |payload: Value| parse(Provider::Registry, &made, payload.to_string().as_bytes());
    let hub = json!({"push_data": {"tag": "1.2"}, "repository": {"repo_name": "team/app"}, "callback_url": "https://x"});
    assert_eq!(of(hub), Ok(vec![image("team/app", Some("1.2"), None)]));
    let event = |action: &str, media: &str| {
        json!({"id": "1", "action": action, "request": {"host": "reg.example.org:5000"},
        "target": {"mediaType": media, "repository": "team/app", "tag": "1.2", "digest": digest}})
    };
    let manifest = "application/vnd.oci.image.manifest.v1+json";
    let layer = "application/vnd.oci.image.layer.v1.tar+gzip";
    let envelope =
        json!({"events": [event("push", layer), event("push", manifest), event("pull", manifest)]});
    assert_eq!(of(envelope), Ok(vec![image("reg.example.org:5000/team/app", Some("1.2"), Some(&digest))]));
    assert_eq!(of(json!({"events": [event("pull", manifest)]})), Ok(vec![Event::Ignored("event")]));
    let ghcr = json!({"action": "published", "registry_package": {"name": "app", "namespace": "Team", "package_type": "CONTAINER",
        "package_version": {"version": digest, "container_metadata": {"tag": {"name": "1.2", "digest": digest}}}}});
    assert_eq!(
        read(Provider::Registry, "registry_package", &ghcr),
        Ok(vec![image("ghcr.io/team/app", Some("1.2"), Some(&digest))])
    );
    assert_eq!(of(json!({"image": "team/app"})), Ok(vec![image("team/app", None, None)]));
    assert_eq!(of(json!({"hello": 1})).unwrap_err().field.as_deref(), Some("image"));
}

/// JSON in the shape of a payload, with wrong kinds in all places.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(json!(NEW)),
        Just(json!(ZERO)),
        Just(json!("refs/heads/main")),
        Just(json!("push")),
        Just(json!("branch")),
    ];
    let key = prop::sample::select(vec![
        "ref",
        "after",
        "before",
        "commits",
        "repository",
        "full_name",
        "push",
        "changes",
        "new",
        "old",
        "target",
        "hash",
        "type",
        "name",
        "object_kind",
        "project",
        "path_with_namespace",
        "events",
        "action",
        "mediaType",
        "request",
        "host",
        "push_data",
        "registry_package",
        "package_version",
        "head_commit",
        "author",
        "raw",
        "message",
        "added",
        "modified",
        "removed",
        "image",
        "slug",
        "key",
        "links",
    ]);
    leaf.prop_recursive(6, 96, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key.clone().prop_map(str::to_owned), inner, 0..10)
                .prop_map(Value::from_iter),
        ]
    })
}

proptest! {
    #[test]
    fn parse_never_panics(payload in any_json(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for provider in Provider::ALL {
            for event in ["push", "delete", "pull_request", "repo:push", "repo:refs_changed", "package", "image"] {
                for refused in [read(provider, event, &payload), parse(provider, &event_headers(provider, event), &bytes)] {
                    if let Err(refused) = refused {
                        prop_assert!(matches!(refused.status, 400 | 415 | 422));
                    }
                }
            }
            let _ = delivery_id(provider, &HeaderMap::new(), &bytes);
        }
    }

    #[test]
    fn verify_never_panics(value in "[ -~]{0,300}", bytes in prop::collection::vec(any::<u8>(), 0..50)) {
        for provider in Provider::ALL {
            for name in ["x-hub-signature-256", "x-hub-signature", "x-gitea-signature", "x-gitlab-token",
                "webhook-signature", "x-skep-signature-256", "authorization"] {
                let mut made = headers(&[(name, value.as_str())]);
                made.insert("webhook-id", HeaderValue::from_static("1"));
                made.insert("webhook-timestamp", HeaderValue::from_static("x"));
                prop_assert!(check(provider, &made, &bytes).is_err());
            }
        }
    }
}
