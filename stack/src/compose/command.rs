//! `skep stack convert`: files in, the engine's bodies out as JSON. Pure: whoever runs it gives
//! the access to files.
//!
//! To add an option: a field of [`Command`], its reading in [`Command::parse`], its use in [`run`].

use std::collections::BTreeMap;

use super::{
    convert::{Context, convert},
    load::{self, Dialect, LoadInput, Missing, Source, Unset},
    path::clean,
};
use crate::{
    fault::{Fault, Faults},
    policy::Inherited,
};

/// How it is called.
pub const USAGE: &str = "usage: convert --name NAME [--env-file FILE]... [--profile NAME]... FILE...";

/// What is to be converted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Command {
    /// The stack's name.
    pub name: String,
    /// Files of variables, as Compose reads them; later ones win, and the environment over all.
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
    pub read: &'w dyn Fn(&str) -> Result<Vec<u8>, Missing>,
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
        let bytes = (world.read)(&absolute(&world.directory, path)).map_err(|why| match why {
            Missing::Refused(why) => why,
            Missing::Absent | Missing::Later => "is not there".to_owned(),
        });
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).map_err(|_| "must be UTF-8".to_owned()));
        text.map_err(|why| faults.add(path, "file", why)).unwrap_or_default()
    };
    let texts: Vec<String> = command.files.iter().map(&mut text).collect();
    let env_files: Vec<String> = command.env_files.iter().map(&mut text).collect();
    let vars = variables(command, world, &env_files, &mut faults);
    faults.give(())?;

    let sources: Vec<Source<'_>> =
        command.files.iter().zip(&texts).map(|(path, text)| Source { path, text }).collect();
    let first = absolute(&world.directory, &command.files[0]);
    let directory = first.rsplit_once('/').map_or("/", |(folder, _)| folder);
    let read = |path: &str| (world.read)(&absolute(directory, path));
    let project = load::load(&LoadInput {
        files: &sources,
        vars: &vars,
        unset: Unset::Empty,
        profiles: &command.profiles,
        more: &read,
        dialect: Dialect::Stack,
    })?;
    let plain = convert(
        &project,
        Context {
            stack: &command.name,
            vars: &vars,
            files: &|path| read(path).ok(),
            directory: Some(directory),
            home: vars.get("HOME").map(String::as_str),
            inherited: &Inherited::default(),
        },
    )?;
    let json = plain.json().map_err(|why| vec![Fault::new("", "internal", why.to_string())])?;
    let notes = project.notes.into_iter().chain(plain.notes).collect();
    Ok(Output { json: format!("{json:#}"), notes })
}

/// The variables of the files, and those of the process over them.
fn variables(
    command: &Command,
    world: &World<'_>,
    texts: &[String],
    faults: &mut Faults,
) -> BTreeMap<String, String> {
    let mut vars = BTreeMap::new();
    for (path, text) in command.env_files.iter().zip(texts) {
        let mut known = vars.clone();
        known.extend(world.vars.clone());
        match load::dotenv(text, &known, Unset::Empty) {
            Ok(found) => vars.extend(found),
            Err(fault) => faults.0.push(Fault { file: Some(path.clone()), ..fault }),
        }
    }
    vars.extend(world.vars.clone());
    vars
}

/// The path from the folder, if it is not absolute itself.
fn absolute(folder: &str, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { clean(&format!("{folder}/{path}")) }
}
