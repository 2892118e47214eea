//! The audit log, newest first: what was done, by whom, from where, and what was refused.

use leptos::prelude::*;

use crate::{
    api::{AuditChainView, AuditEntryView, AuditFilter, AuditPage, Error, Result, Time},
    components::{
        Ago, Badge, Changes, CopyLine, Empty, Notice, Pick, Place, Section, Submit, Text, sentence,
    },
    http::{Cx, Form, FormState},
    pages::Page,
};

/// Entries on one page.
const LINES: u32 = 25;

/// The page of the audit log; the query is the filter, `verify=1` looks at every entry.
pub async fn audit(cx: &Cx<'_>) -> Result<Page> {
    let filter = filter(&cx.query);
    // A filter that cannot be read is told on the page, where it can be mended.
    let (page, faults) = match cx.api.audit(filter.clone(), LINES).await {
        Ok(page) => (page, Vec::new()),
        Err(Error::Invalid(faults)) => {
            let all = AuditFilter { chain: filter.chain.clone(), ..AuditFilter::default() };
            (cx.api.audit(all, LINES).await?, faults)
        }
        Err(error) => return Err(error),
    };
    let verified = if cx.query.flag("verify") { Some(cx.api.verify_audit().await?) } else { None };
    let (now, form) = (cx.now(), cx.form("audit", "/audit"));
    Ok(Page::new("Audit log", Place::Audit, move || {
        let told: Vec<_> = faults
            .into_iter()
            .map(|fault| view! { <p>{format!("{}: {}", fault.field, sentence(&fault.message))}</p> })
            .collect();
        let told = (!told.is_empty()).then(|| view! { <div class="faults" role="alert">{told}</div> });
        // Out of the way until it is wanted; open where it is in use.
        let open = told.is_some()
            || filter != AuditFilter { cursor: filter.cursor.clone(), ..AuditFilter::default() };
        let fields = fields(&form, &filter);
        view! {
            <header class="page-head">
                <h1>"Audit log"</h1>
                <a class="button small" href="/api/v1/audit/export" download="skep-audit.jsonl">
                    "Export"
                </a>
            </header>
            {proof(&page, verified)}
            <details class="card" open=open>
                <summary class="card-head">
                    <h2>"Filter"</h2>
                </summary>
                {told}
                {fields}
            </details>
            {entries(page, &filter, now)}
        }
    }))
}

fn filter(query: &Form) -> AuditFilter {
    let text = |name: &str| query.text(name).to_owned();
    AuditFilter {
        chain: text("chain"),
        actor: text("actor"),
        action: text("action"),
        kind: text("kind"),
        object: text("object"),
        outcome: text("outcome"),
        project: text("project"),
        from: text("from"),
        to: text("to"),
        text: text("text"),
        cursor: text("cursor"),
    }
}

/// Whether the log is as it was written, and by what that is known.
fn proof(page: &AuditPage, verified: Option<Vec<AuditChainView>>) -> impl IntoView + use<> {
    let kept = match page.days {
        0 => "Entries are kept for ever.".to_owned(),
        days => format!("Entries are kept for {days} days."),
    };
    let found: Vec<_> = verified.into_iter().flatten().map(chain).collect();
    let about = format!(
        "Each entry's hash covers the one before; the newest is signed each minute by this key. {kept}"
    );
    let key = page.key.clone();
    view! {
        <Section title="Proof" about>
            <CopyLine id="audit-key".to_owned() text=key what="public key"/>
            {found}
            <div class="row">
                <a class="button" href="/audit?verify=1">
                    "Verify now"
                </a>
                <span class="hint">"Without trusting this server: skep audit verify --key KEY"</span>
            </div>
        </Section>
    }
}

fn chain(found: AuditChainView) -> AnyView {
    let name = if found.chain == "instance" { "The instance's chain" } else { "The team's chain" };
    let signed = format!("{} entries, signed up to entry {}", found.entries, found.signed);
    if found.findings.is_empty() {
        return view! { <Notice tone="good"><p>{format!("{name} is as it was written: {signed}.")}</p></Notice> }.into_any();
    }
    let lines: Vec<_> = found.findings.into_iter().map(|line| view! { <p>{sentence(&line)}</p> }).collect();
    view! {
        <Notice tone="bad">
            <p>
                <strong>{format!("{name} is not as it was written")}</strong>
                {format!(" ({signed}).")}
            </p>
            {lines}
        </Notice>
    }
    .into_any()
}

fn fields(form: &FormState, filter: &AuditFilter) -> impl IntoView + use<> {
    let form = form.clone();
    let options =
        |all: &[(&str, &str)]| all.iter().map(|(value, text)| ((*value).into(), (*text).into())).collect();
    let chains = options(&[("team", "The team"), ("instance", "The whole instance")]);
    let outcomes = options(&[("", "All"), ("done", "Done"), ("refused", "Refused")]);
    let AuditFilter { chain, actor, action, kind, object, outcome, project, from, to, text, .. } =
        filter.clone();
    view! {
        <form method="get" action="/audit" class="stack">
            <div class="columns">
                <Pick state=form.clone() name="chain" label="Of" value=chain options=chains/>
                <Pick state=form.clone() name="outcome" label="Outcome" value=outcome options=outcomes/>
                <Text state=form.clone() name="actor" label="Who" value=actor placeholder="ada@example.org"/>
                <Text state=form.clone() name="action" label="Action begins with" value=action placeholder="app." mono=true/>
                <Text state=form.clone() name="kind" label="Kind of thing" value=kind placeholder="app" mono=true/>
                <Text state=form.clone() name="object" label="Id of the thing" value=object mono=true/>
                <Text state=form.clone() name="project" label="Id of the project" value=project mono=true/>
                <Text state=form.clone() name="text" label="Text" value=text/>
                <Text state=form.clone() name="from" label="From" value=from placeholder="2026-11-01"/>
                <Text state=form name="to" label="To, that day included" value=to placeholder="2026-11-30"/>
            </div>
            <div class="row">
                <Submit label="Show"/>
                <a class="button" href="/audit">
                    "Show all"
                </a>
            </div>
        </form>
    }
}

fn entries(page: AuditPage, filter: &AuditFilter, now: Time) -> impl IntoView + use<> {
    let older = page.next.map(|next| address(filter, &next));
    let newest = (!filter.cursor.is_empty()).then(|| address(filter, ""));
    let none = page.entries.is_empty();
    let rows: Vec<_> = page.entries.into_iter().map(|entry| row(entry, now)).collect();
    view! {
        <Section title="Entries">
            {none.then(|| view! { <Empty title="No entries" text="What is changed or refused is listed here."/> })}
            {(!none)
                .then(|| {
                    view! {
                        <div class="table-box" tabindex="0" role="region" aria-label="Entries of the audit log">
                            <table class="audit">
                                <thead>
                                    <tr>
                                        <th scope="col">"Time"</th>
                                        <th scope="col">"Who"</th>
                                        <th scope="col">"What"</th>
                                        <th scope="col">"To"</th>
                                        <th scope="col">"Outcome"</th>
                                    </tr>
                                </thead>
                                <tbody>{rows}</tbody>
                            </table>
                        </div>
                    }
                })}
            <nav class="pager" aria-label="Pages">
                {newest.map(|to| view! { <a class="button small" href=to>"Newest"</a> })}
                {older.map(|to| view! { <a class="button small end" href=to rel="next">"Older"</a> })}
            </nav>
        </Section>
    }
}

/// The page with this filter, from there on.
fn address(filter: &AuditFilter, cursor: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let pairs = [
        ("chain", &filter.chain),
        ("actor", &filter.actor),
        ("action", &filter.action),
        ("kind", &filter.kind),
        ("object", &filter.object),
        ("outcome", &filter.outcome),
        ("project", &filter.project),
        ("from", &filter.from),
        ("to", &filter.to),
        ("text", &filter.text),
    ];
    query.extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty()));
    if !cursor.is_empty() {
        query.append_pair("cursor", cursor);
    }
    format!("/audit?{}", query.finish())
}

fn row(entry: AuditEntryView, now: Time) -> impl IntoView {
    let (text, tone) = match &entry.refused {
        Some(code) => (format!("Refused: {}", code.replace('_', " ")), "bad"),
        None => ("Done".to_owned(), "good"),
    };
    let facts = [
        ("Entry", entry.seq.to_string()),
        ("Exactly", entry.at.long()),
        ("Address", entry.address.clone()),
        ("By", entry.means),
        ("Request", entry.request),
        ("Hash", entry.hash),
    ];
    let facts: Vec<_> = facts
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| view! { <dt>{name}</dt><dd><code>{text}</code></dd> })
        .collect();
    let (changes, of) = (entry.changes, format!("entry {}", entry.seq));
    let changes = (!changes.is_empty()).then(|| view! { <Changes changes of/> });
    let name = format!("Details of entry {}", entry.seq);
    view! {
        <tr>
            <td><Ago at=entry.at now/></td>
            <td>
                {entry.who}
                <small class="quiet">{entry.address}</small>
            </td>
            <td>
                <code>{entry.action}</code>
                <details>
                    <summary aria-label=name>"Details"</summary>
                    <dl class="facts wide">{facts}</dl>
                    {changes}
                </details>
            </td>
            <td>
                <span class="quiet">{entry.kind}</span>
                " "
                {entry.object}
            </td>
            <td><Badge text tone/></td>
        </tr>
    }
}
