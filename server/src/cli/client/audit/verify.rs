//! `skep audit verify`: reads an export twice, first what is signed and where each chain ends, then the
//! entries against it.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead as _, BufReader, Seek as _},
    path::PathBuf,
};

use crate::{
    cli::{client::fault::Failure, say},
    domain::{
        audit::{Checkpoint, Head, INSTANCE, Line, PublicKey, Report, Verifier},
        id::TeamId,
    },
};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// What `skep audit export` wrote; the server is asked if absent
    file: Option<PathBuf>,
    /// The key that must have signed it, as `skep audit key` shows it
    #[arg(long)]
    pub(super) key: Option<String>,
}

impl Args {
    /// Whether no server is needed.
    pub(in crate::cli::client) const fn alone(&self) -> bool {
        self.file.is_some()
    }
}

/// Verifies a file that was exported before.
pub(in crate::cli::client) fn verify_file(args: &Args) -> Result<(), Failure> {
    let path = args.file.as_deref().unwrap_or("".as_ref());
    let wrong =
        |error: std::io::Error| Failure::NotDone(format!("{} cannot be read: {error}", path.display()));
    let file = File::open(path).map_err(wrong)?;
    match &args.key {
        Some(key) => verify(file, key),
        None => {
            let told = lines(&file)?.find_map(|line| match line {
                Ok(Line::Key { key }) => Some(key),
                _ => None,
            });
            let key =
                told.ok_or_else(|| Failure::Usage("the file names no key: give it by --key".to_owned()))?;
            say(format_args!("signed by {key}: the file says so itself; --key KEY trusts one that you know"));
            verify(file, &key)
        }
    }
}

/// Says how each chain was found; not done if anything is wrong.
pub(super) fn verify(file: File, key: &str) -> Result<(), Failure> {
    let key = PublicKey::parse(key).map_err(|wrong| Failure::Usage(format!("--key: {wrong}")))?;
    let mut bad = 0;
    for report in reports(&file, &key)? {
        let name =
            if report.team == INSTANCE { "the instance".to_owned() } else { format!("team {}", report.team) };
        let Report { entries, signed, newest, findings, .. } = report;
        let end = if newest == 0 { String::new() } else { format!(", the newest is {newest}") };
        if findings.is_empty() {
            say(format_args!("{name}: {entries} entries{end}, signed up to {signed}: sound"));
        } else {
            say(format_args!("{name}: {entries} entries{end}, signed up to {signed}: NOT SOUND"));
        }
        bad += findings.len();
        findings.iter().for_each(|finding| say(format_args!("  {finding}")));
    }
    if bad > 0 {
        return Err(Failure::NotDone("the audit log is not as it was written".to_owned()));
    }
    Ok(())
}

fn reports(file: &File, key: &PublicKey) -> Result<Vec<Report>, Failure> {
    let mut signed: BTreeMap<TeamId, Vec<Checkpoint>> = BTreeMap::new();
    let mut heads: BTreeMap<TeamId, Head> = BTreeMap::new();
    for line in lines(file)? {
        match line? {
            Line::Checkpoint(checkpoint) => signed.entry(checkpoint.team).or_default().push(checkpoint),
            Line::Head(head) => {
                heads.insert(head.team, head);
            }
            // A chain without its end is a chain, too.
            Line::Entry(entry) => {
                signed.entry(entry.0.team).or_default();
            }
            Line::Key { .. } => {}
        }
    }
    for team in heads.keys() {
        signed.entry(*team).or_default();
    }
    if signed.is_empty() {
        return Err(Failure::NotDone("there is no chain in it: it is no whole export".to_owned()));
    }
    let verifier = |(team, checkpoints)| (team, Verifier::new(team, key, checkpoints, heads.remove(&team)));
    let mut verifiers: BTreeMap<TeamId, Verifier> = signed.into_iter().map(verifier).collect();
    for line in lines(file)? {
        if let Line::Entry(entry) = line?
            && let Some(verifier) = verifiers.get_mut(&entry.0.team)
        {
            verifier.push(&entry.0);
        }
    }
    Ok(verifiers.into_values().map(Verifier::finish).collect())
}

/// All lines, from the first on.
fn lines(mut file: &File) -> Result<impl Iterator<Item = Result<Line, Failure>> + use<'_>, Failure> {
    let wrong = |error: std::io::Error| Failure::NotDone(format!("the log cannot be read: {error}"));
    file.rewind().map_err(wrong)?;
    let texts = BufReader::new(file).lines().enumerate();
    Ok(texts.filter(|(_, text)| text.as_ref().map_or(true, |text| !text.is_empty())).map(
        move |(at, text)| {
            Line::read(at + 1, &text.map_err(wrong)?).map_err(|error| Failure::NotDone(error.to_string()))
        },
    ))
}
