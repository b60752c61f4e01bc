//! Floor 1: bytes ⇄ values. MIME is spoken here and nowhere else.
//!
//! In: [`parse`] reads a mail with the help of [`mime`] (its parts), [`part`] (which of them are
//! its text), [`header`] and [`encoded_word`] (fields), [`body`] with [`flowed`], [`uuencode`],
//! [`tnef`] and [`smime`] (old ways to pack content), [`decode`] and [`charset`] (encodings),
//! [`text`] (HTML), [`quote`] (the newest words, found by what [`words`] and [`labels`] list),
//! [`calendar`] (meetings), [`forward`] and [`original`] (mail passed on), [`marks`] (what kind of sender),
//! [`authentication`] with [`results`] (who vouches) and [`domain_name`] (for whom), [`token`]
//! (which ticket). [`report`] reads delivery reports. Out: [`compose`] writes a mail,
//! [`conversation`] keeps it in its thread, [`enclosure`] with [`rich`] takes over from a received
//! mail what goes with its words.

pub mod attachment;
pub mod authentication;
pub mod body;
pub mod calendar;
pub mod charset;
pub mod compose;
pub mod conversation;
pub mod decode;
pub mod domain_name;
pub mod enclosure;
pub mod encoded_word;
pub mod entity;
pub mod flowed;
pub mod forward;
pub mod header;
pub mod html_hidden;
pub mod html_quote;
pub mod labels;
pub mod marks;
pub mod mime;
pub mod original;
pub mod parameter;
pub mod parse;
pub mod part;
pub mod quote;
pub mod received;
pub mod report;
pub mod results;
pub mod rich;
mod rich_line;
mod rich_token;
pub mod roles;
pub mod signature;
pub mod smime;
pub mod text;
pub mod text_output;
pub mod tnef;
pub mod token;
pub mod uuencode;
pub mod words;
pub mod zone;
