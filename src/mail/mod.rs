//! Floor 1: bytes ⇄ values. MIME is spoken here and nowhere else.
//!
//! In: [`parse`] reads a mail with the help of [`part`] (structure), [`header`] (fields), [`body`],
//! [`decode`] (encodings), [`text`] (HTML), [`quote`] (the newest words), [`marks`] (what kind
//! of sender), [`calendar`] (meetings), [`forward`] (mail passed on), [`authentication`] (who
//! vouches), [`token`] (which ticket). [`report`] reads delivery reports. Out: [`compose`] writes a
//! mail, [`conversation`] keeps it in its thread.

pub mod attachment;
pub mod authentication;
pub mod body;
pub mod calendar;
pub mod compose;
pub mod conversation;
pub mod decode;
pub mod entity;
pub mod forward;
pub mod header;
pub mod html_hidden;
pub mod labels;
pub mod marks;
pub mod parse;
pub mod part;
pub mod quote;
pub mod received;
pub mod report;
pub mod results;
pub mod signature;
pub mod text;
pub mod text_output;
pub mod token;
pub mod zone;
