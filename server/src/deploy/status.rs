//! When the forge is to be told how a deployment stands: once its commit is known for certain and
//! work on it begins, and when it ends. Asked for in the transaction of the change itself.

use super::parts::Parts;
use crate::{
    db::{self, DbError, Tx},
    domain::{
        app::{App, Source},
        deployment::{Deployment, State},
        id::JobId,
        job::Work,
    },
};

/// Asks for it, if the step from `before` to what `after` stands in is one that the forge shows,
/// and the app signs in there with a credential.
///
/// # Errors
/// The database's.
pub async fn note(
    tx: &mut Tx,
    parts: &Parts,
    app: &App,
    before: State,
    after: &Deployment,
) -> Result<(), DbError> {
    let signs_in = matches!(app.source, Source::Git { credential: Some(_), .. });
    if !signs_in || after.commit.is_none() || !shown(before, after.state) {
        return Ok(());
    }
    let clock = &*parts.clock;
    let work = Work::CommitStatus { deployment: after.id, state: after.state.name().to_owned() };
    // One after the other for each deployment, so that its end is told last.
    db::job::enqueue(tx, JobId::new(clock), &work, &format!("status:{}", after.id)).await
}

/// Until the fetch is over another commit may turn out to be the newest: what was told of the
/// first would stand there for ever.
const fn shown(before: State, after: State) -> bool {
    let begins = matches!((before, after), (State::Fetching, State::Building));
    begins || (!before.ended() && after.ended())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_and_the_end_are_shown_and_nothing_else() {
        let all = State::ALL.into_iter().flat_map(|a| State::ALL.map(|b| (a, b)));
        let told: Vec<_> = all.filter(|(a, b)| shown(*a, *b)).collect();
        assert!(told.contains(&(State::Fetching, State::Building)));
        assert!(told.contains(&(State::Verifying, State::Live)));
        assert!(told.contains(&(State::Queued, State::Cancelled)));
        assert!(!told.contains(&(State::Building, State::Building)), "repeated after a crash");
        assert!(!told.contains(&(State::Live, State::Retired)), "nothing changed for the commit");
        assert_eq!(told.iter().filter(|(_, b)| !b.ended()).count(), 1);
    }
}
