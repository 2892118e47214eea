//! The audit log in the words of the pages.

use async_trait::async_trait;
use skep_web::api::{self, AuditChainView, AuditEntryView, AuditFilter, AuditPage, ChangeView, Result, Time};

use super::Web;
use crate::{
    control::audit::{self, Asked},
    domain::audit::{Entry, Field, Shown},
};

#[async_trait]
impl api::Audits for Web {
    async fn audit(&self, filter: AuditFilter, count: u32) -> Result<AuditPage> {
        let cx = self.cx()?;
        let asked = Asked {
            chain: filter.chain,
            cursor: filter.cursor,
            actor: filter.actor,
            action: filter.action,
            kind: filter.kind,
            object: filter.object,
            outcome: filter.outcome,
            project: filter.project,
            from: filter.from,
            to: filter.to,
            text: filter.text,
        };
        let (chain, filter) = asked.checked().map_err(|e| self.told(e))?;
        let page = audit::list(&cx, chain, &filter, i64::from(count)).await.map_err(|e| self.told(e))?;
        let days = audit::retention(&cx).await.map_err(|e| self.told(e))?;
        Ok(AuditPage {
            entries: page.entries.into_iter().map(view).collect(),
            next: page.next.map(|seq| seq.to_string()),
            key: audit::key(&cx).await.map_err(|e| self.told(e))?.to_string(),
            days: u32::try_from(days).unwrap_or(0),
        })
    }

    async fn verify_audit(&self) -> Result<Vec<AuditChainView>> {
        let cx = self.cx()?;
        let found = audit::verify(&cx).await.map_err(|e| self.told(e))?;
        let view = |found: audit::Verified| AuditChainView {
            chain: found.chain.name().to_owned(),
            entries: found.report.entries,
            signed: found.report.signed,
            findings: found.report.findings.iter().map(ToString::to_string).collect(),
        };
        Ok(found.into_iter().map(view).collect())
    }
}

fn view(entry: Entry) -> AuditEntryView {
    let changes = entry.change().fields().iter().map(change).collect();
    let first = |texts: [String; 2]| texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    AuditEntryView {
        seq: entry.seq,
        at: Time(entry.at / 1_000),
        who: match entry.doer.as_str() {
            "person" | "service" => first([entry.called, entry.person]),
            "machine" => "Skep".to_owned(),
            other => other.to_owned(),
        },
        means: format!("{} {}", entry.means, entry.means_id).trim().to_owned(),
        address: entry.address,
        action: entry.action,
        kind: entry.kind,
        object: first([entry.name, entry.object]),
        refused: (entry.outcome != "done").then(|| first([entry.code, entry.outcome])),
        changes,
        request: entry.request,
        hash: entry.hash,
    }
}

fn change(field: &Field) -> ChangeView {
    let text = |shown: &Option<Shown>| shown.as_ref().map(ToString::to_string);
    ChangeView { path: field.field.clone(), from: text(&field.before), to: text(&field.after) }
}
