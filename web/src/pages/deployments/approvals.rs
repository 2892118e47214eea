//! Who approved a deployment or said no, who must still, and the form of those who may.

use leptos::prelude::*;

use crate::{
    api::{ApprovalsView, DecisionView, Time},
    components::{Ago, Badge, Form, Notice, Section, Submit, Text},
    http::FormState,
};

/// The section; nothing for a deployment that needed none.
pub(super) fn approvals(
    all: ApprovalsView,
    approve: FormState,
    reject: FormState,
    now: Time,
) -> impl IntoView {
    let shown = all.needed > 0 || !all.decisions.is_empty();
    let waits = all.until.map(|until| waits(&all, until, now));
    let rows: Vec<_> = all.decisions.into_iter().map(|decision| row(decision, now)).collect();
    let forms = all.until.is_some().then(|| {
        view! {
            {all.mine.then(|| decide(approve, "Approve", false))}
            {all.rejects.then(|| decide(reject, "Reject", true))}
        }
    });
    shown.then(|| {
        view! {
            <Section title="Approval" id="approval">
                {waits}
                <ul class="list">{rows}</ul>
                {forms}
            </Section>
        }
    })
}

/// How many must still, and until when.
fn waits(all: &ApprovalsView, until: Time, now: Time) -> impl IntoView + use<> {
    let given = all.decisions.iter().filter(|decision| decision.approved).count();
    let left = all.needed.saturating_sub(u32::try_from(given).unwrap_or(u32::MAX));
    let who = if left == 1 { "1 more person".to_owned() } else { format!("{left} more people") };
    view! {
        <Notice tone="info">
            {format!(
                "{who} must approve it: anybody with the right to, but not who asked for it. It waits {}.",
                now.span(until),
            )}
        </Notice>
    }
}

fn row(decision: DecisionView, now: Time) -> impl IntoView {
    let (text, tone) = if decision.approved { ("Approved", "good") } else { ("Rejected", "bad") };
    view! {
        <li class="line">
            <span class="grow">
                {decision.email}
                {decision.comment.map(|comment| view! { <small class="quiet block">{comment}</small> })}
            </span>
            <Badge text tone/>
            <small class="quiet">
                <Ago at=decision.at now/>
            </small>
        </li>
    }
}

fn decide(state: FormState, label: &'static str, quiet: bool) -> impl IntoView {
    view! {
        <Form state=state.clone()>
            <div class="inline">
                <Text state name="comment" label="Comment" optional=true/>
                <Submit label quiet/>
            </div>
        </Form>
    }
}
