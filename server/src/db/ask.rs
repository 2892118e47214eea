//! One statement for SQLite, sent with what may wait until then. Each way to the connection's thread
//! and back costs more than most statements do, so what needs no answer of its own
//! ([`later!`](super::later)) goes ahead of the next one that does, in one text.
//!
//! To add an ending: a method of [`Ask`] that sends [`Ask::ready`] and gives its result to `noted`.

use futures::TryStreamExt as _;
use sqlx::{
    Arguments as _, AssertSqlSafe, Either, Encode, Executor as _, FromRow, SqlSafeStr, SqlStr, Sqlite,
    SqliteConnection, Type,
    error::BoxDynError,
    sqlite::{SqliteArguments, SqliteRow},
};

use super::{DbError, together::SqliteTx};

/// Statements that wait to be sent, with their arguments, numbered through.
#[derive(Debug, Default)]
pub struct Later {
    text: String,
    args: SqliteArguments,
    /// Whether one of them says more than where a transaction or piece begins and ends.
    pub(super) own: bool,
}

impl Later {
    /// A statement without arguments.
    pub(super) fn add(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push_str("; ");
        }
        self.text.push_str(text);
    }

    pub(super) const fn len(&self) -> usize {
        self.text.len()
    }

    /// Takes back what was added after that length; only what has no arguments.
    pub(super) fn truncate(&mut self, len: usize) {
        self.text.truncate(len);
    }

    /// `$1` is the first argument of the whole text, so those of a later statement count on.
    fn add_shifted(&mut self, text: &str, by: usize) {
        if by == 0 {
            return self.add(text);
        }
        self.add("");
        let mut parts = text.split('$');
        self.text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            let (number, rest) = part.split_at(digits);
            self.text.push('$');
            match number.parse::<usize>() {
                Ok(number) => self.text.push_str(&(number + by).to_string()),
                Err(_) => self.text.push_str(number),
            }
            self.text.push_str(rest);
        }
    }

    /// Sends it all; how many rows the last statement changed.
    pub(super) async fn send(self, conn: &mut SqliteConnection) -> sqlx::Result<u64> {
        changes(conn, AssertSqlSafe(self.text).into_sql_str(), self.args).await
    }
}

async fn changes(conn: &mut SqliteConnection, text: SqlStr, args: SqliteArguments) -> sqlx::Result<u64> {
    let mut results = conn.fetch_many(sqlx::query_with(text, args));
    let mut last = 0;
    while let Some(result) = results.try_next().await? {
        if let Either::Left(done) = result {
            last = done.rows_affected();
        }
    }
    Ok(last)
}

/// A statement that is being made.
#[derive(Debug)]
pub struct Ask<'t> {
    tx: &'t mut SqliteTx,
    sql: SqlStr,
    ahead: Later,
    given: usize,
    wrong: Option<BoxDynError>,
}

impl<'t> Ask<'t> {
    pub(super) fn new(tx: &'t mut SqliteTx, sql: impl SqlSafeStr) -> Self {
        let sql = sql.into_sql_str();
        let ahead = std::mem::take(tx.later());
        let given = ahead.args.len();
        Self { tx, sql, ahead, given, wrong: None }
    }

    /// The next argument.
    #[must_use]
    pub fn bind<'a, T: Encode<'a, Sqlite> + Type<Sqlite>>(mut self, value: T) -> Self {
        if let Err(wrong) = self.ahead.args.add(value) {
            self.wrong.get_or_insert(wrong);
        }
        self
    }

    /// The whole text. What cannot be sent leaves what goes ahead where it was.
    fn ready(self) -> sqlx::Result<(&'t mut SqliteTx, SqlStr, SqliteArguments)> {
        let Self { tx, sql, mut ahead, given, wrong } = self;
        let fit = wrong.map_or_else(|| tx.check(), |wrong| Err(DbError::Encode(wrong)));
        if let Err(error) = fit {
            *tx.later() = ahead;
            return tx.noted(Err(error));
        }
        tx.sends();
        if ahead.len() == 0 {
            return Ok((tx, sql, ahead.args));
        }
        ahead.add_shifted(sql.as_str(), given);
        Ok((tx, AssertSqlSafe(ahead.text).into_sql_str(), ahead.args))
    }

    /// Sends it; how many rows it changed.
    ///
    /// # Errors
    /// The database's.
    pub async fn execute(self) -> sqlx::Result<u64> {
        let (tx, text, args) = self.ready()?;
        let done = changes(tx.conn(), text, args).await;
        tx.noted(done)
    }

    /// Sends it; all rows.
    ///
    /// # Errors
    /// The database's.
    pub async fn fetch_all<R: for<'r> FromRow<'r, SqliteRow> + Send + Unpin>(self) -> sqlx::Result<Vec<R>> {
        let (tx, text, args) = self.ready()?;
        let rows = sqlx::query_as_with(text, args).fetch_all(tx.conn()).await;
        tx.noted(rows)
    }

    /// Sends it; the first row.
    ///
    /// # Errors
    /// The database's.
    pub async fn fetch_optional<R: for<'r> FromRow<'r, SqliteRow> + Send + Unpin>(
        self,
    ) -> sqlx::Result<Option<R>> {
        let (tx, text, args) = self.ready()?;
        let row = sqlx::query_as_with(text, args).fetch_optional(tx.conn()).await;
        tx.noted(row)
    }

    /// Leaves it to go ahead of the next, or of the commit.
    ///
    /// # Errors
    /// The database's.
    pub async fn later(self) -> sqlx::Result<()> {
        let Self { tx, sql, mut ahead, given, wrong: None } = self else {
            return self.execute().await.map(drop);
        };
        ahead.add_shifted(sql.as_str(), given);
        ahead.own = true;
        *tx.later() = ahead;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_of_a_later_statement_count_on() {
        let mut later = Later::default();
        later.add("BEGIN");
        later.add_shifted("INSERT INTO a VALUES ($1, $2, $1)", 0);
        later.add_shifted("UPDATE b SET c = $2 + $10 WHERE d = $1", 2);
        later.add_shifted("SELECT 1", 3);
        let text =
            "BEGIN; INSERT INTO a VALUES ($1, $2, $1); UPDATE b SET c = $4 + $12 WHERE d = $3; SELECT 1";
        assert_eq!(later.text, text);
    }

    #[test]
    fn what_was_added_last_can_be_taken_back() {
        let mut later = Later::default();
        later.add("RELEASE odd");
        let len = later.len();
        later.add("SAVEPOINT even");
        later.truncate(len);
        assert_eq!(later.text, "RELEASE odd");
    }
}
