//! `.dockerignore`: which files of a folder are left out of a context.
//!
//! Rules as in Docker's reference, "Building best practices, .dockerignore files": patterns are
//! relative to the top, `**` goes through folders, `!` takes back, the last match counts, and
//! what lies in an ignored folder is ignored too unless a later pattern takes it back.

use globset::{GlobBuilder, GlobMatcher};

/// The patterns of one file.
#[derive(Debug, Default)]
pub(super) struct Ignore {
    patterns: Vec<(bool, GlobMatcher)>,
}

impl Ignore {
    /// Reads the text; a pattern that is none is passed over.
    pub(super) fn parse(text: &str) -> Self {
        let mut patterns = Vec::new();
        for line in text.strip_prefix('\u{feff}').unwrap_or(text).lines() {
            if line.starts_with('#') {
                continue;
            }
            let line = line.trim();
            let (takes_back, pattern) = match line.strip_prefix('!') {
                Some(pattern) => (true, pattern.trim()),
                None => (false, line),
            };
            let parts: Vec<&str> =
                pattern.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
            if parts.is_empty() {
                continue;
            }
            let glob =
                GlobBuilder::new(&parts.join("/")).literal_separator(true).backslash_escape(true).build();
            if let Ok(glob) = glob {
                patterns.push((takes_back, glob.compile_matcher()));
            }
        }
        Self { patterns }
    }

    /// Whether this path, relative to the top, is left out.
    pub(super) fn leaves_out(&self, path: &str) -> bool {
        let mut out = false;
        for (takes_back, glob) in &self.patterns {
            if out == *takes_back && with_parents(path).any(|path| glob.is_match(path)) {
                out = !out;
            }
        }
        out
    }

    /// Whether something in an ignored folder may be taken back.
    pub(super) fn takes_back(&self) -> bool {
        self.patterns.iter().any(|(takes_back, _)| *takes_back)
    }
}

/// The path and all folders above it.
fn with_parents(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(parent, _)| parent))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_out<'a>(text: &str, paths: &[&'a str]) -> Vec<&'a str> {
        let ignore = Ignore::parse(text);
        paths.iter().copied().filter(|path| ignore.leaves_out(path)).collect()
    }

    #[test]
    fn follows_dockers_rules() {
        let paths = ["a.md", "README.md", "docs/x.md", "node_modules/m/i.js", "src/node_modules/x", ".env"];
        assert_eq!(left_out("*.md\n!README.md", &paths), ["a.md"]);
        assert_eq!(left_out("**/*.md", &paths), ["a.md", "README.md", "docs/x.md"]);
        assert_eq!(left_out("/node_modules/\n# x\n\n.env", &paths), ["node_modules/m/i.js", ".env"]);
        assert_eq!(left_out("**/node_modules", &paths), ["node_modules/m/i.js", "src/node_modules/x"]);
        assert_eq!(
            left_out("*\n!src\n!docs/x.md", &paths),
            ["a.md", "README.md", "node_modules/m/i.js", ".env"]
        );
        assert_eq!(left_out("!README.md\n*.md", &paths), ["a.md", "README.md"], "the last match counts");
    }

    #[test]
    fn a_broken_pattern_ignores_nothing() {
        assert!(left_out("[", &["a", "["]).is_empty());
    }
}
