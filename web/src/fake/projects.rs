//! Projects and environments.

use super::{Fake, Mood, check_name};
use crate::api::{
    DeploymentLine, EnvironmentId, EnvironmentView, Error, Nodes as _, Overview, ProjectId, ProjectView,
    Projects, ProtectionView, Result,
};

#[async_trait::async_trait]
impl Projects for Fake {
    async fn overview(&self) -> Result<Overview> {
        let engine = self.engine().await?;
        let state = self.state()?;
        let lines = |ended: bool| -> Vec<DeploymentLine> {
            let all = state.deployments.iter().map(|deployment| &deployment.line);
            all.filter(|line| line.state.ended() == ended).take(6).cloned().collect()
        };
        Ok(Overview { engine, projects: state.projects.clone(), active: lines(false), recent: lines(true) })
    }

    async fn project(&self, id: &ProjectId) -> Result<ProjectView> {
        self.state()?.projects.iter().find(|project| project.id == *id).cloned().ok_or(Error::NotFound)
    }

    async fn create_project(&self, name: &str, title: &str, environment: &str) -> Result<ProjectId> {
        check_name("name", name)?;
        check_name("environment", environment)?;
        let mut state = self.state()?;
        if state.projects.iter().any(|project| project.name == name) {
            return Err(Error::invalid("name", "is taken by another project"));
        }
        let (id, environment_id) = (ProjectId(state.id()), EnvironmentId(state.id()));
        state.projects.push(ProjectView {
            id: id.clone(),
            name: name.into(),
            title: title.into(),
            environments: vec![EnvironmentView {
                id: environment_id,
                project: id.clone(),
                project_title: title.into(),
                name: environment.into(),
                apps: Vec::new(),
            }],
        });
        Ok(id)
    }

    async fn delete_project(&self, id: &ProjectId) -> Result<()> {
        let mut state = self.state()?;
        let project = state.projects.iter().find(|project| project.id == *id).ok_or(Error::NotFound)?;
        if project.environments.iter().any(|environment| !environment.apps.is_empty()) {
            return Err(Error::Conflict("It has apps. Delete them first.".into()));
        }
        state.projects.retain(|project| project.id != *id);
        Ok(())
    }

    async fn environment(&self, id: &EnvironmentId) -> Result<EnvironmentView> {
        self.state()?.environment(&id.0).cloned()
    }

    async fn create_environment(&self, project: &ProjectId, name: &str) -> Result<EnvironmentId> {
        check_name("name", name)?;
        let mut state = self.state()?;
        let id = EnvironmentId(state.id());
        let project = state.projects.iter_mut().find(|p| p.id == *project).ok_or(Error::NotFound)?;
        project.environments.push(EnvironmentView {
            id: id.clone(),
            project: project.id.clone(),
            project_title: project.title.clone(),
            name: name.into(),
            apps: Vec::new(),
        });
        Ok(id)
    }

    async fn protection(&self, id: &EnvironmentId) -> Result<ProtectionView> {
        self.state()?.environment(&id.0)?;
        Ok(ProtectionView {
            protected: false,
            approvals: 0,
            reason_required: false,
            branches: Vec::new(),
            pushes: true,
            rollback_without_approval: true,
        })
    }

    async fn protect(&self, id: &EnvironmentId, rules: ProtectionView) -> Result<()> {
        self.state()?.environment(&id.0)?;
        if rules.approvals > 2 {
            return Err(Error::invalid("approvals", "must be 0 to 2"));
        }
        Ok(())
    }

    async fn reset_environment(&self, id: &EnvironmentId, _volumes: bool) -> Result<()> {
        self.state()?.environment(&id.0)?.apps.clear();
        Ok(())
    }

    async fn delete_environment(&self, id: &EnvironmentId) -> Result<()> {
        let mut state = self.state()?;
        if !state.environment(&id.0)?.apps.is_empty() && self.mood != Mood::Empty {
            return Err(Error::Conflict("It has apps. Delete them first.".into()));
        }
        for project in &mut state.projects {
            project.environments.retain(|environment| environment.id != *id);
        }
        Ok(())
    }
}
