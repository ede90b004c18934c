//! What a verification found: named checks, and valid only if every one of them passed.

use serde_json::{Value, json};

/// The checks of a credential.
pub const CREDENTIAL_CHECKS: [&str; 9] = [
    "structure",
    "context",
    "signature",
    "proof-purpose",
    "proof-time",
    "issuer",
    "issued",
    "expired",
    "status",
];
/// The checks of a presentation as a whole.
pub const PRESENTATION_CHECKS: [&str; 9] = [
    "presentation-structure",
    "presentation-context",
    "presentation-signature",
    "proof-purpose",
    "proof-time",
    "challenge",
    "domain",
    "presentation-holder",
    "submission",
];
/// The check of each credential that only a presentation has: it speaks of its holder.
pub const HOLDER_CHECK: &str = "holder";

/// One check, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Which credential of a presentation; `None` for the document itself.
    pub credential: Option<usize>,
    /// One of [`CREDENTIAL_CHECKS`], [`PRESENTATION_CHECKS`], [`HOLDER_CHECK`].
    pub name: &'static str,
    /// Whether it holds.
    pub passed: bool,
    /// What was found, in words. For people who may see the document; not for its sender.
    pub detail: String,
}

impl Check {
    /// The name with its credential: `credential[0]-signature`.
    pub fn label(&self) -> String {
        match self.credential {
            Some(index) => format!("credential[{index}]-{}", self.name),
            None => self.name.to_owned(),
        }
    }
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Every check that was made.
    pub checks: Vec<Check>,
    expected: Vec<(Option<usize>, &'static str)>,
}

impl Report {
    pub(crate) fn of_credential() -> Self {
        let expected = CREDENTIAL_CHECKS.iter().map(|name| (None, *name)).collect();
        Self { checks: Vec::new(), expected }
    }

    pub(crate) fn of_presentation(credentials: usize) -> Self {
        let mut expected: Vec<_> = PRESENTATION_CHECKS.iter().map(|name| (None, *name)).collect();
        for index in 0..credentials {
            let names = CREDENTIAL_CHECKS.into_iter().chain([HOLDER_CHECK]);
            expected.extend(names.map(|name| (Some(index), name)));
        }
        Self { checks: Vec::new(), expected }
    }

    /// Records a check: `Ok` passed, `Err` failed, with the detail.
    pub(crate) fn record(
        &mut self,
        credential: Option<usize>,
        name: &'static str,
        outcome: Result<String, String>,
    ) {
        let passed = outcome.is_ok();
        let detail = outcome.unwrap_or_else(|reason| reason);
        self.checks.push(Check { credential, name, passed, detail });
    }

    /// Whether every check that belongs to this kind of document was made, once, and passed.
    pub fn is_valid(&self) -> bool {
        let made = |(credential, name): &(Option<usize>, &'static str)| {
            let same = |check: &&Check| check.credential == *credential && check.name == *name;
            self.checks.iter().filter(same).count() == 1
        };
        !self.checks.is_empty()
            && !self.expected.is_empty()
            && self.checks.len() == self.expected.len()
            && self.expected.iter().all(made)
            && self.checks.iter().all(|check| check.passed)
    }

    /// The checks that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| !check.passed)
    }

    /// `{"verified": …, "checks": [{"name", "passed", "detail"}]}`.
    pub fn to_json(&self) -> Value {
        let checks: Vec<_> = self
            .checks
            .iter()
            .map(|check| {
                json!({ "name": check.label(), "passed": check.passed, "detail": check.detail })
            })
            .collect();
        json!({ "verified": self.is_valid(), "checks": checks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Report {
        let mut report = Report::of_credential();
        for name in CREDENTIAL_CHECKS {
            report.record(None, name, Ok(String::new()));
        }
        report
    }

    #[test]
    fn valid_needs_every_check_once_and_passed() {
        assert!(full().is_valid());
        assert!(!Report::of_credential().is_valid());
        assert!(!Report { checks: Vec::new(), expected: Vec::new() }.is_valid());
        let mut missing = full();
        missing.checks.pop();
        assert!(!missing.is_valid());
        let mut failed = full();
        failed.checks[3].passed = false;
        assert!(!failed.is_valid());
        let mut twice = full();
        twice.checks[4] = twice.checks[3].clone();
        assert!(!twice.is_valid());
        let mut more = full();
        more.record(Some(0), "signature", Ok(String::new()));
        assert!(!more.is_valid());
        let mut none_expected = full();
        none_expected.expected.clear();
        assert!(!none_expected.is_valid());
    }

    #[test]
    fn a_presentation_expects_the_checks_of_each_credential() {
        let mut report = Report::of_presentation(1);
        for name in PRESENTATION_CHECKS {
            report.record(None, name, Ok(String::new()));
        }
        assert!(!report.is_valid());
        for name in CREDENTIAL_CHECKS.into_iter().chain([HOLDER_CHECK]) {
            report.record(Some(0), name, Ok(String::new()));
        }
        assert!(report.is_valid());
        assert_eq!(report.to_json()["checks"][9]["name"], "credential[0]-structure");
    }
}
