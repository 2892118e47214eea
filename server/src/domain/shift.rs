//! Visitors on their way from the version that serves to the trial of a new one: whose turn it is,
//! decided without a clock of its own, so that every crash in between goes on where it was.

use std::{collections::BTreeSet, time::Duration};

use skep_stack::app::strategy::Strategy;

use super::{
    clock::Time,
    id::{AppId, DeploymentId},
};

/// How long a person may be waited for.
const BY_HAND: Duration = Duration::from_secs(24 * 3600);

/// Where the visitors of one deployment are led.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// The deployment.
    pub deployment: DeploymentId,
    /// Its app.
    pub app: AppId,
    /// The services whose trials they are led to, by their names in Swarm.
    pub services: BTreeSet<String>,
    /// Which step it is, from 0.
    pub position: usize,
    /// How many there are.
    pub positions: usize,
    /// The trial's share of the visitors, in percent.
    pub weight: u8,
    /// Since when.
    pub since: Time,
    /// When the next step comes; or, if it waits for a person, when it is given up.
    pub until: Time,
    /// The next step waits for a person.
    pub by_hand: bool,
    /// A person said so.
    pub go_on: bool,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing yet.
    Waits,
    /// This.
    Shift(Shift),
    /// All are led over, and nobody needs the old version any more.
    Done,
    /// No person said a word in time.
    GivenUp,
}

impl Shift {
    /// The first step.
    #[must_use]
    pub fn begin(
        deployment: DeploymentId,
        app: AppId,
        services: BTreeSet<String>,
        strategy: &Strategy,
        now: Time,
    ) -> Self {
        let positions = steps(strategy).len();
        let shift = Self {
            deployment,
            app,
            services,
            position: 0,
            positions,
            weight: 0,
            since: now,
            until: now,
            by_hand: false,
            go_on: false,
        };
        shift.at(0, strategy, now)
    }

    /// What comes after this, at that time.
    #[must_use]
    pub fn next(&self, strategy: &Strategy, now: Time) -> Next {
        if !self.go_on {
            if now < self.until {
                return Next::Waits;
            }
            if self.by_hand {
                return Next::GivenUp;
            }
        }
        match self.position + 1 {
            next if next < steps(strategy).len() => Next::Shift(self.clone().at(next, strategy, now)),
            _ => Next::Done,
        }
    }

    /// It stays as it is until a person says so.
    #[must_use]
    pub fn held(self, now: Time) -> Self {
        Self { until: now + BY_HAND, by_hand: true, go_on: false, ..self }
    }

    fn at(self, position: usize, strategy: &Strategy, now: Time) -> Self {
        let (weight, pause) = steps(strategy).get(position).copied().unwrap_or((100, Some(Duration::ZERO)));
        Self {
            position,
            weight,
            since: now,
            until: now + pause.unwrap_or(BY_HAND),
            by_hand: pause.is_none(),
            go_on: false,
            ..self
        }
    }
}

/// The shares and how long each holds; none: until a person says so.
fn steps(strategy: &Strategy) -> Vec<(u8, Option<Duration>)> {
    match strategy {
        Strategy::BlueGreen { .. } => vec![(100, Some(strategy.keep()))],
        _ => strategy.shares(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::clock::{Clock as _, MockClock};

    fn begun(strategy: &str) -> (Shift, Strategy, MockClock) {
        let clock = MockClock::at(chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let strategy: Strategy = serde_json::from_str(strategy).unwrap();
        let shift = Shift::begin(
            DeploymentId::new(&clock),
            AppId::new(&clock),
            BTreeSet::new(),
            &strategy,
            clock.now(),
        );
        (shift, strategy, clock)
    }

    fn weight(next: Next) -> u8 {
        match next {
            Next::Shift(shift) => shift.weight,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_canary_grows_step_by_step_and_is_done_after_the_last() {
        let (first, strategy, clock) =
            begun(r#"{"kind": "canary", "steps": [{"weight": 10, "pause": "1m"}, {"weight": 60}]}"#);
        assert_eq!((first.weight, first.by_hand, first.positions), (10, false, 2));
        let later = |seconds| clock.now() + TimeDelta::seconds(seconds);
        assert_eq!(first.next(&strategy, later(59)), Next::Waits);
        assert_eq!(weight(Shift { go_on: true, ..first.clone() }.next(&strategy, later(1))), 60);
        let Next::Shift(second) = first.next(&strategy, later(60)) else { panic!("no second step") };
        assert_eq!((second.weight, second.position, second.by_hand), (60, 1, true));
        assert_eq!(second.next(&strategy, later(3600)), Next::Waits, "a person is waited for");
        assert_eq!(second.next(&strategy, later(25 * 3600)), Next::GivenUp);
        assert_eq!(Shift { go_on: true, ..second }.next(&strategy, later(3600)), Next::Done);
    }

    #[test]
    fn blue_green_leads_all_over_and_keeps_the_way_back() {
        let (all, strategy, clock) = begun(r#"{"kind": "blue_green", "keep": "2m"}"#);
        assert_eq!((all.weight, all.positions), (100, 1));
        assert_eq!(all.next(&strategy, clock.now() + TimeDelta::seconds(119)), Next::Waits);
        assert_eq!(all.next(&strategy, clock.now() + TimeDelta::seconds(120)), Next::Done);
    }

    #[test]
    fn what_is_held_waits_for_a_person() {
        let (first, strategy, clock) = begun(r#"{"kind": "canary"}"#);
        let held = first.held(clock.now());
        assert_eq!(held.next(&strategy, clock.now() + TimeDelta::hours(1)), Next::Waits);
        assert_eq!(weight(Shift { go_on: true, ..held }.next(&strategy, clock.now())), 50);
    }
}
