//! Apps.

use super::{Fake, Mood, check_name, sample};
use crate::api::{
    AppId, AppLogLine, AppState, AppView, Apps, Archive, Configuration, EnvironmentId, Error, Fault, NewApp,
    Result, ServiceView, Source, Time,
};

#[async_trait::async_trait]
impl Apps for Fake {
    async fn create_app(&self, environment: &EnvironmentId, new: NewApp) -> Result<AppId> {
        check_name("name", &new.name)?;
        let mut faults = Vec::new();
        match &new.source {
            Source::Git { url, .. } if !url.starts_with("https://") && !url.starts_with("git@") => {
                faults.push(Fault::new("source.url", "must be an https or ssh address of a repository"));
            }
            Source::Image { image, .. } if image.is_empty() => {
                faults.push(Fault::new(
                    "source.image",
                    "must be an image reference like `ghcr.io/team/app:1.2`",
                ));
            }
            _ => {}
        }
        if new.host.as_deref().is_some_and(|host| !host.contains('.')) {
            faults.push(Fault::new("host", "must be a public host name with a domain"));
        }
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        let mut state = self.state()?;
        let id = state.id();
        let place = state.environment(&environment.0)?;
        let line = sample::line(&id, &new.name, AppState::Empty, None, 1, "new");
        place.apps.push(line.clone());
        let app = sample::app(line, place, self.now);
        let configuration = Configuration {
            source: new.source,
            build: new.build,
            settings: new.settings,
            auto_deploy: new.auto_deploy,
        };
        state.apps.push((app, configuration));
        Ok(AppId(id))
    }

    async fn app(&self, id: &AppId) -> Result<AppView> {
        self.state()?.app(&id.0).map(|(app, _)| app.clone())
    }

    async fn configuration(&self, id: &AppId) -> Result<Configuration> {
        self.state()?.app(&id.0).map(|(_, configuration)| configuration.clone())
    }

    async fn configure(&self, id: &AppId, configuration: Configuration) -> Result<()> {
        let mut state = self.state()?;
        let memory = configuration.settings.resources.memory.as_deref();
        if memory.is_some_and(|memory| !memory.ends_with(['k', 'm', 'g'])) {
            return Err(Error::invalid(
                "settings.resources.memory",
                "must be a size with a unit: `256m`, `1g`",
            ));
        }
        state.app(&id.0)?.1 = configuration;
        Ok(())
    }

    async fn upload(&self, id: &AppId, mut archive: Archive<'_>) -> Result<String> {
        let mut bytes = 0;
        while let Some(piece) = std::future::poll_fn(|cx| archive.as_mut().poll_next(cx)).await {
            bytes += piece.map_err(|_| Error::invalid("archive", "did not arrive whole"))?.len();
        }
        self.state()?.app(&id.0)?;
        if bytes == 0 { Err(Error::invalid("archive", "is empty")) } else { Ok(format!("{bytes:064x}")) }
    }

    async fn start(&self, id: &AppId) -> Result<()> {
        self.state()?.app(&id.0)?.0.line.state = AppState::Running;
        Ok(())
    }

    async fn stop(&self, id: &AppId) -> Result<()> {
        self.engine_answers()?;
        self.state()?.app(&id.0)?.0.line.state = AppState::Stopped;
        Ok(())
    }

    async fn restart(&self, id: &AppId, service: Option<&str>) -> Result<()> {
        self.engine_answers()?;
        let mut state = self.state()?;
        service.map_or(Ok(()), |name| named(&mut state.app(&id.0)?.0, name).map(drop))
    }

    async fn scale(&self, id: &AppId, service: Option<&str>, replicas: u64) -> Result<()> {
        if replicas > 100 {
            return Err(Error::invalid("replicas", "must be from 0 to 100"));
        }
        let mut state = self.state()?;
        let app = &mut state.app(&id.0)?.0;
        match service {
            None => app.replicas = replicas,
            Some(name) => {
                let service = named(app, name)?;
                if service.single_writer && replicas > 1 {
                    return Err(Error::invalid(
                        "replicas",
                        "must be 0 or 1: one task alone writes to its volume",
                    ));
                }
                service.replicas = Some(replicas);
            }
        }
        Ok(())
    }

    async fn delete_app(&self, id: &AppId, name: &str, _volumes: bool) -> Result<()> {
        let mut state = self.state()?;
        if state.app(&id.0)?.0.line.name != name {
            return Err(Error::invalid("name", "is not the app's name"));
        }
        state.apps.retain(|(app, _)| app.line.id != *id);
        Ok(())
    }

    async fn app_log(&self, id: &AppId, service: Option<&str>, tail: u32) -> Result<Vec<AppLogLine>> {
        self.engine_answers()?;
        let mut state = self.state()?;
        let app = &mut state.app(&id.0)?.0;
        if let Some(name) = service {
            named(app, name)?;
        }
        let empty = app.line.state == AppState::Empty;
        if empty || self.mood == Mood::Empty {
            return Ok(Vec::new());
        }
        let texts = [
            "GET /products 200 12 ms",
            "GET /cart 200 31 ms",
            "POST /orders 201 88 ms",
            "<script>alert(1)</script> is only text",
            "payment provider slow: 2310 ms",
        ];
        let count = i64::from(tail.min(60));
        Ok((0..count)
            .map(|n| AppLogLine {
                at: Some(Time(self.now.0 - (count - n) * 1_700)),
                replica: format!("{}.{}", service.unwrap_or("web"), n % 2 + 1),
                stderr: n % 5 == 4,
                text: texts[usize::try_from(n).unwrap_or_default() % texts.len()].into(),
            })
            .collect())
    }
}

pub(super) fn named<'a>(app: &'a mut AppView, name: &str) -> Result<&'a mut ServiceView> {
    let found = app.services.iter_mut().find(|service| service.name == name);
    found.ok_or_else(|| Error::invalid("service", "must be one of the app's services"))
}
