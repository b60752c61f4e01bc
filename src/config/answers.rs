//! Typed answers of a section: numbers, durations, sizes, words, addresses, dates, with defaults
//! and bounds.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use toml::Value;

use super::reader::{Reader, found, quoted};
use super::values;
use crate::domain::address::Address;

impl<'a> Reader<'a> {
    /// Yes or no.
    pub(super) fn flag(&mut self, key: &'static str, default: bool) -> bool {
        match self.value(key) {
            None => default,
            Some(Value::Boolean(flag)) => *flag,
            Some(other) => {
                self.wrong_type(key, other, "write true or false, without quotes");
                default
            }
        }
    }

    /// A whole number within bounds.
    pub(super) fn whole(
        &mut self,
        key: &'static str,
        default: u32,
        bounds: RangeInclusive<u32>,
    ) -> u32 {
        self.optional_whole(key, bounds).unwrap_or(default)
    }

    /// A whole number within bounds, or none.
    pub(super) fn optional_whole(
        &mut self,
        key: &'static str,
        bounds: RangeInclusive<u32>,
    ) -> Option<u32> {
        let cure = format!(
            "write a whole number from {} to {}, without quotes",
            bounds.start(),
            bounds.end()
        );
        match self.value(key)? {
            Value::Integer(written) => {
                let number = u32::try_from(*written).ok();
                let number = number.filter(|number| bounds.contains(number));
                if number.is_none() {
                    self.problem(key, format!("{written} is out of bounds"), cure);
                }
                number
            }
            other => {
                self.wrong_type(key, other, cure);
                None
            }
        }
    }

    /// A number within bounds, or none.
    pub(super) fn optional_number(
        &mut self,
        key: &'static str,
        bounds: RangeInclusive<f64>,
    ) -> Option<f64> {
        let cure = format!(
            "write a number from {} to {}, without quotes",
            bounds.start(),
            bounds.end()
        );
        let number = match self.value(key)? {
            Value::Float(number) => *number,
            // Beyond 32 bits a whole number is out of any bounds used here.
            Value::Integer(number) => i32::try_from(*number).map_or(f64::INFINITY, f64::from),
            other => {
                self.wrong_type(key, other, cure);
                return None;
            }
        };
        let number = Some(number).filter(|number| bounds.contains(number));
        if number.is_none() {
            self.problem(key, "out of bounds", cure);
        }
        number
    }

    /// Seconds of a duration within bounds.
    pub(super) fn duration(
        &mut self,
        key: &'static str,
        default: u64,
        bounds: RangeInclusive<u64>,
    ) -> u64 {
        self.optional_duration(key, Some(default), bounds)
            .unwrap_or(default)
    }

    /// Seconds of a duration within bounds, or none; an empty text unsets a default.
    pub(super) fn optional_duration(
        &mut self,
        key: &'static str,
        default: Option<u64>,
        bounds: RangeInclusive<u64>,
    ) -> Option<u64> {
        let cure = format!(
            "write a duration from \"{}\" to \"{}\", such as \"90s\", \"9m\", \"1h30m\" or \"5d\"",
            values::duration_text(*bounds.start()),
            values::duration_text(*bounds.end())
        );
        let text = match self.value(key) {
            None => return default,
            Some(Value::String(text)) if text.is_empty() => return None,
            Some(Value::String(text)) => text,
            Some(other) => {
                self.wrong_type(key, other, cure);
                return default;
            }
        };
        match values::duration(text) {
            Some(seconds) if bounds.contains(&seconds) => Some(seconds),
            Some(_) => {
                self.problem(key, format!("{} is out of bounds", quoted(text)), cure);
                default
            }
            None => {
                self.problem(key, format!("{} is not a duration", quoted(text)), cure);
                default
            }
        }
    }

    /// Bytes within bounds, written as a text with a unit or as a number.
    pub(super) fn size(
        &mut self,
        key: &'static str,
        default: u64,
        bounds: RangeInclusive<u64>,
    ) -> u64 {
        let cure = format!(
            "write a size from \"{}\" to \"{}\", such as \"35MiB\" or \"10MB\"",
            values::size_text(*bounds.start()),
            values::size_text(*bounds.end())
        );
        let (written, bytes) = match self.value(key) {
            None => return default,
            Some(Value::String(text)) if text.is_empty() => return default,
            Some(Value::String(text)) => (quoted(text), values::size(text)),
            Some(Value::Integer(number)) => (number.to_string(), u64::try_from(*number).ok()),
            Some(other) => {
                self.wrong_type(key, other, cure);
                return default;
            }
        };
        match bytes {
            Some(bytes) if bounds.contains(&bytes) => bytes,
            Some(_) => {
                self.problem(key, format!("{written} is out of bounds"), cure);
                default
            }
            None => {
                self.problem(key, format!("{written} is not a size"), cure);
                default
            }
        }
    }

    /// One of a few words; none where it is missing, empty or unknown.
    pub(super) fn choice<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let written = self.text(key)?;
        let found = words.iter().find(|(word, _)| *word == written);
        if found.is_none() {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.problem(
                key,
                format!("unknown value {}", quoted(written)),
                format!("use {}", values::alternatives(&words)),
            );
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// An address that must be there.
    pub(super) fn required_address(&mut self, key: &'static str) -> Option<Address> {
        let text = self.required_text(key, "\"name@example.com\"")?;
        let path = self.full_key(key);
        self.read_address(&path, text)
    }

    /// A list of addresses, each with its key for problems.
    pub(super) fn addresses(&mut self, key: &'static str) -> Vec<(String, Address)> {
        self.texts(key, "[\"name@example.com\"]")
            .into_iter()
            .filter_map(|(path, text)| {
                let address = self.read_address(&path, text)?;
                Some((path, address))
            })
            .collect()
    }

    /// A date, in quotes or as a TOML date; none where it is missing or empty.
    pub(super) fn date(&mut self, key: &'static str) -> Option<NaiveDate> {
        let value = self.value(key)?;
        if value.as_str() == Some("") {
            return None;
        }
        let path = self.full_key(key);
        self.read_date(&path, value)
    }

    /// A list of dates, each with its key for problems.
    pub(super) fn dates(&mut self, key: &'static str) -> Vec<(String, NaiveDate)> {
        let cure = format!("write a list of dates: {key} = [\"2026-12-24\"]");
        self.members(key, &cure)
            .into_iter()
            .filter_map(|(number, value)| {
                let path = self.member_key(key, number);
                let date = self.read_date(&path, value)?;
                Some((path, date))
            })
            .collect()
    }

    /// Reads a value as a date; `path` is its key in full.
    pub(super) fn read_date(&self, path: &str, value: &Value) -> Option<NaiveDate> {
        let written = match value {
            Value::String(text) => text.clone(),
            Value::Datetime(datetime) => datetime.to_string(),
            other => {
                let cure = "write a date such as \"2026-12-24\"";
                self.problem_at(path, found(other), cure);
                return None;
            }
        };
        let date = values::date(&written);
        if date.is_none() {
            self.problem_at(
                path,
                format!("{} is not a date", quoted(&written)),
                "write year, month and day, such as \"2026-12-24\"",
            );
        }
        date
    }

    fn read_address(&self, path: &str, text: &str) -> Option<Address> {
        let address = Address::parse(text);
        if address.is_none() {
            self.problem_at(
                path,
                format!("{} is not an address", quoted(text)),
                "write the bare address in ASCII, such as \"name@example.com\"",
            );
        }
        address
    }
}
