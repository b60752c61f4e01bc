//! An authorizer's entry in the directory (policy.md §1).

use chrono::NaiveDate;

use super::address::Person;

/// A person of a client's who may ask, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorizer {
    /// Name and exact address.
    pub person: Person,
    /// May open tickets.
    pub can_open: bool,
    /// May approve time and out-of-hours work.
    pub can_approve: bool,
    /// May validate a solution.
    pub can_validate: bool,
    /// First day of validity, in the service's zone; unset: always was.
    pub from: Option<NaiveDate>,
    /// Last day of validity, in the service's zone; unset: until revoked.
    pub until: Option<NaiveDate>,
}

impl Authorizer {
    /// Whether the entry holds on a local day.
    pub fn is_current(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// Whether he may open tickets on a local day.
    pub fn may_open(&self, day: NaiveDate) -> bool {
        self.can_open && self.is_current(day)
    }
}
