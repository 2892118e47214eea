//! Releases and plans as the pages show them.

use skep_stack::plan::{Change, Line};
use skep_web::api::{self, ChangeView, PlanAction, PlanVerb, ReleaseView};

use super::fields::time;
use crate::domain::release::Release;

/// A release; `title` is the first line of its commit's message.
pub(super) fn release_view(release: &Release, title: Option<String>) -> ReleaseView {
    ReleaseView {
        id: api::ReleaseId(release.id.to_string()),
        deployment: api::DeploymentId(release.deployment.to_string()),
        number: release.number,
        commit: release.commit.as_ref().map(ToString::to_string),
        title,
        images: release.images.values().cloned().collect(),
        current: release.retired_at.is_none(),
        // The images of every release that is still recorded are kept with it.
        kept: true,
        created_at: time(release.created_at),
    }
}

/// A call of a plan: `create_service` is a verb and what it is about.
pub(super) fn action_view(line: Line) -> Option<PlanAction> {
    let (verb, what) = line.action.split_once('_')?;
    let verb = match verb {
        "create" => PlanVerb::Create,
        "update" => PlanVerb::Update,
        "remove" => PlanVerb::Remove,
        _ => return None,
    };
    Some(PlanAction {
        verb,
        what: what.to_owned(),
        name: line.name,
        restarts: line.restarts,
        changes: line.changes.into_iter().map(change_view).collect(),
    })
}

/// A field that differs.
pub(super) fn change_view(change: Change) -> ChangeView {
    ChangeView { path: change.path, from: change.from, to: change.to }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_taken_apart() {
        let line = |action: &str| Line {
            action: action.into(),
            name: "shop".into(),
            changes: Vec::new(),
            restarts: true,
        };
        let action = action_view(line("update_service")).unwrap();
        assert_eq!((action.verb, action.what.as_str(), action.restarts), (PlanVerb::Update, "service", true));
        assert!(action_view(line("nonsense")).is_none());
    }
}
