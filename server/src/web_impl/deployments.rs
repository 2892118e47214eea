//! Deployments: history, progress, and the ways to start and stop one.

use async_trait::async_trait;
use skep_web::api::{
    self, AppId, AppPlan, ApprovalsView, DecisionView, DeploymentId, DeploymentPage, DeploymentView,
    FailureView, LogLine, ReleaseId, ReleaseView, Result, ShiftView, StepState, StepView,
};

use super::{
    Web,
    fields::{id, time},
    lines::{deployment_line, step, title},
    releases::{action_view, change_view, release_view},
};
use crate::{
    control::{
        self, Ctx, Error,
        approvals::Approvals,
        glance::names,
        progress::{self, Progress},
    },
    domain::{deployment::Failure, name::Email, protection::Decision, shift::Shift},
};

#[async_trait]
impl api::Deployments for Web {
    async fn deployments(&self, app: &AppId, before: Option<i64>, limit: u32) -> Result<DeploymentPage> {
        let cx = self.cx()?;
        page(&cx, app, before, limit).await.map_err(|e| self.told(e))
    }

    async fn deployment(&self, deployment: &DeploymentId) -> Result<DeploymentView> {
        let cx = self.cx()?;
        view(&cx, deployment).await.map_err(|e| self.told(e))
    }

    async fn deployment_log(&self, deployment: &DeploymentId, limit: u32) -> Result<Vec<LogLine>> {
        let cx = self.cx()?;
        let deployment = id(&deployment.0).map_err(|e| self.told(e))?;
        let lines = match control::detail::log_tail(&cx, deployment, i64::from(limit)).await {
            // Who may not read logs sees how the deployment stands all the same.
            Err(control::Error::Forbidden(_)) => Ok(Vec::new()),
            lines => lines,
        };
        let line = |line: crate::db::log::Line| LogLine {
            seq: line.seq,
            at: time(line.at),
            step: Some(step(line.step)),
            text: line.line,
        };
        Ok(lines.map_err(|e| self.told(e))?.into_iter().map(line).collect())
    }

    async fn deploy(&self, app: &AppId, reason: Option<&str>) -> Result<DeploymentId> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let queued = control::deployments::create(&cx, app, reason.map(str::to_owned), None).await;
        queued.map(|deployment| DeploymentId(deployment.id.to_string())).map_err(|e| self.told(e))
    }

    async fn deploy_service(&self, app: &AppId, service: &str) -> Result<DeploymentId> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let service = vec![service.to_owned()];
        let queued = control::deployments::create_part(&cx, app, None, None, service).await;
        queued.map(|deployment| DeploymentId(deployment.id.to_string())).map_err(|e| self.told(e))
    }

    async fn plan(&self, app: &AppId) -> Result<AppPlan> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let preview = control::apps::plan(&cx, app, Vec::new()).await.map_err(|e| self.told(e))?;
        let actions = preview.actions.into_iter().filter_map(action_view).collect();
        Ok(AppPlan { actions, notes: preview.notes })
    }

    async fn approvals(&self, deployment: &DeploymentId) -> Result<ApprovalsView> {
        let cx = self.cx()?;
        let deployment = id(&deployment.0).map_err(|e| self.told(e))?;
        control::approvals::of(&cx, deployment).await.map(approvals_view).map_err(|e| self.told(e))
    }

    async fn approve(&self, deployment: &DeploymentId, comment: Option<&str>) -> Result<()> {
        let cx = self.cx()?;
        let deployment = id(&deployment.0).map_err(|e| self.told(e))?;
        let done = control::approvals::approve(&cx, deployment, comment.map(str::to_owned)).await;
        done.map(drop).map_err(|e| self.told(e))
    }

    async fn reject(&self, deployment: &DeploymentId, comment: Option<&str>) -> Result<()> {
        let cx = self.cx()?;
        let deployment = id(&deployment.0).map_err(|e| self.told(e))?;
        let done = control::approvals::reject(&cx, deployment, comment.map(str::to_owned)).await;
        done.map(drop).map_err(|e| self.told(e))
    }

    async fn cancel(&self, deployment: &DeploymentId) -> Result<()> {
        let cx = self.cx()?;
        let deployment = id(&deployment.0).map_err(|e| self.told(e))?;
        control::deployments::cancel(&cx, deployment).await.map(drop).map_err(|e| self.told(e))
    }

    async fn go_on(&self, deployment: &DeploymentId) -> Result<()> {
        let cx = self.cx()?;
        let deployment = id(&deployment.0).map_err(|e| self.told(e))?;
        control::shifts::go_on(&cx, deployment).await.map(drop).map_err(|e| self.told(e))
    }

    async fn hold(&self, deployment: &DeploymentId) -> Result<()> {
        let cx = self.cx()?;
        let deployment = id(&deployment.0).map_err(|e| self.told(e))?;
        control::shifts::hold(&cx, deployment).await.map(drop).map_err(|e| self.told(e))
    }

    async fn releases(&self, app: &AppId) -> Result<Vec<ReleaseView>> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let releases = control::detail::releases(&cx, app).await.map_err(|e| self.told(e))?;
        Ok(releases.into_iter().map(|(release, title)| release_view(&release, title)).collect())
    }

    async fn roll_back(&self, app: &AppId, to: &ReleaseId, reason: Option<&str>) -> Result<DeploymentId> {
        let cx = self.cx()?;
        let app = id(&app.0).map_err(|e| self.told(e))?;
        let to = id(&to.0).map_err(|e| self.told(e))?;
        let queued = control::deployments::rollback(&cx, app, Some(to), reason.map(str::to_owned)).await;
        queued.map(|deployment| DeploymentId(deployment.id.to_string())).map_err(|e| self.told(e))
    }
}

async fn page(
    cx: &Ctx,
    app: &AppId,
    before: Option<i64>,
    limit: u32,
) -> std::result::Result<DeploymentPage, Error> {
    let app = id(&app.0)?;
    let placed = control::apps::placed(cx, app).await?;
    let limit = i64::from(limit.clamp(1, 100));
    let found = control::deployments::list(cx, app, before, limit).await?;
    let names = names(cx, &found).await?;
    let place = title(&placed.project, &placed.environment, &placed.app);
    let last = found.last().map(|deployment| deployment.number);
    Ok(DeploymentPage {
        items: found.iter().map(|d| deployment_line(d, place.clone(), &names)).collect(),
        // Numbers have no gaps and begin at 1.
        next: last.filter(|number| *number > 1 && found.len() as i64 == limit),
        total: control::detail::count(cx, app).await?,
    })
}

async fn view(cx: &Ctx, deployment: &DeploymentId) -> std::result::Result<DeploymentView, Error> {
    let deployment = id(&deployment.0)?;
    let (_, steps) = progress::progress(cx, deployment).await?;
    let detail = control::detail::deployment(cx, deployment).await?;
    let (placed, deployment) = (&detail.placed, &detail.deployment);
    let names = names(cx, std::slice::from_ref(deployment)).await?;
    let place = title(&placed.project, &placed.environment, &placed.app);
    Ok(DeploymentView {
        line: deployment_line(deployment, place, &names),
        app_name: placed.app.name.to_string(),
        steps: steps.into_iter().map(step_view).collect(),
        failure: deployment.failure.as_ref().map(failure_view),
        cancelling: deployment.cancel && !deployment.state.ended(),
        plan: detail.plan.map(|lines| lines.into_iter().filter_map(action_view).collect()),
        release_diff: detail.changes.map(|changes| changes.into_iter().map(change_view).collect()),
        release: detail.release.as_ref().map(|release| release_view(release, deployment.title.clone())),
        shift: detail.shift.as_ref().filter(|_| !deployment.state.ended()).map(shift_view),
    })
}

fn shift_view(shift: &Shift) -> ShiftView {
    ShiftView {
        weight: shift.weight,
        step: u32::try_from(shift.position + 1).unwrap_or_default(),
        steps: u32::try_from(shift.positions).unwrap_or_default(),
        until: time(shift.until),
        by_hand: shift.by_hand,
    }
}

fn approvals_view(all: Approvals) -> ApprovalsView {
    let decision = |(decision, email): (Decision, Option<Email>)| DecisionView {
        email: email.map_or_else(|| "a former member".to_owned(), |email| email.to_string()),
        approved: decision.approved,
        comment: decision.comment,
        at: time(decision.at),
    };
    ApprovalsView {
        needed: u32::try_from(all.needed).unwrap_or_default(),
        decisions: all.given.into_iter().map(decision).collect(),
        until: all.until.map(time),
        mine: all.mine,
        rejects: all.rejects,
    }
}

fn failure_view(failure: &Failure) -> FailureView {
    FailureView {
        step: step(failure.step),
        code: failure.code.clone(),
        message: failure.message.clone(),
        log_tail: failure.log_tail.clone(),
    }
}

fn step_view(at: Progress) -> StepView {
    StepView {
        step: step(at.step),
        state: match at.state {
            progress::StepState::Waiting => StepState::Waiting,
            progress::StepState::Running => StepState::Running,
            progress::StepState::Done => StepState::Done,
            progress::StepState::Failed => StepState::Failed,
            progress::StepState::Skipped => StepState::Skipped,
        },
        started_at: at.started_at.map(time),
        finished_at: at.finished_at.map(time),
    }
}
