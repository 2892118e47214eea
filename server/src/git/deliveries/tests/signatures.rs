//! Cases 1 to 13 and 33: whose delivery is it?

use super::*;

const BODY: &[u8] = br#"{"ref":"refs/heads/main"}"#;

#[test]
fn a_right_signature_is_taken_from_every_provider() {
    for provider in Provider::ALL {
        assert_eq!(check(provider, &signed(provider, SECRET, BODY), BODY), Ok(()), "{provider:?}");
    }
    assert_eq!(sign(&secret(), BODY), format!("sha256={}", hex_of(SECRET, BODY)));
}

#[test]
fn case_001_no_signature() {
    for provider in Provider::ALL {
        assert_eq!(check(provider, &HeaderMap::new(), BODY), Err((401, "signature_missing")), "{provider:?}");
    }
}

#[test]
fn case_002_an_empty_secret_never_counts() {
    let empty = Secret::new("");
    for provider in Provider::ALL {
        let made = signed(provider, "", BODY);
        let refused = verify(provider, &made, BODY, Secrets::only(&empty), now()).unwrap_err();
        assert_eq!(refused.status, 401, "{provider:?}");
    }
}

#[test]
fn case_003_another_secret_or_another_body() {
    for provider in Provider::ALL {
        let other = signed(provider, "other", BODY);
        assert_eq!(check(provider, &other, BODY), Err((401, "signature_invalid")), "{provider:?}");
        if matches!(provider, Provider::Gitlab | Provider::Registry) {
            continue; // a plain secret says nothing about the body
        }
        let mut changed = BODY.to_vec();
        changed[3] ^= 1;
        let right = signed(provider, SECRET, BODY);
        assert_eq!(check(provider, &right, &changed), Err((401, "signature_invalid")), "{provider:?}");
    }
}

#[test]
fn case_004_malformed_signatures() {
    for (provider, name, prefix) in [
        (Provider::Github, "x-hub-signature-256", "sha256="),
        (Provider::Gitea, "x-gitea-signature", ""),
        (Provider::Bitbucket, "x-hub-signature", "sha256="),
        (Provider::Generic, "x-skep-signature-256", "sha256="),
        (Provider::Registry, "x-skep-signature-256", "sha256="),
    ] {
        let right = hex_of(SECRET, BODY);
        for value in [
            String::new(),
            prefix.to_owned(),
            format!("{prefix}zz{}", &right[2..]),
            format!("{prefix}{}", &right[..62]),
            format!("{prefix}{right}00"),
            format!("{prefix}{}", "a".repeat(10_000)),
        ] {
            let answer = check(provider, &headers(&[(name, &value)]), BODY);
            assert_eq!(answer, Err((401, "signature_invalid")), "{provider:?} {value:.80}");
        }
        let value = format!("{prefix}{right}");
        let twice = headers(&[(name, &value), (name, &value)]);
        assert_eq!(check(provider, &twice, BODY), Err((400, "duplicate_header")), "{provider:?}");
        let mut bytes = HeaderMap::new();
        bytes.insert(HeaderName::try_from(name).unwrap(), HeaderValue::from_bytes(b"\xff\xfe").unwrap());
        assert_eq!(check(provider, &bytes, BODY), Err((401, "signature_invalid")), "{provider:?}");
    }
}

#[test]
fn case_005_github_with_sha1_alone() {
    let sha1 = headers(&[("x-hub-signature", "sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709")]);
    assert_eq!(check(Provider::Github, &sha1, BODY), Err((401, "sha256_required")));
}

#[test]
fn case_006_bitbucket_with_another_algorithm() {
    let right = hex_of(SECRET, BODY);
    for (value, code) in [
        (format!("sha1={right}"), "sha256_required"),
        (format!("md5={right}"), "sha256_required"),
        (format!("sha512={right}"), "signature_invalid"),
        (right.clone(), "signature_invalid"),
    ] {
        let made = headers(&[("x-hub-signature", &value)]);
        assert_eq!(check(Provider::Bitbucket, &made, BODY), Err((401, code)), "{value}");
    }
}

#[test]
fn case_007_the_first_present_header_decides() {
    let right = hex_of(SECRET, BODY);
    let bad_first = headers(&[("x-forgejo-signature", "00"), ("x-gitea-signature", &right)]);
    assert_eq!(check(Provider::Gitea, &bad_first, BODY), Err((401, "signature_invalid")));
    let good_first = headers(&[("x-forgejo-signature", &right), ("x-gitea-signature", "00")]);
    assert_eq!(check(Provider::Gitea, &good_first, BODY), Ok(()));
}

#[test]
fn case_008_headers_of_another_provider_do_not_count() {
    for ours in Provider::ALL {
        for theirs in Provider::ALL.into_iter().filter(|theirs| *theirs != ours) {
            // Registries take GitHub's and our own signature too, since GHCR and scripts send them.
            let shared = matches!((ours, theirs), (Provider::Registry, Provider::Github | Provider::Generic));
            if !shared {
                let answer = check(ours, &signed(theirs, SECRET, BODY), BODY).unwrap_err();
                assert_eq!(answer.0, 401, "{ours:?} took {theirs:?}");
            }
        }
    }
}

#[test]
fn case_009_gitlab_with_a_wrong_token() {
    for wrong in [&SECRET[..5], "", "wrong", &format!("{SECRET}x")] {
        let made = headers(&[("x-gitlab-token", wrong)]);
        assert_eq!(check(Provider::Gitlab, &made, BODY), Err((401, "signature_invalid")), "{wrong}");
    }
}

#[test]
fn case_010_a_stale_delivery_is_told_the_time() {
    for provider in [Provider::Gitlab, Provider::Generic] {
        let at = now().timestamp();
        for (seconds, fresh) in
            [(at, true), (at - 299, true), (at + 299, true), (at - 301, false), (at + 301, false)]
        {
            let made = standard_headers(SECRET.as_bytes(), BODY, seconds);
            let answer = verify(provider, &made, BODY, Secrets::only(&secret()), now());
            if fresh {
                answer.unwrap();
                continue;
            }
            let refused = answer.unwrap_err();
            assert_eq!((refused.status, refused.code), (401, "stale_delivery"));
            assert!(refused.message.contains(&at.to_string()), "{}", refused.message);
        }
        let mut odd = standard_headers(SECRET.as_bytes(), BODY, at);
        odd.insert("webhook-timestamp", HeaderValue::from_static("9223372036854775808"));
        assert_eq!(check(provider, &odd, BODY), Err((401, "signature_invalid")));
    }
}

#[test]
fn case_011_signing_is_not_downgraded() {
    let key = STANDARD.encode(b"0123456789abcdef0123456789abcdef");
    let signing = Secret::new(format!("whsec_{key}"));
    let token_only = headers(&[("x-gitlab-token", signing.expose())]);
    let refused = verify(Provider::Gitlab, &token_only, BODY, Secrets::only(&signing), now()).unwrap_err();
    assert_eq!((refused.status, refused.code), (401, "signature_missing"));
    let right = standard_headers(b"0123456789abcdef0123456789abcdef", BODY, now().timestamp());
    verify(Provider::Gitlab, &right, BODY, Secrets::only(&signing), now()).unwrap();
    // A wrong signature is not made up for by the right token.
    let mut both = standard_headers(b"wrong", BODY, now().timestamp());
    both.insert("x-gitlab-token", HeaderValue::from_static(SECRET));
    assert_eq!(check(Provider::Gitlab, &both, BODY), Err((401, "signature_invalid")));
}

#[test]
fn case_012_several_signatures() {
    let right = standard_headers(SECRET.as_bytes(), BODY, now().timestamp());
    let value = right["webhook-signature"].to_str().unwrap().to_owned();
    let with = |value: String| {
        let mut made = right.clone();
        made.insert("webhook-signature", HeaderValue::from_str(&value).unwrap());
        check(Provider::Generic, &made, BODY)
    };
    assert_eq!(with(format!("v1,AAAA v2,zzz {value}")), Ok(()));
    assert_eq!(with(value.replace("v1,", "v1a,")), Err((401, "signature_invalid")));
    assert_eq!(with("v1, v1,= v1,????".to_owned()), Err((401, "signature_invalid")));
}

#[test]
fn case_013_an_encoded_body_is_never_inflated() {
    for provider in Provider::ALL {
        let mut made = signed(provider, SECRET, BODY);
        made.insert("content-encoding", HeaderValue::from_static("gzip"));
        assert_eq!(check(provider, &made, BODY), Err((415, "unsupported_media_type")), "{provider:?}");
    }
}

#[test]
fn case_033_the_old_secret_counts_until_its_grace_ends() {
    let (new, old) = (secret(), Secret::new("before"));
    for provider in Provider::ALL {
        let made = signed(provider, "before", BODY);
        let at = |until| {
            let secrets = Secrets { current: &new, old: Some((&old, until)) };
            verify(provider, &made, BODY, secrets, now()).map_err(|refused| refused.code)
        };
        assert_eq!(at(now() + Duration::seconds(1)), Ok(()), "{provider:?}");
        assert_eq!(at(now()), Err("signature_invalid"), "{provider:?}");
    }
}

#[test]
fn a_registry_signs_in_by_any_of_its_ways() {
    let basic = |pair: &str| headers(&[("authorization", &format!("Basic {}", STANDARD.encode(pair)))]);
    assert_eq!(check(Provider::Registry, &basic(&format!("any:{SECRET}")), BODY), Ok(()));
    for wrong in ["any:wrong", SECRET, ":"] {
        assert_eq!(
            check(Provider::Registry, &basic(wrong), BODY),
            Err((401, "signature_invalid")),
            "{wrong}"
        );
    }
    for provider in [Provider::Github, Provider::Generic] {
        assert_eq!(check(Provider::Registry, &signed(provider, SECRET, BODY), BODY), Ok(()));
    }
    for odd in ["Basic", "Basic ???", "Digest x", "Bearer"] {
        let made = headers(&[("authorization", odd)]);
        assert_eq!(check(Provider::Registry, &made, BODY), Err((401, "signature_invalid")), "{odd}");
    }
}

#[test]
fn rejections_hold_no_secret() {
    for provider in Provider::ALL {
        let refused =
            verify(provider, &signed(provider, "other", BODY), BODY, Secrets::only(&secret()), now());
        let text = format!("{:?}", refused.unwrap_err());
        assert!(!text.contains(SECRET) && !text.contains(&hex_of(SECRET, BODY)), "{text}");
    }
}
