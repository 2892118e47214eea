//! `skep stack` works on files alone: no server, no sign-in.

use crate::stage::bare;

#[test]
fn convert_prints_bodies_and_tells_what_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("compose.yaml");
    let path = file.to_str().unwrap();
    std::fs::write(&file, "services:\n  web: {image: nginx, privileged: true, environment: [KEY]}\n")
        .unwrap();
    let told = bare(&["stack", "convert", "--name", "shop", path], &[("KEY", "v")], "");
    assert_eq!(told.code, 0, "{}", told.stderr);
    let bodies: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(bodies["services"][0]["Name"], "shop_web");
    let container = &bodies["services"][0]["TaskTemplate"]["ContainerSpec"];
    assert_eq!((&container["Image"], &container["Env"][0]), (&"nginx:latest".into(), &"KEY=v".into()));
    assert!(
        told.stderr.contains("services.web.privileged") && told.stderr.contains("line 2"),
        "{}",
        told.stderr
    );

    std::fs::write(&file, "services:\n  web: {image: nginx, ports: [x]}\n  db: {imagee: y}\n").unwrap();
    let wrong = bare(&["stack", "convert", "--name", "shop", path], &[], "");
    assert_eq!((wrong.code, wrong.stdout.as_str()), (1, ""));
    for part in ["services.web.ports[0]", "line 2", "services.db.imagee", "line 3"] {
        assert!(wrong.stderr.contains(part), "all at once, with their places: {}", wrong.stderr);
    }
    assert_eq!(bare(&["stack", "convert", path], &[], "").code, 2, "a stack has a name");
}
