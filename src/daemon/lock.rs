//! One daemon per database: an advisory lock on a file beside it (mail.md §7).

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Held while the daemon lives; the system lets go when the process ends, however it ends.
#[derive(Debug)]
pub struct InstanceLock {
    _file: File,
}

fn lock_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

impl InstanceLock {
    /// Takes the lock; `Ok(None)` where another daemon has it.
    pub fn take(database: &Path) -> io::Result<Option<Self>> {
        if let Some(folder) = database.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(lock_path(database))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Whether a daemon runs on this database.
    pub fn is_held(database: &Path) -> bool {
        match File::options().write(true).open(lock_path(database)) {
            Ok(file) => matches!(file.try_lock(), Err(TryLockError::WouldBlock)),
            Err(_) => false,
        }
    }
}
