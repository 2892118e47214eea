//! Settings of the instance.

use leptos::prelude::*;

use crate::{
    api::Result,
    components::{Form, Pick, Place, Section, Submit, Text},
    http::Cx,
    pages::Page,
};

/// The page of the instance.
pub async fn instance(cx: &Cx<'_>) -> Result<Page> {
    let instance = cx.api.instance().await?;
    let form = cx.form("instance", "/actions/instance");
    Ok(Page::new("Instance", Place::Instance, move || {
        let set = instance.settings;
        let given = instance.fixed;
        // Whether a field is fixed, and its hint.
        let field = |name: &str, variable: &str, hint: &str| {
            let fixed = given.iter().any(|fixed| fixed == name);
            let note = format!("Given when the server starts, by `{variable}`.");
            (fixed, if fixed { note } else { hint.to_owned() })
        };
        let wildcard = match set.base_domain.as_str() {
            "" => "A wildcard record, such as *.apps.example.org, must lead to this server.".to_owned(),
            base => format!("The record *.{base} must lead to this server."),
        };
        let domain = field("domain", "SKEP_PUBLIC_URL", "");
        let base = field("base_domain", "SKEP_BASE_DOMAIN", &wildcard);
        let email =
            field("acme_email", "SKEP_ACME_EMAIL", "The authority writes there when something is wrong.");
        let directory = field("acme_directory", "SKEP_ACME_DIRECTORY", "");
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
                <a class="button" href="/instance/directories">
                    "Directories"
                </a>
                <a class="button" href="/instance/sso">
                    "Single sign-on"
                </a>
            </header>
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
                            fixed=domain.0
                            hint=domain.1
                        />
                        <Text
                            state=form.clone()
                            name="base_domain"
                            label="Base domain for generated host names"
                            value=set.base_domain
                            placeholder="apps.example.org"
                            mono=true
                            optional=true
                            fixed=base.0
                            hint=base.1
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
                        fixed=email.0
                        hint=email.1
                    />
                    {if directory.0 {
                        view! {
                            <Text
                                state=form
                                name="acme_directory"
                                label="Authority"
                                value=set.acme_directory
                                mono=true
                                fixed=true
                                hint=directory.1
                            />
                        }
                            .into_any()
                    } else {
                        view! {
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
                        }
                            .into_any()
                    }}
                    <div class="row">
                        <Submit label="Save"/>
                    </div>
                </Section>
            </Form>
        }
    }))
}
