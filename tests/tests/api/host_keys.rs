//! The keys of ssh hosts: looked up, compared by a person, saved, forgotten.

use serde_json::json;
use skep_tests::{app::TestApp, db_test};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
/// As the host publishes it.
const PRINT: &str = "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU";

db_test! {
    async fn case_051_a_host_is_trusted_by_its_keys_and_nothing_is_saved_unasked(db: TestDb) {
        let app = TestApp::new(db);
        let admin = app.program().await;
        app.git.push("ssh://git@git.example.org:2222/repository", "main", "First", &[("a", "a")]);
        let shown = admin.post("/api/v1/host-keys/look-up", json!({"host": "Git.Example.org:2222"})).await.ok(200);
        assert_eq!((&shown[0]["host"], &shown[0]["algorithm"]), (&json!("git.example.org"), &json!("ssh-ed25519")));
        assert!(shown[0]["fingerprint"].as_str().unwrap().starts_with("SHA256:"), "{shown}");
        let kept = admin.get("/api/v1/host-keys").await.ok(200);
        assert_eq!(kept["items"], json!([]), "looking saves nothing");

        let pin = async |host: &str, line: &str| {
            admin.post("/api/v1/host-keys", json!({"host": host, "line": line})).await
        };
        // In whatever form it is published, it is one key of one host.
        for line in [KEY.to_owned(), format!("github.com {KEY}"), format!("[1.2.3.4]:22 {KEY} comment")] {
            pin("github.com", &line).await.ok(204);
        }
        let kept = admin.get("/api/v1/host-keys").await.ok(200);
        assert_eq!(kept["items"].as_array().unwrap().len(), 1, "{kept}");
        assert_eq!(kept["items"][0]["fingerprint"], PRINT);
        assert_eq!(kept["items"][0]["line"], format!("github.com {KEY}"));
        for (host, line, field) in [
            ("github.com", "ssh-ed25519 AAAA", "line"),
            ("github.com", "no key", "line"),
            ("git@github.com/a", KEY, "host"),
            ("", KEY, "host"),
            ("-oProxyCommand=x", KEY, "host"),
        ] {
            let refused = pin(host, line).await;
            assert_eq!((refused.status.as_u16(), &refused.json["errors"][0]["field"]), (422, &json!(field)), "{}", refused.text);
        }

        let foreigner = app.foreigner().await;
        assert_eq!(foreigner.get("/api/v1/host-keys").await.ok(200)["items"], json!([]), "another team's are not seen");
        foreigner.delete("/api/v1/host-keys/github.com").await.refused(404, "not_found");
        admin.delete("/api/v1/host-keys/github.com").await.ok(204);
        admin.delete("/api/v1/host-keys/github.com").await.refused(404, "not_found");
    }
}
