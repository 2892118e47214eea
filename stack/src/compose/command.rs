//! `skep stack convert`: files in, the engine's bodies out as JSON. Pure: whoever runs it gives
//! the access to files.
//!
//! To add an option: a field of [`Command`], its reading in [`Command::parse`], its use in [`run`].

use std::collections::BTreeMap;

use super::{
    convert::{self, Context},
    load::{self, Dialect, LoadInput, Missing, Source, Unset},
    path::clean,
    wire,
};
use crate::fault::{Fault, Faults};

/// How it is called.
pub const USAGE: &str = "usage: convert --name NAME [--env-file FILE]... [--profile NAME]... FILE...";

/// What is to be converted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Command {
    /// The stack's name.
    pub name: String,
    /// Files of variables; later ones win, and all win over the environment.
    pub env_files: Vec<String>,
    /// Active profiles.
    pub profiles: Vec<String>,
    /// Compose files; the first one's folder is the project's directory.
    pub files: Vec<String>,
}

impl Command {
    /// Reads the words of a command line.
    ///
    /// # Errors
    /// What is wrong with them, in a line.
    pub fn parse(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut command = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value\n{USAGE}"));
            match word.as_str() {
                "--name" => command.name = value()?,
                "--env-file" => command.env_files.push(value()?),
                "--profile" => command.profiles.push(value()?),
                "-c" | "--compose-file" => command.files.push(value()?),
                option if option.starts_with('-') => {
                    return Err(format!("`{option}` is no option\n{USAGE}"));
                }
                _ => command.files.push(word),
            }
        }
        match (command.name.is_empty(), command.files.is_empty()) {
            (true, _) => Err(format!("`--name` is needed\n{USAGE}")),
            (_, true) => Err(format!("name at least one file\n{USAGE}")),
            _ => Ok(command),
        }
    }
}

/// What surrounds the command: the variables, the folder and the files.
pub struct World<'w> {
    /// Variables of the process.
    pub vars: BTreeMap<String, String>,
    /// The absolute working directory.
    pub directory: String,
    /// The bytes of a file by its absolute path, or why there are none.
    pub read: &'w dyn Fn(&str) -> Result<Vec<u8>, String>,
}

/// What the command says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The bodies, as JSON.
    pub json: String,
    /// What is worth knowing.
    pub notes: Vec<Fault>,
}

/// Converts the files.
///
/// # Errors
/// Every fault, with file, path, line and column.
pub fn run(command: &Command, world: &World<'_>) -> Result<Output, Vec<Fault>> {
    let mut faults = Faults::default();
    let mut text = |path: &String| {
        let bytes = (world.read)(&absolute(&world.directory, path));
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).map_err(|_| "is no UTF-8".to_owned()));
        text.map_err(|why| faults.add(path, "file", why)).unwrap_or_default()
    };
    let texts: Vec<String> = command.files.iter().map(&mut text).collect();
    let env_files: Vec<String> = command.env_files.iter().map(&mut text).collect();
    let vars = variables(world.vars.clone(), &env_files);
    faults.give(())?;

    let sources: Vec<Source<'_>> =
        command.files.iter().zip(&texts).map(|(path, text)| Source { path, text }).collect();
    let first = absolute(&world.directory, &command.files[0]);
    let directory = first.rsplit_once('/').map_or("/", |(folder, _)| folder);
    let read = |path: &str| (world.read)(&absolute(directory, path));
    let more = |path: &str| read(path).map_err(|_| Missing::Absent);
    let project = load::load(&LoadInput {
        files: &sources,
        vars: &vars,
        unset: Unset::Empty,
        profiles: &command.profiles,
        more: &more,
        dialect: Dialect::Stack,
    })?;
    let plain = convert::convert(
        &project.root,
        Context {
            stack: &command.name,
            vars: &vars,
            files: &|path| read(path).ok(),
            directory: Some(directory),
            home: vars.get("HOME").map(String::as_str),
        },
    )?;
    let json = wire::json(&plain).map_err(|why| vec![Fault::new("", "internal", why.to_string())])?;
    let notes = project.notes.into_iter().chain(plain.notes).collect();
    Ok(Output { json: format!("{json:#}"), notes })
}

/// The variables of the process and, over them, those of the files: `KEY=value`, a line each.
fn variables(mut vars: BTreeMap<String, String>, files: &[String]) -> BTreeMap<String, String> {
    for line in files.iter().flat_map(|text| text.lines()) {
        let line = line.trim_start();
        if let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
            vars.insert(key.trim_end().to_owned(), value.to_owned());
        }
    }
    vars
}

/// The path from the folder, if it is not absolute itself.
fn absolute(folder: &str, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { clean(&format!("{folder}/{path}")) }
}
