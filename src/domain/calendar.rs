//! Support hours (policy.md §7): a week of intervals, rest days and exceptions in a time zone.

/// When support is open.
#[derive(Debug, Clone)]
pub struct Calendar {}

/// Days of the week that share one interval of support hours, for showing to people.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct HoursGroup {
    /// First day, 0 = Monday.
    pub first_weekday: u8,
    /// Last day, inclusive.
    pub last_weekday: u8,
    /// Opening, `08:30`.
    pub from: String,
    /// Closing, `18:00`.
    pub to: String,
}
