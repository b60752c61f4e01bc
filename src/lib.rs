//! soported turns a support mailbox into tickets, for people who have no other screen than mail.
//!
//! # The idea
//!
//! 1. A mail, a passed deadline, a failed delivery and an operator's order are all *events*, values
//!    of one closed enum: [`domain::event::Event`].
//! 2. One pure function, [`domain::desk::decide`], looks at an event, at the *case* it concerns, at
//!    the *policy* and at the *time*, and answers with *effects*. It touches nothing.
//! 3. Around it one transaction ([`daemon::engine::Engine::handle`]): one read ([`store::case`]),
//!    one decision, one write ([`store::commit`]).
//! 4. Three loops ([`daemon`]) carry things to and from that transaction: *poll* brings mail in,
//!    *process* decides, *deliver* takes mail out. Each hands over through a table, never through
//!    memory; a nudge between them is only a hint.
//! 5. Floors: nothing on a floor knows of the floors above it.
//!
//! # Where each word of the policy lives
//!
//! | the policy says | the program does it in |
//! |---|---|
//! | who may ask, and how it is known | [`domain::access`], [`mail::authentication`], [`store::directory`] |
//! | what a mail is | [`domain::classify`] on the facts of [`mail::marks`] |
//! | invitations and their answers | [`domain::meeting`] on what [`mail::calendar`] reads |
//! | which ticket it belongs to | [`domain::threading`] on the tokens of [`mail::token`] |
//! | a new ticket, a reply, a held mail | [`domain::intake`], [`domain::opening`], [`domain::unlisted`], [`domain::unreadable`] |
//! | what a held mail's cause means, and when it may be let in | [`domain::held`] |
//! | who may ask and what comes in, by a consultant's word | [`domain::admission`], [`domain::directory`], [`domain::held_orders`] |
//! | an authorizer's yes to a held mail | [`domain::consent`] |
//! | what somebody leaves who may ask no more | [`domain::succession`], from [`store::departures`] |
//! | a client's answer, and whether it validates | [`domain::client_reply`], [`domain::validation`] |
//! | who else takes part; two tickets that become one, a mail that gets its own | [`domain::participants`], [`domain::merging`], [`domain::splitting`] |
//! | a consultant's reply to the client | [`domain::relay`]; its formatting and files [`mail::enclosure`], [`mail::rich`] |
//! | what must not leave with it | [`domain::leak`] |
//! | what he is told was done, and what he takes back | [`domain::receipt`], [`domain::undo`] |
//! | the commands in it, read and carried out | [`domain::command`], [`domain::orders`], [`domain::handover`]; without a ticket [`domain::errand`] |
//! | a ticket that a consultant registers: a call, a mail passed on | [`domain::registering`], for whom [`domain::company`]; read by [`mail::original`] |
//! | a machine's mail | [`domain::machine`] |
//! | a mail that arrived, or did not | [`domain::delivery`], [`domain::returned`], [`domain::failure`] |
//! | what a server says of it, and why | [`domain::report`], [`domain::reason`], read by [`mail::report`] |
//! | states, and what is due next | [`domain::lifecycle`], fired by [`domain::timer`] |
//! | contact attempts, and the end | [`domain::contact`], [`domain::closing`] |
//! | third parties, calls not official yet | [`domain::waits`] |
//! | a changed policy or calendar, and the tickets there are | [`domain::recheck`], pass by pass in [`daemon::recheck`] |
//! | support hours, rest days | [`domain::calendar`], [`domain::business_time`], [`domain::rest_days`] |
//! | response and solution time | [`domain::clock`], its alerts in [`domain::escalation`] |
//! | why a clock or a date is what it is | [`domain::account`], told by [`cli::explain`] and, by mail, [`domain::account_lines`] |
//! | the digest of the day, and what a consultant asks | [`domain::digest`] on what [`store::overview`] reads, [`domain::pending`], [`domain::question`] |
//! | what is charged: sessions, follow-ups | [`domain::billing`]; how it comes into the ledger [`domain::charging`], its lines [`domain::charge`], time on record [`domain::effort`], corrections [`domain::correction`] |
//! | the time authorized, and more of it | [`domain::budget`], asked for and answered in [`domain::approval`] |
//! | work out of hours | [`domain::out_of_hours`] |
//! | the monthly statement | [`domain::statement`] of [`domain::statement_books`], read by [`store::statement`]: its lines [`domain::statement_lines`], promises [`domain::statement_service`], tickets [`domain::statement_tickets`]; written by [`render`], sent by [`domain::statement_issue`], kept in [`store::issues`] |
//! | what a consultant is shown of what went before | [`domain::background`], from [`store::background`] |
//! | what people are told | [`domain::letter`], [`domain::announce`], [`domain::client_mail`]; the words are in `templates/` |
//! | the limits on automatic mail | [`store::outbox::take`] |
//! | the house's choices | [`domain::policy`], read by [`config`] from `config.toml` |
//!
//! # The path of a mail
//!
//! ```text
//! server ─①→ inbound row ─②→ ticket · message · facts · charges · due rows · outbox rows · journal ─③→ SMTP
//! ```
//!
//! ① [`daemon::poll`]: bytes and cursor in one commit. ② [`daemon::process`]: the row becomes a
//! decision, all of it in one commit. ③ [`daemon::deliver`]: the attempt is recorded, made, settled;
//! a failure is an event for ②. Between two arrows the program may die and goes on at the last one.
//! A passed deadline is a row of `due` and enters at ② by the same door.
//!
//! # Invariants
//!
//! - [`domain`] does not know what time it is, draws no random numbers and does no input or output.
//! - Nothing outside [`store`] speaks SQL; nothing outside [`mail`] sees MIME; nothing a person
//!   reads is written outside `templates/`.
//! - The program never answers a machine. It never answers an unauthenticated stranger.
//! - No effect without a journal line; no open ticket without a next due action.
//! - Charges are append-only; each has a source, and no event charges twice.
//! - A ticket's facts are append-only; its attributes, clocks and due rows are a cache of them.
//! - Nothing a mail could do stops the next mail.

#![forbid(unsafe_code)]

// Floor 0: rules.
pub mod domain;

// Floor 1: bytes and words ⇄ values.
pub mod mail;
pub mod render;

// Floor 2: the outside world, each part behind a port or beside it.
pub mod config;
pub mod imap;
pub mod maildir;
pub mod ports;
pub mod smtp;
pub mod store;
pub mod systemd;
pub mod tls;

// Floor 3: the loops.
pub mod daemon;

// The command line.
pub mod cli;
