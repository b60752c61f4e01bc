//! What a configuration refers to outside its own text.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Variables and files, as an argument: tests bring their own.
pub trait Environment {
    /// The value of an environment variable; none where it is unset or not UTF-8.
    fn variable(&self, name: &str) -> Option<String>;

    /// The content of a file.
    ///
    /// # Errors
    /// The file cannot be read, or holds more than `max_bytes`.
    fn read(&self, path: &Path, max_bytes: u64) -> io::Result<Vec<u8>>;

    /// Whether a folder stands at `path`.
    fn is_directory(&self, path: &Path) -> bool;
}

/// The environment of this process.
#[derive(Debug, Clone, Copy)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn read(&self, path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = File::open(path)?
            .take(max_bytes.saturating_add(1))
            .read_to_end(&mut bytes)?;
        // A usize always fits into 64 bits on the platforms that Rust supports.
        if u64::try_from(read).unwrap_or(u64::MAX) > max_bytes {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("longer than {max_bytes} bytes"),
            ));
        }
        Ok(bytes)
    }

    fn is_directory(&self, path: &Path) -> bool {
        path.is_dir()
    }
}
