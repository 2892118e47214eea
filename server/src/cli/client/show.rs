//! What people see: tables and lines. With `--json` programs see what the API gave.

use serde_json::Value;

use crate::cli::say;

/// For every list.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(in crate::cli) struct ListArgs {
    /// As JSON, as the API gives it
    #[arg(long)]
    pub(super) json: bool,
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
pub(super) fn list(items: &[Value], how: ListArgs, columns: &[(&str, &str)]) {
    if how.json {
        return json(&Value::Array(items.to_vec()));
    }
    if items.is_empty() {
        return say("none");
    }
    let head = columns.iter().map(|(head, _)| (*head).to_owned()).collect();
    let rows = items.iter().map(|item| columns.iter().map(|(_, path)| cell(item, path)).collect());
    for line in table(std::iter::once(head).chain(rows).collect()) {
        say(line);
    }
}

/// One thing: a name and a path for each line.
pub(super) fn one(item: &Value, how: ListArgs, lines: &[(&str, &str)]) {
    if how.json {
        return json(item);
    }
    let rows = lines.iter().map(|(name, path)| vec![(*name).to_owned(), cell(item, path)]).collect();
    for line in table(rows) {
        say(line);
    }
}

/// As JSON.
pub(super) fn json(value: &Value) {
    say(format_args!("{value:#}"));
}

fn table(rows: Vec<Vec<String>>) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let wide = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|c| c.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| wide(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
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
    }

    #[test]
    fn columns_stand_below_each_other() {
        let row = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        assert_eq!(table(vec![row("NAME", "ID"), row("ä", "12")]), ["NAME  ID", "ä     12"]);
    }
}
