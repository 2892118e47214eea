//! What came most often, of more names than there is room for: the space-saving sketch of Metwally,
//! Agrawal and El Abbadi (2005). A name without a place takes that of the rarest, with its count.
//!
//! So no count is too small, none is too large by more than [`Entry::over`], and in one sketch whatever is
//! more than one in [`Top::MOST`] of all is there.

/// A name and how often it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name.
    pub name: String,
    /// How often, at most.
    pub count: u64,
    /// By how much that may be too large.
    pub over: u64,
}

/// The names that came most often.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Top(Vec<Entry>);

impl Top {
    /// Names that are kept.
    pub const MOST: usize = 20;

    /// Counts a name; whether it needed a new place.
    pub fn add(&mut self, name: &str) -> bool {
        if let Some(entry) = self.0.iter_mut().find(|entry| entry.name == name) {
            entry.count += 1;
            return false;
        }
        if self.0.len() < Self::MOST {
            self.0.push(Entry { name: name.to_owned(), count: 1, over: 0 });
            return true;
        }
        if let Some(rarest) = self.0.iter_mut().min_by_key(|entry| entry.count) {
            rarest.name.clear();
            rarest.name.push_str(name);
            rarest.over = rarest.count;
            rarest.count += 1;
        }
        false
    }

    /// Adds all of another. What only one of two full ones has may have come to the other as often as
    /// its rarest did.
    pub fn merge(&mut self, other: &Self) {
        let (ours, theirs) = (self.rarest(), other.rarest());
        for entry in &mut self.0 {
            match other.0.iter().find(|theirs| theirs.name == entry.name) {
                Some(found) => {
                    entry.count += found.count;
                    entry.over += found.over;
                }
                None => {
                    entry.count += theirs;
                    entry.over += theirs;
                }
            }
        }
        for entry in &other.0 {
            if !self.0.iter().any(|ours| ours.name == entry.name) {
                let (count, over) = (entry.count + ours, entry.over + ours);
                self.0.push(Entry { name: entry.name.clone(), count, over });
            }
        }
        self.0.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        self.0.truncate(Self::MOST);
    }

    /// How often a name that is not here may have come.
    fn rarest(&self) -> u64 {
        if self.0.len() < Self::MOST { 0 } else { self.0.iter().map(|entry| entry.count).min().unwrap_or(0) }
    }

    /// All of them, the most frequent first.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let mut all = self.0.clone();
        all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        all
    }

    /// How many names are kept now.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was counted.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A sketch of entries that were kept; those that are too many are left out.
    pub(super) fn of(mut entries: Vec<Entry>) -> Self {
        entries.truncate(Self::MOST);
        Self(entries)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    /// What the sketch promises of names that came so often.
    fn holds(top: &Top, true_counts: &HashMap<String, u64>) -> Result<(), TestCaseError> {
        prop_assert!(top.len() <= Top::MOST);
        for entry in top.entries() {
            let exact = true_counts.get(&entry.name).copied().unwrap_or(0);
            prop_assert!(exact <= entry.count && entry.count - entry.over <= exact, "{entry:?}: {exact}");
        }
        // What is not there came at most as often as the rarest that is.
        for (name, count) in true_counts {
            let there = top.0.iter().any(|entry| entry.name == *name);
            prop_assert!(there || *count <= top.rarest(), "{name}: {count}");
        }
        Ok(())
    }

    fn counted(names: &[u16]) -> (Top, HashMap<String, u64>) {
        let (mut top, mut exact) = (Top::default(), HashMap::new());
        for name in names {
            // Some come far more often than others, as paths do.
            let name = format!("/{}", (name % 97) * (name % 3) / (1 + name % 7));
            top.add(&name);
            *exact.entry(name).or_default() += 1;
        }
        (top, exact)
    }

    proptest! {
        #[test]
        fn counts_are_within_what_is_told(names in proptest::collection::vec(any::<u16>(), 0..600)) {
            let (top, exact) = counted(&names);
            holds(&top, &exact)?;
            prop_assert!(top.rarest() <= (names.len() / Top::MOST) as u64);
        }

        #[test]
        fn two_together_are_within_what_is_told(a in proptest::collection::vec(any::<u16>(), 0..400), b in proptest::collection::vec(any::<u16>(), 0..400)) {
            let ((mut top, mut exact), (other, more)) = (counted(&a), counted(&b));
            top.merge(&other);
            for (name, count) in more {
                *exact.entry(name).or_default() += count;
            }
            holds(&top, &exact)?;
        }
    }
}
