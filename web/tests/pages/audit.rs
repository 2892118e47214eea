//! The page of the audit log.

use skep_web::fake::Mood;

use super::{fake, get};

#[tokio::test]
async fn it_shows_filters_and_goes_on() {
    let fake = fake(Mood::Rich);
    let (status, page) = get(&fake, "/audit").await;
    assert_eq!(status, 200);
    for text in [
        "app.configure",
        "settings.port",
        "(secret)",
        "Refused: forbidden",
        "3b6a27bcceb6a42d",
        "kept for 400 days",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(page.contains("href=\"/audit?cursor=96\"") && !page.contains("Newest"), "{page}");
    let (_, older) = get(&fake, "/audit?action=app.&cursor=96").await;
    assert!(older.contains("app.configure") && !older.contains("session.begin"), "{older}");
    assert!(older.contains("href=\"/audit?action=app.\"") && older.contains("value=\"app.\""), "{older}");
    let (_, refused) = get(&fake, "/audit?outcome=refused&actor=nobody").await;
    assert!(
        refused.contains("value=\"refused\" selected") && !refused.contains("app.configure"),
        "{refused}"
    );
    let (_, none) = get(&fake, "/audit?action=nothing.").await;
    assert!(none.contains("No entries"), "{none}");
}

#[tokio::test]
async fn what_was_verified_is_told_and_a_wrong_filter_too() {
    let fake = fake(Mood::Rich);
    let (_, page) = get(&fake, "/audit?verify=1").await;
    assert!(
        page.contains("The team&#x27;s chain is as it was written")
            || page.contains("The team's chain is as it was written"),
        "{page}"
    );
    assert!(
        page.contains("chain is not as it was written") && page.contains("Entry 7 is missing."),
        "{page}"
    );
    let (status, page) = get(&fake, "/audit?from=soon").await;
    assert_eq!(status, 200);
    assert!(page.contains("role=\"alert\"") && page.contains("value=\"soon\""), "{page}");
}
