//! Projects, environments, and the first page.

use async_trait::async_trait;
use skep_web::api::{
    self, EnvironmentId, EnvironmentView, Overview, ProjectId, ProjectView, ProtectionView, Result,
};

use super::{
    Web,
    fields::{Fields, id},
    lines::Board,
    nodes::engine_view,
};
use crate::{
    control::{
        self, Error,
        glance::{glance, of_environment, of_project},
    },
    domain::{
        name::{DisplayName, Slug},
        protection::Protection,
    },
};

#[async_trait]
impl api::Projects for Web {
    async fn overview(&self) -> Result<Overview> {
        let cx = self.cx()?;
        let (glance, seen) = tokio::join!(glance(&cx), self.looker().look());
        let glance = glance.map_err(|e| self.told(e))?;
        let board = Board::new(&glance, &seen, cx.now(), cx.parts.instance.https_port);
        Ok(Overview {
            engine: engine_view(&seen),
            projects: board.projects(),
            active: board.deployments(&glance.open),
            recent: board.deployments(&glance.ended),
        })
    }

    async fn project(&self, project: &ProjectId) -> Result<ProjectView> {
        let cx = self.cx()?;
        let project = id(&project.0).map_err(|e| self.told(e))?;
        let (glance, seen) = tokio::join!(of_project(&cx, project), self.looker().look());
        let glance = glance.map_err(|e| self.told(e))?;
        let board = Board::new(&glance, &seen, cx.now(), cx.parts.instance.https_port);
        let found = glance.projects.iter().find(|found| found.id == project);
        found.map(|project| board.project(project)).ok_or(api::Error::NotFound)
    }

    async fn create_project(&self, name: &str, title: &str, environment: &str) -> Result<ProjectId> {
        let cx = self.cx()?;
        let mut fields = Fields::default();
        let name = fields.take("name", Slug::parse(name));
        let title = match title.trim() {
            "" => None,
            title => fields.take("title", DisplayName::parse(title)),
        };
        let environment = match environment.trim() {
            "" => fields.take("environment", Slug::parse("production")),
            environment => fields.take("environment", Slug::parse(environment)),
        };
        let (name, environment) = fields.all(name.zip(environment)).map_err(|e| self.told(e))?;
        let made = control::projects::create_with(&cx, name, title, environment).await;
        made.map(|(project, _)| ProjectId(project.id.to_string())).map_err(|e| self.told(e))
    }

    async fn delete_project(&self, project: &ProjectId) -> Result<()> {
        let cx = self.cx()?;
        let project = id(&project.0).map_err(|e| self.told(e))?;
        control::projects::delete(&cx, project).await.map_err(|e| self.told(e))
    }

    async fn environment(&self, environment: &EnvironmentId) -> Result<EnvironmentView> {
        let cx = self.cx()?;
        let environment = id(&environment.0).map_err(|e| self.told(e))?;
        let (glance, seen) = tokio::join!(of_environment(&cx, environment), self.looker().look());
        let glance = glance.map_err(|e| self.told(e))?;
        let board = Board::new(&glance, &seen, cx.now(), cx.parts.instance.https_port);
        let found = glance.environments.iter().find(|found| found.id == environment);
        let project = |e: &crate::domain::project::Environment| {
            glance.projects.iter().find(|project| project.id == e.project)
        };
        let place = found.and_then(|environment| Some((project(environment)?, environment)));
        place
            .map(|(project, environment)| board.environment(project, environment))
            .ok_or(api::Error::NotFound)
    }

    async fn create_environment(&self, project: &ProjectId, name: &str) -> Result<EnvironmentId> {
        let cx = self.cx()?;
        let name = Slug::parse(name).map_err(|wrong| self.told(Error::wrong("name", wrong)))?;
        let project = id(&project.0).map_err(|e| self.told(e))?;
        let made = control::environments::create(&cx, project, name).await;
        made.map(|environment| EnvironmentId(environment.id.to_string())).map_err(|e| self.told(e))
    }

    async fn protection(&self, environment: &EnvironmentId) -> Result<ProtectionView> {
        let cx = self.cx()?;
        let environment = id(&environment.0).map_err(|e| self.told(e))?;
        let rules = control::protection::get(&cx, environment).await.map_err(|e| self.told(e))?;
        let protected = rules.is_some();
        let rules = rules.unwrap_or_default();
        Ok(ProtectionView {
            protected,
            approvals: u32::try_from(rules.approvals).unwrap_or_default(),
            reason_required: rules.reason_required,
            branches: rules.branches,
            pushes: rules.pushes,
            rollback_without_approval: rules.rollback_without_approval,
        })
    }

    async fn protect(&self, environment: &EnvironmentId, rules: ProtectionView) -> Result<()> {
        let cx = self.cx()?;
        let environment = id(&environment.0).map_err(|e| self.told(e))?;
        let rules = rules.protected.then(|| Protection {
            approvals: rules.approvals.into(),
            reason_required: rules.reason_required,
            branches: rules.branches,
            pushes: rules.pushes,
            rollback_without_approval: rules.rollback_without_approval,
        });
        // The form has all branches in one field.
        let one = |mut error: Error| {
            if let Error::Invalid(faults) = &mut error {
                for fault in faults.iter_mut().filter(|fault| fault.field.starts_with("branches[")) {
                    fault.field = "branches".to_owned();
                }
            }
            error
        };
        control::protection::set(&cx, environment, rules).await.map(drop).map_err(|e| self.told(one(e)))
    }

    async fn reset_environment(&self, environment: &EnvironmentId, volumes: bool) -> Result<()> {
        let cx = self.cx()?;
        let environment = id(&environment.0).map_err(|e| self.told(e))?;
        control::environments::reset(&cx, environment, volumes).await.map(drop).map_err(|e| self.told(e))
    }

    async fn delete_environment(&self, environment: &EnvironmentId) -> Result<()> {
        let cx = self.cx()?;
        let environment = id(&environment.0).map_err(|e| self.told(e))?;
        control::environments::delete(&cx, environment).await.map_err(|e| self.told(e))
    }
}
