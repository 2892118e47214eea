//! What an environment asks of deployments, and how all of it is taken away at once.

use leptos::prelude::*;

use crate::{
    api::ProtectionView,
    components::{Area, Form, Pick, Section, Submit, Tick},
    http::FormState,
    islands::ConfirmButton,
};

/// The form of the rules; where they may not be changed it is refused when it is sent.
pub(super) fn protection(rules: ProtectionView, state: FormState) -> impl IntoView {
    let counts = [("0", "None"), ("1", "One other person"), ("2", "Two other people")];
    let counts = counts.map(|(value, text)| (value.to_owned(), text.to_owned())).to_vec();
    let form = state.clone();
    view! {
        <Section
            title="Protection"
            id="protection"
            about="A protected environment is neither reset nor deleted, and asks this of each deployment."
        >
            <Form state=form>
                <Tick state=state.clone() name="protected" label="Protected" checked=rules.protected/>
                <Pick
                    state=state.clone()
                    name="approvals"
                    label="Approvals"
                    value=rules.approvals.to_string()
                    hint="Before a deployment starts. Who asked for it cannot approve it."
                    options=counts
                />
                <Area
                    state=state.clone()
                    name="branches"
                    label="Branches and tags"
                    value=rules.branches.join("\n")
                    hint="One glob a line: `main`, `release/*`. Any if empty."
                    optional=true
                />
                <Tick
                    state=state.clone()
                    name="reason_required"
                    label="A reason is required"
                    checked=rules.reason_required
                />
                <Tick
                    state=state.clone()
                    name="pushes"
                    label="Pushes deploy"
                    checked=rules.pushes
                    hint="They wait for approval as others do."
                />
                <Tick
                    state
                    name="rollback_without_approval"
                    label="Return to an older release without approval"
                    checked=rules.rollback_without_approval
                    hint="With a reason, which is kept."
                />
                <div class="row">
                    <Submit label="Save protection" quiet=true/>
                </div>
            </Form>
        </Section>
    }
}

/// The button that removes all apps.
pub(super) fn reset(name: &str, state: FormState) -> impl IntoView + use<> {
    let (form, named) = (state.clone(), format!("Reset environment {name}"));
    view! {
        <Section
            title="Reset environment"
            about="All its apps are removed with what is their own. The environment and its shared variables stay."
        >
            <Form state=form>
                <Tick state name="volumes" label="Volumes, and the data in them, too"/>
                <div class="row">
                    <ConfirmButton
                        label="Reset environment".into()
                        sure="Really remove all its apps?".into()
                        class="button danger".into()
                        name=named
                    />
                </div>
            </Form>
        </Section>
    }
}
