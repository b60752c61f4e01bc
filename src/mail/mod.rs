//! Floor 1: bytes ⇄ values. MIME is spoken here and nowhere else.

pub mod compose;
pub mod received;
