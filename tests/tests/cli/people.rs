//! `skep admin` beside a server that goes on: who can sign in, and what is reset for them.

use skep::{
    db::{self, Db, Location},
    domain::{
        clock::{Clock as _, SystemClock},
        name::Email,
        seal::Seal,
        totp::TotpKey,
    },
    keys,
};

use super::stage::{Ended, PASSWORD, Stage, bare};

const ADMIN: &str = "admin@example.org";

fn data(stage: &Stage) -> String {
    stage.home().join("data").to_str().unwrap().to_owned()
}

fn admin(stage: &Stage, args: &[&str], input: &str) -> Ended {
    bare(&[&["admin"], args, &["--data", &data(stage)]].concat(), &[], input)
}

/// Signs in as the admin, elsewhere than the stage does.
fn login(stage: &Stage, input: &str) -> Ended {
    let home = tempfile::tempdir().unwrap();
    let variables = [("XDG_CONFIG_HOME", home.path().to_str().unwrap())];
    bare(&["login", "--server", &stage.server(), "--email", ADMIN], &variables, input)
}

fn whoami(stage: &Stage) -> i32 {
    stage.run(&["whoami"], "").code
}

/// Turns two-factor sign-in of the admin on, as the server would.
fn turn_on(stage: &Stage) -> TotpKey {
    let folder = stage.home().join("data");
    let master = hex::decode(std::fs::read_to_string(folder.join("key")).unwrap().trim()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let db = Db::open(&Location::Sqlite(folder.join("skep.db"))).await.unwrap();
        let seal = Seal::new(&master.try_into().unwrap());
        keys::start(&db, &seal, &SystemClock).await.unwrap();
        let key = TotpKey::random(&SystemClock);
        let now = SystemClock.now();
        let mut tx = db.write().await.unwrap();
        let user =
            db::identity::user_by_email(&mut tx, &Email::parse(ADMIN).unwrap()).await.unwrap().unwrap();
        let sealed = seal.seal(&SystemClock, "totp", key.bytes());
        assert!(db::two_factor::begin(&mut tx, user.id, &sealed, now).await.unwrap());
        assert!(db::two_factor::confirm(&mut tx, user.id, now).await.unwrap());
        tx.commit().await.unwrap();
        db.close().await;
        key
    })
}

fn two_factor(stage: &Stage) -> bool {
    let ended = admin(stage, &["list-people", "--json"], "");
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let people: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        (&people[0]["email"], &people[0]["owner"], people.as_array().unwrap().len()),
        (&ADMIN.into(), &true.into(), 1)
    );
    people[0]["two_factor"].as_bool().unwrap()
}

#[test]
fn case_123_a_reset_on_the_machine_lets_somebody_in_again_and_ends_what_was_before() {
    let stage = Stage::start();
    assert_eq!(whoami(&stage), 0);
    let common = admin(&stage, &["reset-password", ADMIN], "password12345\n");
    assert!(common.code == 1 && common.stderr.contains("password: is easily guessed"), "{}", common.stderr);
    assert_eq!(login(&stage, &format!("{PASSWORD}\n")).code, 0);

    let done = admin(&stage, &["reset-password", ADMIN], "tangle mosaic 7 ferry\n");
    assert!(done.code == 0 && done.stdout.contains("have ended"), "{}{}", done.stdout, done.stderr);
    assert!(!done.stdout.contains("mosaic"), "it is not repeated");
    assert_eq!(whoami(&stage), 3, "the token that was there has ended");
    assert_eq!(login(&stage, &format!("{PASSWORD}\n")).code, 3);
    assert_eq!(login(&stage, "tangle mosaic 7 ferry\n").code, 0);

    let made = admin(&stage, &["reset-password", ADMIN, "--generate"], "");
    assert_eq!(made.code, 0, "{}", made.stderr);
    let password = made.stdout.lines().find_map(|line| line.strip_prefix("password: ")).unwrap().to_owned();
    assert_eq!(login(&stage, &format!("{password}\n")).code, 0);
}

#[test]
fn who_lost_the_app_gets_in_by_the_password_again() {
    let stage = Stage::start();
    assert!(!two_factor(&stage));
    let key = turn_on(&stage);
    assert!(two_factor(&stage));
    let table = admin(&stage, &["list-people"], "").stdout;
    assert!(table.starts_with("EMAIL") && table.contains(ADMIN), "{table}");

    let asked = login(&stage, &format!("{PASSWORD}\n"));
    assert!(asked.code == 2 && asked.stderr.contains("recovery code"), "{}", asked.stderr);
    assert_eq!(login(&stage, &format!("{PASSWORD}\nnone-of-them\n")).code, 3);
    let code = key.code_at(SystemClock.now());
    let done = login(&stage, &format!("{PASSWORD}\n{code}\n"));
    assert_eq!(done.code, 0, "{}", done.stderr);

    let reset = admin(&stage, &["reset-two-factor", ADMIN], "");
    assert!(
        reset.code == 0 && reset.stdout.contains("is off; their sessions have ended"),
        "{}",
        reset.stderr
    );
    assert!(!two_factor(&stage));
    assert_eq!(login(&stage, &format!("{PASSWORD}\n")).code, 0);
    let again = admin(&stage, &["reset-two-factor", ADMIN], "");
    assert!(again.code == 0 && again.stdout.contains("was off; nothing was changed"), "{}", again.stdout);

    let none = admin(&stage, &["reset-passkeys", ADMIN], "");
    assert!(none.code == 0 && none.stdout.contains("had no passkeys"), "{}{}", none.stdout, none.stderr);

    // Nobody, and nowhere.
    for verb in ["reset-password", "reset-two-factor", "reset-passkeys"] {
        let unknown = admin(&stage, &[verb, "nobody@example.org"], "tangle mosaic 7 ferry\n");
        assert!(
            unknown.code == 1 && unknown.stderr.contains("nobody here has the address"),
            "{}",
            unknown.stderr
        );
        assert!(unknown.stdout.is_empty());
        let wrong = admin(&stage, &[verb, "no address"], "");
        assert!(wrong.code == 1 && wrong.stderr.contains("email: "), "{}", wrong.stderr);
        let empty = tempfile::tempdir().unwrap();
        let folder = empty.path().to_str().unwrap();
        let nowhere = bare(&["admin", verb, ADMIN, "--data", folder], &[], "");
        assert!(nowhere.code == 1 && nowhere.stderr.contains("holds no database"), "{}", nowhere.stderr);
        assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);
    }
}
