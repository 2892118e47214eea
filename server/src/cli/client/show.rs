//! What people see: tables and lines. With `--json` programs see what the API gave.
//!
//! In a terminal, states have a colour (`NO_COLOR` takes it away) and long texts are cut to the
//! width; elsewhere nothing is.

use std::io::IsTerminal as _;

use serde_json::Value;

use crate::cli::say;

/// For every list.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(in crate::cli) struct ListArgs {
    /// As JSON, as the API gives it
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// The value at `path` (`newest.state`) in words; `-` if there is none.
pub(super) fn cell(value: &Value, path: &str) -> String {
    let found = path.split('.').try_fold(value, |value, key| value.get(key));
    match found {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::Bool(yes)) => if *yes { "yes" } else { "no" }.to_owned(),
        Some(Value::String(text)) => plain(text),
        Some(other) => plain(&other.to_string()),
    }
}

/// Without control characters: what others wrote must not steer the terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(|c| !c.is_control()).collect()
}

/// A list: a heading and a path for each column.
pub(in crate::cli) fn list(items: &[Value], how: ListArgs, columns: &[(&str, &str)]) {
    if how.json {
        return json(&Value::Array(items.to_vec()));
    }
    if items.is_empty() {
        return say("none");
    }
    let head = columns.iter().map(|(head, _)| (*head).to_owned()).collect();
    let short = |item: &Value, path: &str| match cell(item, path) {
        commit if path.ends_with("commit") => commit.chars().take(8).collect(),
        text => words(path, text),
    };
    let rows = items.iter().map(|item| columns.iter().map(|(_, path)| short(item, path)).collect());
    let mut rows: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
    if let Some(width) = width() {
        fit(&mut rows, columns, width);
    }
    let mut lines = table(rows).into_iter();
    lines.next().into_iter().for_each(|head| say(line(&head)));
    for mut row in lines {
        for (text, (_, path)) in row.iter_mut().zip(columns) {
            *text = coloured(path, text);
        }
        say(line(&row));
    }
}

/// One thing: a name and a path for each line.
pub(super) fn one(item: &Value, how: ListArgs, lines: &[(&str, &str)]) {
    if how.json {
        return json(item);
    }
    let rows = lines.iter().map(|(name, path)| vec![(*name).to_owned(), words(path, cell(item, path))]);
    for (mut row, (_, path)) in table(rows.collect()).into_iter().zip(lines) {
        row[1] = coloured(path, &row[1]);
        say(line(&row));
    }
}

/// As JSON.
pub(super) fn json(value: &Value) {
    say(format_args!("{value:#}"));
}

/// What the API says for programs, for people: `rolled back`, `2026-11-21 13:50 UTC`.
fn words(path: &str, text: String) -> String {
    if path.ends_with("state") {
        return text.replace('_', " ");
    }
    if path.ends_with("_at") || path.ends_with("not_after") { moment(&text).unwrap_or(text) } else { text }
}

/// A time to the minute.
pub(super) fn moment(text: &str) -> Option<String> {
    let at = chrono::DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    Some(at.format("%Y-%m-%d %H:%M UTC").to_string())
}

/// A state in its colour, if the path is one of a state and colours are wanted.
fn coloured(path: &str, text: &str) -> String {
    if path.ends_with("state") { in_colour(text, colour_of(text.trim_end())) } else { text.to_owned() }
}

/// Green, red or yellow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    Good,
    Bad,
    Busy,
    None,
}

fn colour_of(state: &str) -> Colour {
    match state {
        "live" | "issued" | "ready" | "running" | "done" => Colour::Good,
        "failed" | "rolled back" | "rollback incomplete" | "down" => Colour::Bad,
        "retired" | "superseded" | "cancelled" | "rejected" | "-" => Colour::None,
        _ => Colour::Busy,
    }
}

/// The text in a colour, where people look at it and want any.
pub(super) fn in_colour(text: &str, colour: Colour) -> String {
    let code = match colour {
        Colour::Good => 32,
        Colour::Bad => 31,
        Colour::Busy => 33,
        Colour::None => return text.to_owned(),
    };
    if wanted() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

/// Standard output is a terminal that knows colours, and nobody said NO_COLOR (no-color.org).
fn wanted() -> bool {
    let said = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    std::io::stdout().is_terminal()
        && said("NO_COLOR").is_none()
        && said("TERM").is_some_and(|term| term != "dumb")
}

/// Columns of the terminal, if it is one.
pub(super) fn width() -> Option<usize> {
    let out = std::io::stdout();
    let size = out.is_terminal().then(|| rustix::termios::tcgetwinsize(&out).ok()).flatten()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// Cuts the texts that only people need until the table fits, but none below this.
const NARROWEST: usize = 12;

fn fit(rows: &mut [Vec<String>], columns: &[(&str, &str)], width: usize) {
    let free = |path: &str| ["title", "reason", "outcome", "message"].iter().any(|end| path.ends_with(end));
    let wide = widths(rows);
    let mut over = (wide.iter().sum::<usize>() + 2 * wide.len().saturating_sub(1)).saturating_sub(width);
    for (column, (_, path)) in columns.iter().enumerate() {
        if over == 0 || !free(path) {
            continue;
        }
        let target = wide[column].saturating_sub(over).max(NARROWEST.min(wide[column]));
        over -= wide[column] - target;
        for row in rows.iter_mut() {
            row[column] = cut(&row[column], target);
        }
    }
}

/// At most `most` characters; the last one tells that there were more.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let wide = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|c| c.chars().count()).max();
    (0..columns).map(|column| wide(column).unwrap_or(0)).collect()
}

/// Cells of one column have one width, but for the last.
fn table(mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let widths = widths(&rows);
    for row in &mut rows {
        let last = row.len().saturating_sub(1);
        for (cell, width) in row.iter_mut().zip(&widths).take(last) {
            *cell = format!("{cell:<width$}");
        }
    }
    rows
}

fn line(row: &[String]) -> String {
    row.join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_words() {
        let value = serde_json::json!({"a": {"b": "x\u{1b}[2Jy\tz"}, "n": 3, "t": true, "no": null});
        assert_eq!(cell(&value, "a.b"), "x[2Jy z");
        assert_eq!(
            [cell(&value, "n"), cell(&value, "t"), cell(&value, "no"), cell(&value, "a.c.d")],
            ["3", "yes", "-", "-"]
        );
        assert_eq!(words("newest.state", "rolled_back".into()), "rolled back");
        assert_eq!(words("created_at", "2026-11-21T13:50:24.962397Z".into()), "2026-11-21 13:50 UTC");
        assert_eq!(words("created_at", "-".into()), "-");
    }

    #[test]
    fn columns_stand_below_each_other() {
        let row = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        let lines: Vec<String> =
            table(vec![row("NAME", "ID"), row("ä", "12")]).iter().map(|r| line(r)).collect();
        assert_eq!(lines, ["NAME  ID", "ä     12"]);
    }

    #[test]
    fn only_what_is_for_people_is_cut() {
        let row = |title: &str, id: &str| vec![title.to_owned(), id.to_owned()];
        let columns = [("TITLE", "title"), ("ID", "id")];
        let mut rows = vec![row("TITLE", "ID"), row("A very long title of a commit", "0123456789")];
        fit(&mut rows, &columns, 30);
        assert_eq!(rows[1], row("A very long title…", "0123456789"));
        fit(&mut rows, &columns, 5);
        assert_eq!(rows[1], row("A very long…", "0123456789"), "not to nothing");
    }

    #[test]
    fn every_end_of_a_deployment_has_a_colour() {
        for state in crate::domain::deployment::State::ALL {
            let words = state.name().replace('_', " ");
            assert_ne!((colour_of(&words), state.ended()), (Colour::Busy, true), "{words}");
        }
    }
}
