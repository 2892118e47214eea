//! Fault points: where a test makes the server die, by the name of the step.
//!
//! Dying is part of the design: every step is killed here, before and after its work, and the
//! deployment must still end truthfully. Nothing happens unless somebody asks for it.

use std::{str::FromStr, sync::Arc};

use crate::domain::step::Step;

/// A moment within a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It was entered, and nothing is done.
    Entered,
    /// Its work is done, and nothing is recorded.
    Worked,
}

/// Decides whether to die at a moment.
#[derive(Clone, Default)]
pub struct FaultPoints(Option<Arc<dyn Fn(Step, Moment) -> bool + Send + Sync>>);

impl FaultPoints {
    /// Points that die where `decide` says so: the run stops there as if the process had ended.
    pub fn new(decide: impl Fn(Step, Moment) -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(decide)))
    }

    /// The process ends itself by SIGKILL at that point.
    #[must_use]
    pub fn kill_at(at: FaultAt) -> Self {
        Self::new(move |step, moment| {
            if (step, moment) == (at.0, at.1) {
                let _ =
                    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
            }
            false
        })
    }

    /// Whether the run dies here.
    #[must_use]
    pub fn dies(&self, step: Step, moment: Moment) -> bool {
        self.0.as_ref().is_some_and(|decide| decide(step, moment))
    }
}

/// A point by name: `apply:entered`, `apply:worked`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultAt(pub Step, pub Moment);

impl FromStr for FaultAt {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no fault point: write a step and a moment, as `apply:worked`");
        let (step, moment) = text.split_once(':').ok_or_else(wrong)?;
        let step = Step::named(step).ok_or_else(wrong)?;
        let moment = match moment {
            "entered" => Moment::Entered,
            "worked" => Moment::Worked,
            _ => return Err(wrong()),
        };
        Ok(Self(step, moment))
    }
}
