//! Support hours (policy.md §7): a week of intervals, rest days and exceptions in a time zone.

/// When support is open.
#[derive(Debug, Clone)]
pub struct Calendar {}
