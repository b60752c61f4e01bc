//! The `soported` program: argv to [`soported::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    soported::cli::main()
}
