//! Settings of the instance.

use leptos::prelude::*;

use crate::{
    api::Result,
    components::{Form, Notice, Pick, Place, Section, Submit, Text},
    http::Cx,
    pages::Page,
};

/// The page of the instance.
pub async fn instance(cx: &Cx<'_>) -> Result<Page> {
    let instance = cx.api.instance().await?;
    let form = cx.form("instance", "/actions/instance");
    Ok(Page::new("Instance", Place::Instance, move || {
        let set = instance.settings;
        let fixed = instance.fixed.join(", ");
        let mut directories: Vec<(String, String)> = instance
            .directories
            .into_iter()
            .map(|(url, name)| (url.clone(), format!("{name} — {url}")))
            .collect();
        if !directories.iter().any(|(url, _)| *url == set.acme_directory) {
            directories.push((set.acme_directory.clone(), set.acme_directory.clone()));
        }
        let address = instance
            .public_address
            .map_or_else(String::new, |address| format!(" DNS records should lead to {address}."));
        view! {
            <header class="page-head">
                <h1>"Instance"</h1>
                <span class="quiet">{format!("Skep {} · {}", instance.version, instance.profile)}</span>
            </header>
            {(!fixed.is_empty())
                .then(|| {
                    view! {
                        <Notice tone="info">
                            {format!("Given by flag or environment, and so not changed here: {fixed}.")}
                        </Notice>
                    }
                })}
            <Form state=form.clone()>
                <Section title="Addresses" clone:form about=format!("Where the dashboard and generated host names live.{address}")>
                    <div class="columns">
                        <Text
                            state=form.clone()
                            name="domain"
                            label="Domain of the dashboard"
                            value=set.domain
                            placeholder="skep.example.org"
                            mono=true
                            optional=true
                        />
                        <Text
                            state=form.clone()
                            name="base_domain"
                            label="Base domain for generated host names"
                            value=set.base_domain
                            placeholder="apps.example.org"
                            mono=true
                            optional=true
                            hint="A wildcard record *.apps.example.org must lead to this server."
                        />
                    </div>
                </Section>
                <Section title="Certificates" about="Obtained and renewed by ACME.">
                    <Text
                        state=form.clone()
                        name="acme_email"
                        label="E-mail address"
                        kind="email"
                        value=set.acme_email
                        optional=true
                        hint="The authority writes there when something is wrong."
                    />
                    <Pick
                        state=form.clone()
                        name="acme_directory"
                        label="Authority"
                        value=set.acme_directory
                        options=directories
                    />
                    <Text
                        state=form
                        name="own_directory"
                        label="Another directory"
                        placeholder="https://ca.internal.example/directory"
                        mono=true
                        optional=true
                        hint="Counts in place of the choice above."
                    />
                    <div class="row">
                        <Submit label="Save"/>
                    </div>
                </Section>
            </Form>
        }
    }))
}
