//! Floor 0: the rules. Pure functions over plain values.
//!
//! Nothing here reads a clock, draws a random number, opens a file, speaks SQL or parses MIME.
//! Time, identifiers and everything the rules need to know are arguments.

pub mod access;
pub mod account;
pub mod address;
pub mod announce;
pub mod authorizer;
pub mod business_time;
pub mod calendar;
pub mod case;
pub mod classify;
pub mod clock;
pub mod closing;
pub mod command;
pub mod contact;
pub mod delivery;
pub mod desk;
pub mod effect;
pub mod escalation;
pub mod event;
pub mod fact;
pub mod failure;
pub mod fold;
pub mod handover;
pub mod held;
pub mod hours;
pub mod ids;
pub mod intake;
pub mod letter;
pub mod letter_kind;
pub mod lifecycle;
pub mod machine;
pub mod meeting;
pub mod message;
pub mod opening;
pub mod orders;
pub mod pattern;
pub mod policy;
pub mod priority;
pub mod reason;
pub mod relay;
pub mod report;
pub mod rest_days;
pub mod returned;
pub mod subject;
pub mod threading;
pub mod ticket;
pub mod timer;
pub mod token;
pub mod unlisted;
pub mod unreadable;
pub mod validation;
pub mod waits;
