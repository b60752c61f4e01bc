//! The monthly statement (policy.md §7): its figures, and its three formats.

mod figures;
mod formats;
mod issue;
mod kept;
mod ledger;
pub mod story;

pub use formats::of;
pub use story::november;
