//! The outcome of a delivery in a sentence.

/// What happened and, where there is one, the way out.
pub(super) fn sentence(outcome: &str) -> String {
    let text = match outcome {
        "queued" => "A deployment was queued.",
        "awaiting_approval" => "A deployment awaits approval.",
        "pong" => "The sender checked that we are here.",
        "duplicate" => "It came before: the sender repeated itself, nothing was done twice.",
        "already_deployed" => "The newest deployment has this commit already.",
        "too_many" => "Too many pushes at once: refused, and taken again some seconds later.",
        "ignored:event" => "Nothing to do for an event of this kind.",
        "ignored:ref" => "Neither a branch nor a tag moved.",
        "ignored:branch" => "Another branch than the app follows.",
        "ignored:tag" => "The app does not follow this tag.",
        "ignored:pinned" => "The app is pinned to one commit, whatever is pushed.",
        "ignored:branch_deleted" => "The branch or tag was deleted.",
        "ignored:source" => "The app does not come from a source of this kind.",
        "ignored:image" => "Another image than the app runs.",
        "ignored:repository_mismatch" => "Another repository than the app's: set this webhook up there.",
        "ignored:skip_marker" => "The commit's message asks to be skipped.",
        "ignored:watch_paths" => "No path changed that the app watches.",
        "ignored:auto_deploy_off" => "Pushes do not deploy by themselves: that is set so for the app.",
        "ignored:stopped" => "The app is stopped; a deployment by hand starts it.",
        "ignored:pushes_off" => "The environment is protected: pushes do not deploy to it.",
        "ignored:branch_not_allowed" => "The environment is protected: it takes other branches alone.",
        "ignored:removed" => "The app is being removed.",
        "ignored:needs_approval" => "It comes from a fork, and those are not built.",
        other => match other.strip_prefix("ignored:") {
            Some(why) => return format!("Nothing to do: {}.", why.replace('_', " ")),
            None => return format!("It was refused: {}.", other.replace('_', " ")),
        },
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn every_outcome_is_a_sentence() {
        for outcome in ["queued", "ignored:branch", "ignored:something_new", "signature_mismatch"] {
            let text = sentence(outcome);
            assert!(text.ends_with('.') && !text.contains('_'), "{text}");
        }
    }
}
