//! Deployments and releases.

use super::{Fake, Mood, sample};
use crate::api::{
    AppId, AppPlan, AppState, ApprovalsView, DeploymentId, DeploymentPage, DeploymentState, DeploymentView,
    Deployments, Error, LogLine, ReleaseId, ReleaseView, Result, ShiftView,
};

/// Deployments of each app of a large instance.
const MANY: i64 = 10_000;

#[async_trait::async_trait]
impl Deployments for Fake {
    async fn deployments(&self, app: &AppId, before: Option<i64>, limit: u32) -> Result<DeploymentPage> {
        let mut state = self.state()?;
        let known = state.app(&app.0)?.0.clone();
        if matches!(self.mood, Mood::Large(_)) {
            let top = before.unwrap_or(MANY + 1).clamp(1, MANY + 1);
            let low = (top - i64::from(limit)).max(1);
            let items = (low..top).rev().map(|n| sample::retired(&known, n, self.now)).collect();
            return Ok(DeploymentPage { items, next: (low > 1).then_some(low), total: MANY.unsigned_abs() });
        }
        if known.line.state == AppState::Empty {
            return Ok(DeploymentPage { items: Vec::new(), next: None, total: 0 });
        }
        let all: Vec<_> = state
            .deployments
            .iter()
            .map(|deployment| &deployment.line)
            .filter(|line| before.is_none_or(|before| line.number < before))
            .cloned()
            .collect();
        let total = state.deployments.len() as u64;
        let more = all.len() > limit as usize;
        let items: Vec<_> = all.into_iter().take(limit as usize).collect();
        let next = items.last().filter(|_| more).map(|line| line.number);
        Ok(DeploymentPage { items, next, total })
    }

    async fn deployment(&self, id: &DeploymentId) -> Result<DeploymentView> {
        self.state()?.deployments.iter().find(|d| d.line.id == *id).cloned().ok_or(Error::NotFound)
    }

    async fn deployment_log(&self, _id: &DeploymentId, limit: u32) -> Result<Vec<LogLine>> {
        let state = self.state()?;
        let skip = state.log.len().saturating_sub(limit as usize);
        Ok(state.log[skip..].to_vec())
    }

    async fn deploy(&self, app: &AppId, reason: Option<&str>) -> Result<DeploymentId> {
        if reason.is_some_and(|reason| reason.len() > 200) {
            return Err(Error::invalid("reason", "must have at most 200 characters"));
        }
        let mut state = self.state()?;
        state.app(&app.0)?;
        Ok(DeploymentId::from("d-running"))
    }

    async fn deploy_service(&self, app: &AppId, service: &str) -> Result<DeploymentId> {
        let mut state = self.state()?;
        super::apps::named(&mut state.app(&app.0)?.0, service)?;
        Ok(DeploymentId::from("d-running"))
    }

    async fn plan(&self, app: &AppId) -> Result<AppPlan> {
        let mut state = self.state()?;
        if state.app(&app.0)?.0.line.state == AppState::Empty {
            return Ok(AppPlan {
                actions: Vec::new(),
                notes: vec!["The image is not built yet.".to_owned()],
            });
        }
        let planned = state.deployments.iter().find_map(|deployment| deployment.plan.clone());
        let notes = vec!["Planned with commit 8d1f2c3a, which serves <here>.".to_owned()];
        Ok(AppPlan { actions: planned.unwrap_or_default(), notes })
    }

    async fn approvals(&self, id: &DeploymentId) -> Result<ApprovalsView> {
        let known = self.deployment(id).await?;
        if known.line.state != DeploymentState::AwaitingApproval {
            return Ok(ApprovalsView::default());
        }
        let until = Some(crate::api::Time(self.now.0 + 6 * 86_400_000));
        Ok(ApprovalsView { needed: 2, decisions: Vec::new(), until, mine: true, rejects: true })
    }

    async fn approve(&self, id: &DeploymentId, _comment: Option<&str>) -> Result<()> {
        self.decide(id, DeploymentState::Queued)
    }

    async fn reject(&self, id: &DeploymentId, _comment: Option<&str>) -> Result<()> {
        self.decide(id, DeploymentState::Rejected)
    }

    async fn cancel(&self, id: &DeploymentId) -> Result<()> {
        let mut state = self.state()?;
        let found = state.deployments.iter_mut().find(|d| d.line.id == *id).ok_or(Error::NotFound)?;
        if found.line.state.ended() {
            return Err(Error::Conflict("It has ended already.".into()));
        }
        found.cancelling = true;
        Ok(())
    }

    async fn go_on(&self, id: &DeploymentId) -> Result<()> {
        self.shift(id, |shift| {
            (shift.step, shift.weight, shift.by_hand) = (shift.steps, 50, false);
        })
    }

    async fn hold(&self, id: &DeploymentId) -> Result<()> {
        self.shift(id, |shift| shift.by_hand = true)
    }

    async fn releases(&self, app: &AppId) -> Result<Vec<ReleaseView>> {
        let mut state = self.state()?;
        if state.app(&app.0)?.0.line.state == AppState::Empty {
            return Ok(Vec::new());
        }
        Ok(state.deployments.iter().filter_map(|d| d.release.clone()).collect())
    }

    async fn roll_back(&self, app: &AppId, to: &ReleaseId, _reason: Option<&str>) -> Result<DeploymentId> {
        let mut state = self.state()?;
        state.app(&app.0)?;
        let release = state.deployments.iter().filter_map(|d| d.release.as_ref()).find(|r| r.id == *to);
        match release {
            None => Err(Error::NotFound),
            Some(release) if !release.kept => {
                Err(Error::Conflict("Its image is gone from the cluster.".into()))
            }
            Some(_) => state
                .deployments
                .iter()
                .find(|d| d.line.state != DeploymentState::Live)
                .map(|d| d.line.id.clone())
                .ok_or(Error::NotFound),
        }
    }
}

impl Fake {
    /// Takes a deployment on from where it awaits approval.
    /// Changes where the visitors of a deployment are.
    fn shift(&self, id: &DeploymentId, change: impl FnOnce(&mut ShiftView)) -> Result<()> {
        let mut state = self.state()?;
        let found = state.deployments.iter_mut().find(|d| d.line.id == *id).ok_or(Error::NotFound)?;
        let nobody = || Error::Conflict("It leads no visitors over now.".into());
        change(found.shift.as_mut().ok_or_else(nobody)?);
        Ok(())
    }

    fn decide(&self, id: &DeploymentId, to: DeploymentState) -> Result<()> {
        let mut state = self.state()?;
        let found = state.deployments.iter_mut().find(|d| d.line.id == *id).ok_or(Error::NotFound)?;
        if found.line.state != DeploymentState::AwaitingApproval {
            return Err(Error::Conflict("It does not await approval.".into()));
        }
        found.line.state = to;
        Ok(())
    }
}
