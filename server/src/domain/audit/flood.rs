//! So much of one subject in a minute, then only how much more: nobody can fill the log with what they
//! are refused. Pure; time is given.

use std::collections::HashMap;

use chrono::Duration;

use crate::domain::clock::Time;

/// Subjects that are counted by themselves; all others are one.
const SUBJECTS: usize = 4_096;

/// How much of a subject was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut<T> {
    /// The last of what was left out.
    pub last: T,
    /// How many.
    pub count: u64,
}

struct Minute<T> {
    began: Time,
    kept: u32,
    left: Option<LeftOut<T>>,
}

/// Counts by subjects, each by its own minute.
pub struct Flood<T> {
    most: u32,
    minutes: HashMap<String, Minute<T>>,
}

impl<T> Flood<T> {
    /// Keeps so many of a subject in a minute.
    #[must_use]
    pub fn new(most: u32) -> Self {
        Self { most, minutes: HashMap::new() }
    }

    /// Gives `what` back if it is to be kept.
    pub fn admit(&mut self, subject: &str, what: T, now: Time) -> Option<T> {
        // The empty subject stands for all that there is no more place for.
        let full = self.minutes.len() >= SUBJECTS && !self.minutes.contains_key(subject);
        let subject = if full { "" } else { subject };
        let minute =
            self.minutes.entry(subject.to_owned()).or_insert(Minute { began: now, kept: 0, left: None });
        if minute.kept < self.most {
            minute.kept += 1;
            return Some(what);
        }
        let count = minute.left.as_ref().map_or(0, |left| left.count) + 1;
        minute.left = Some(LeftOut { last: what, count });
        None
    }

    /// What was left out in the minutes that are over; of all if `end`.
    pub fn over(&mut self, now: Time, end: bool) -> Vec<LeftOut<T>> {
        let mut left = Vec::new();
        self.minutes.retain(|_, minute| {
            // A clock that was set back ends a minute, too.
            let over = end || now - minute.began >= Duration::minutes(1) || now < minute.began;
            if over {
                left.extend(minute.left.take());
            }
            !over
        });
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_subject_has_its_share_of_a_minute() {
        let mut flood = Flood::new(3);
        let at = |seconds: i64| Time::from_timestamp(seconds, 0).expect("a time");
        let kept = (0..10).filter_map(|n| flood.admit("a", n, at(0))).count();
        assert_eq!((kept, flood.admit("b", 0, at(0))), (3, Some(0)));
        assert_eq!(flood.over(at(59), false), []);
        assert_eq!(flood.over(at(60), false), [LeftOut { last: 9, count: 7 }]);
        assert_eq!(flood.admit("a", 1, at(61)), Some(1), "a new minute");
        assert_eq!(flood.over(at(200), false), [], "nothing was left out");
    }

    #[test]
    fn many_subjects_share_one_place() {
        let mut flood = Flood::new(1);
        let now = Time::from_timestamp(0, 0).expect("a time");
        let kept = (0..100_000).filter_map(|n| flood.admit(&n.to_string(), n, now)).count();
        assert_eq!(kept, SUBJECTS + 1);
        let left: u64 = flood.over(now, true).iter().map(|left| left.count).sum();
        assert_eq!(left, 100_000 - SUBJECTS as u64 - 1);
    }
}
