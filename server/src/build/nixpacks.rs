//! By Nixpacks: it looks at the source, plans, and writes a Dockerfile.

use std::{collections::BTreeMap, fs, path::Path};

use nixpacks::nixpacks::{
    builder::docker::DockerBuilderOptions,
    plan::{BuildPlan, generator::GeneratePlanOptions},
};

use super::{BuildError, Order, Recipe, frontend, inside::inside};
use crate::domain::name::RelPath;

/// The folder of its own files in the context.
const OWN: &str = ".nixpacks";

/// The recipe.
///
/// # Errors
/// `path_outside_repository`, `folder_missing`, `nixpacks_no_plan`, `nixpacks_failed`.
pub(super) async fn recipe(folder: &RelPath, order: Order) -> Result<Recipe, BuildError> {
    let context = inside(&order.folder, folder.as_str(), "folder", "folder_missing")?;
    // Blocking, and not ours: a panic in it must end the build only.
    let made = tokio::task::spawn_blocking(move || make(context, order));
    made.await.unwrap_or_else(|_| Err(failed("it broke down; use a Dockerfile instead")))
}

fn make(context: std::path::PathBuf, order: Order) -> Result<Recipe, BuildError> {
    // Nixpacks reads files wherever links lead.
    refuse_links_out(&context)?;
    let path = context.to_str().ok_or_else(|| failed("the folder's name is not valid UTF-8"))?;
    // Without a value it would read the variable from our own environment.
    let steers = |(key, value): &(&String, &String)| key.starts_with("NIXPACKS_") && !value.is_empty();
    let variables: Vec<String> =
        order.variables.iter().filter(steers).map(|(key, value)| format!("{key}={value}")).collect();
    let variables: Vec<&str> = variables.iter().map(String::as_str).collect();
    let options = GeneratePlanOptions::default();
    let plan = nixpacks::generate_build_plan(path, variables.clone(), &options)
        .map_err(|e| failed(&format!("{e:#}")))?;
    refuse_no_plan(&plan)?;

    let out = tempfile::tempdir().map_err(|error| BuildError::Unavailable(error.to_string()))?;
    let docker = DockerBuilderOptions {
        out_dir: Some(out.path().to_string_lossy().into_owned()),
        name: Some(order.tag.clone()),
        ..DockerBuilderOptions::default()
    };
    // It only writes files, as it has an output folder: no engine, no network.
    futures::executor::block_on(nixpacks::create_docker_image(path, variables, &options, &docker))
        .map_err(|error| failed(&format!("{error:#}")))?;
    let mut files = BTreeMap::new();
    read_all(&out.path().join(OWN), OWN, &mut files)
        .map_err(|error| BuildError::Unavailable(error.to_string()))?;
    let dockerfile = files
        .remove(&format!("{OWN}/Dockerfile"))
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| failed("it wrote no Dockerfile"))?;
    files.remove(&format!("{OWN}/build.sh"));
    // Its own configuration file in the source can put any line there.
    let args = plan.variables.unwrap_or_default();
    frontend::check(&dockerfile, &args, &order.own)?;
    args.keys().try_for_each(|name| frontend::check_argument(name))?;
    let ignore = fs::read_to_string(context.join(".dockerignore")).unwrap_or_default();
    Ok(Recipe { context, files, dockerfile, ignore, args, ..Recipe::of(order) })
}

fn refuse_no_plan(plan: &BuildPlan) -> Result<(), BuildError> {
    let phases = plan.phases.as_ref().is_some_and(|phases| !phases.is_empty());
    let start = plan.start_phase.as_ref().is_some_and(|start| start.cmd.is_some());
    if phases && start {
        return Ok(());
    }
    let lacks = if phases { "no command that starts the app" } else { "no language that it knows" };
    Err(BuildError::Failed {
        code: "nixpacks_no_plan",
        message: format!(
            "Nixpacks found {lacks}: add a Procfile or nixpacks.toml, or build with a Dockerfile"
        ),
    })
}

fn refuse_links_out(top: &Path) -> Result<(), BuildError> {
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let items = fs::read_dir(top.join(&folder)).map_err(|error| failed(&error.to_string()))?;
        for item in items {
            let item = item.map_err(|error| failed(&error.to_string()))?;
            let kind = item.file_type().map_err(|error| failed(&error.to_string()))?;
            let name = item.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            if kind.is_symlink() {
                inside(top, &path, "link", "link_missing")?;
            } else if kind.is_dir() {
                folders.push(path);
            }
        }
    }
    Ok(())
}

fn read_all(folder: &Path, name: &str, files: &mut BTreeMap<String, Vec<u8>>) -> std::io::Result<()> {
    for item in fs::read_dir(folder)? {
        let item = item?;
        let path = format!("{name}/{}", item.file_name().to_string_lossy());
        if item.file_type()?.is_dir() {
            read_all(&item.path(), &path, files)?;
        } else {
            files.insert(path, fs::read(item.path())?);
        }
    }
    Ok(())
}

fn failed(why: &str) -> BuildError {
    BuildError::Failed {
        code: "nixpacks_failed",
        message: format!("Nixpacks cannot plan this source: {why}"),
    }
}
