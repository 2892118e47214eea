//! The parts of the page of DNS that are not about providers.

/// Domains that the team proves to be theirs.
pub mod domains {
    use leptos::prelude::*;

    use crate::{
        api::{ProvedDomain, Time},
        components::{Ago, Badge, Form, Section, Submit, Text},
        http::FormState,
        islands::ConfirmButton,
    };

    /// The forms of the section.
    pub struct Forms {
        /// Begins a proof.
        pub claim: FormState,
        /// Looks for a record.
        pub verify: FormState,
        /// Forgets a domain.
        pub release: FormState,
    }

    /// The section.
    pub fn section(domains: Vec<ProvedDomain>, forms: Forms, now: Time) -> impl IntoView {
        let Forms { claim, verify, release } = forms;
        let said = verify.faults().into_iter().chain(release.faults()).next();
        let rows: Vec<_> = domains.into_iter().map(|one| row(one, &verify, &release, now)).collect();
        view! {
            <Section
                title="Proved domains"
                about="A domain is the team's once its DNS says so: no other team takes a name below it, and wildcards may be used."
            >
                {said.map(|fault| view! { <div class="faults" role="alert">{fault.message}</div> })}
                <ul class="list">{rows}</ul>
                <Form state=claim.clone()>
                    <Text
                        state=claim
                        name="domain"
                        label="Domain"
                        placeholder="example.org"
                        mono=true
                        required=true
                    />
                    <div class="row">
                        <Submit label="Begin proof" quiet=true/>
                    </div>
                </Form>
            </Section>
        }
    }

    fn row(one: ProvedDomain, verify: &FormState, release: &FormState, now: Time) -> impl IntoView + use<> {
        let state = match one.verified_at {
            Some(at) => view! {
                <small class="quiet">
                    "proved " <Ago at now/>
                </small>
            }
            .into_any(),
            None => view! {
                <Badge text="Not proved yet" tone="warn"/>
                <small class="quiet">
                    "Put a TXT record at " <code>{one.record.clone()}</code> " with the value "
                    <code>{one.value.clone()}</code>
                </small>
            }
            .into_any(),
        };
        let check = one.verified_at.is_none().then(|| {
            view! {
                <form method="post" action=verify.action.clone()>
                    <input type="hidden" name="proof" value=one.id.clone()/>
                    <button type="submit" class="button small" aria-label=format!("Verify {}", one.domain)>
                        "Verify"
                    </button>
                </form>
            }
        });
        view! {
            <li class="line tall">
                <span class="grow">
                    <strong>{one.domain.clone()}</strong>
                    " "
                    {state}
                </span>
                {check}
                <form method="post" action=release.action.clone()>
                    <input type="hidden" name="proof" value=one.id.clone()/>
                    <ConfirmButton
                        label="Forget".into()
                        sure="Really forget?".into()
                        class="button small danger".into()
                        name=format!("Forget {}", one.domain)
                    />
                </form>
            </li>
        }
    }
}

/// Certificates that the team brings along, and the instance's own authority.
pub mod certificates {
    use leptos::prelude::*;

    use crate::{
        api::{OwnCertificate, Time},
        components::{Ago, Area, Form, Section, Submit},
        http::FormState,
        islands::ConfirmButton,
    };

    /// The section.
    pub fn section(
        all: Vec<OwnCertificate>,
        upload: FormState,
        remove: &FormState,
        now: Time,
    ) -> impl IntoView + use<> {
        let said = remove.faults().into_iter().next();
        let rows: Vec<_> = all.into_iter().map(|one| row(one, remove, now)).collect();
        let open = !upload.faults().is_empty();
        view! {
            <Section
                title="Own certificates"
                about="Hosts get certificates by themselves. Upload one only where it must be that one."
            >
                {said.map(|fault| view! { <div class="faults" role="alert">{fault.message}</div> })}
                <ul class="list">{rows}</ul>
                <details class="pad" open=open>
                    <summary>"Upload a certificate"</summary>
                    <Form state=upload.clone()>
                        <Area
                            state=upload.clone()
                            name="chain"
                            label="Chain (PEM)"
                            hint="The host's own certificate first, then those of its authorities."
                            rows=6
                        />
                        <Area
                            state=upload
                            name="key"
                            label="Private key (PEM)"
                            hint="PKCS#8 without a password. Encrypted, never shown again."
                            rows=6
                            secret=true
                        />
                        <div class="row">
                            <Submit label="Upload certificate" quiet=true/>
                        </div>
                    </Form>
                </details>
            </Section>
        }
    }

    fn row(one: OwnCertificate, remove: &FormState, now: Time) -> impl IntoView + use<> {
        let verb = if one.expires_at > now { "valid until" } else { "ran out" };
        let names = one.names.join(", ");
        view! {
            <li class="line tall">
                <span class="grow">
                    <strong>{names.clone()}</strong>
                    <small class="quiet">
                        {format!("{}, {verb} {} (", one.issuer, one.expires_at.date())} <Ago at=one.expires_at now/> ")"
                    </small>
                </span>
                <form method="post" action=remove.action.clone()>
                    <input type="hidden" name="certificate" value=one.id/>
                    <ConfirmButton
                        label="Remove".into()
                        sure="Really remove?".into()
                        class="button small danger".into()
                        name=format!("Remove {names}")
                    />
                </form>
            </li>
        }
    }

    /// What is installed to trust private names.
    pub fn authority(certificate: String) -> impl IntoView {
        view! {
            <Section
                title="Internal authority"
                about="It signs the certificates of names below .internal and .local. Install it where these are to be trusted; it can speak for no other names."
            >
                <details class="pad">
                    <summary>"Show its certificate"</summary>
                    <pre>{certificate}</pre>
                </details>
            </Section>
        }
    }
}
