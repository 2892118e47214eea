//! Places of a team by their names, for people: the whole team, projects and environments.

use crate::{
    control::{Ctx, Error, environments, projects},
    domain::{fault::Wrong, right::Place},
};

/// The places that the actor sees, each with its name; the team first.
pub(super) struct Places(pub(super) Vec<(Place, String)>);

impl Places {
    /// All of them.
    pub(super) async fn of(cx: &Ctx) -> Result<Self, Error> {
        let mut places = vec![(Place::Team, "the whole team".to_owned())];
        let environments = environments::list(cx).await?;
        for project in projects::list(cx).await? {
            places.push((Place::Project(project.id), project.name.to_string()));
            for environment in environments.iter().filter(|environment| environment.project == project.id) {
                let name = format!("{} / {}", project.name, environment.name);
                places.push((Place::Environment(environment.id), name));
            }
        }
        Ok(Self(places))
    }

    /// The name of one.
    pub(super) fn name(&self, place: Place) -> String {
        let found = self.0.iter().find(|(known, _)| *known == place);
        found.map_or_else(|| "a place that you do not see".to_owned(), |(_, name)| name.clone())
    }

    /// As forms have them: the place's text and its name.
    pub(super) fn choices(self) -> Vec<(String, String)> {
        self.0.into_iter().map(|(place, name)| (place.to_string(), name)).collect()
    }
}

/// A place as a form has it.
pub(super) fn place(text: &str) -> Result<Place, Error> {
    Place::named(text).ok_or_else(|| Error::wrong("place", Wrong::new("must be one of the list")))
}
