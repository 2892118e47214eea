//! What is built for the services of a Compose file.

use std::collections::BTreeMap;

use skep_stack::compose::{Kept, Recipe};

use super::Composed;
use crate::{
    build::Asked,
    deploy::run::Stop,
    domain::{
        app::Build,
        name::{RelPath, Slug},
        secret::Secret,
        step::Step,
    },
};

impl Composed {
    /// The build of a service as an app's own build settings.
    ///
    /// # Errors
    /// A path or a stage is none.
    pub fn build(&self, service: &str, recipe: &Recipe) -> Result<Build, Stop> {
        let wrong = |what: &str, why: &dyn std::fmt::Display| {
            let message = format!("services.{service}.build.{what}: {why}");
            Stop::failed(Step::Build, "invalid_settings", message)
        };
        let context = self.place(&recipe.context)?;
        let path = RelPath::parse(format!("{context}/{}", recipe.dockerfile).trim_start_matches('/'))
            .map_err(|e| wrong("dockerfile", &e))?;
        let target = recipe.target.as_deref().map(Slug::parse);
        let target = target.transpose().map_err(|e| wrong("target", &e))?;
        Ok(Build::Dockerfile {
            path,
            context,
            target,
            args: recipe.args.clone(),
            secrets: Vec::new(),
            no_cache: recipe.no_cache,
        })
    }

    /// What the build of a service asks for beside that, but for its further contexts.
    ///
    /// # Errors
    /// `secret_missing`: a variable that is not set, or a file that is not there or no text.
    pub fn asked(
        &self,
        service: &str,
        recipe: &Recipe,
        env: &BTreeMap<String, String>,
    ) -> Result<Asked, Stop> {
        let value = |(id, kept): (&String, &Kept)| {
            let (value, what) = match kept {
                Kept::Variable(key) => (env.get(key).cloned(), format!("the variable {key} is not set")),
                Kept::File(path) => {
                    let text = self.files.get(path).and_then(|bytes| String::from_utf8(bytes.clone()).ok());
                    (text, format!("'{path}' is no text file of the source"))
                }
            };
            let missing = || {
                let message = format!("services.{service}.build.secrets: for the secret {id}, {what}");
                Stop::failed(Step::Build, "secret_missing", message)
            };
            Ok((id.clone(), Secret::new(value.ok_or_else(missing)?)))
        };
        Ok(Asked {
            inline: recipe.inline.clone(),
            labels: recipe.labels.clone(),
            secrets: recipe.secrets.iter().map(value).collect::<Result<_, Stop>>()?,
            hosts: recipe.hosts.clone(),
            offline: recipe.offline,
            pull: recipe.pull,
            ..Asked::default()
        })
    }

    /// The build of an image that holds a folder, and nothing else.
    ///
    /// # Errors
    /// The folder is none of the source.
    pub fn copied(&self, folder: &str) -> Result<(Build, Asked), Stop> {
        let context = self.place(folder)?;
        let build = Build::Dockerfile {
            path: context.clone(),
            context,
            target: None,
            args: BTreeMap::new(),
            secrets: Vec::new(),
            no_cache: false,
        };
        let inline = Some("FROM scratch\nCOPY files/ /\n".to_owned());
        Ok((build, Asked { inline, below: "files", ..Asked::default() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(folder: &str, text: &str) -> Composed {
        Composed { folder: folder.to_owned(), ..Composed::text(text) }
    }

    #[test]
    fn paths_begin_at_the_file_and_stay_inside() {
        let file = "services:\n  a: {build: {context: ./web, dockerfile: docker/Dockerfile, target: run, args: {A: '1'}}}\n  b: {build: .}\n";
        let here = composed("deploy", file);
        let outline = here.outline(Step::Build, &BTreeMap::new()).unwrap();
        let build = |composed: &Composed, name: &str| composed.build(name, &outline.builds[name]).unwrap();
        let Build::Dockerfile { path, context, target, args, .. } = build(&here, "a") else { panic!() };
        assert_eq!((path.as_str(), context.as_str()), ("deploy/web/docker/Dockerfile", "deploy/web"));
        assert_eq!((target.as_ref().unwrap().as_str(), args["A"].as_str()), ("run", "1"));
        let Build::Dockerfile { path, context, .. } = build(&here, "b") else { panic!() };
        assert_eq!((path.as_str(), context.as_str()), ("deploy/Dockerfile", "deploy"));
        let Build::Dockerfile { path, context, .. } = build(&composed("", file), "b") else { panic!() };
        assert_eq!((path.as_str(), context.as_str()), ("Dockerfile", ""));
    }

    #[test]
    fn secrets_of_builds_are_read_from_variables_and_files() {
        let file = "services:
  a: {build: {context: ., secrets: [key, {source: pem, target: cert}]}}
secrets: {key: {environment: KEY}, pem: {file: ./pem}}
";
        let mut here = composed("", file);
        let env = BTreeMap::from([("KEY".to_owned(), "k3y".to_owned())]);
        let outline = here.outline(Step::Build, &env).unwrap();
        let asked = |here: &Composed, env| here.asked("a", &outline.builds["a"], env);
        let why = asked(&here, &env).unwrap_err().to_string();
        assert!(
            why.contains("services.a.build.secrets: for the secret cert, './pem' is no text file"),
            "{why}"
        );
        here.files.insert("./pem".to_owned(), b"p3m".to_vec());
        let found = asked(&here, &env).unwrap().secrets;
        assert_eq!((found["key"].expose(), found["cert"].expose()), ("k3y", "p3m"));
        let why = asked(&here, &BTreeMap::new()).unwrap_err().to_string();
        assert!(why.contains("the variable KEY is not set"), "{why}");
    }
}
