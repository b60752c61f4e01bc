//! Secrets: where they come from, and what never happens to them (being shown).

use std::path::{Component, Path};

use secrecy::SecretString;
use toml::Value;

use super::environment::Environment;
use super::reader::Reader;

/// Longest secret read, in bytes; a longer file is refused as not being one.
const SECRET_MAX_BYTES: u64 = 64 * 1024;

/// The variable in which systemd names the folder of a service's credentials (systemd.exec(5)).
const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";

const CURE: &str = "name one source: { credential = \"name\" } (systemd), { file = \"path\" }, \
                    { env = \"VARIABLE\" } or { value = \"…\" }";

/// A secret as written: one source, not yet looked up.
pub(super) struct Source<'a> {
    kind: SourceKind,
    name: &'a str,
}

#[derive(Clone, Copy)]
enum SourceKind {
    File,
    Variable,
    Credential,
    Value,
}

/// Reads the source at `key`; none where it is missing, empty or wrong.
pub(super) fn source<'a>(reader: &mut Reader<'a>, key: &'static str) -> Option<Source<'a>> {
    let value = reader.value(key)?;
    let table = match value {
        Value::String(text) if text.is_empty() => return None,
        Value::Table(table) => table,
        // What was written may be the secret itself, so it is not quoted.
        _ => {
            reader.problem(key, "does not say where the secret is", CURE);
            return None;
        }
    };
    let mut entries = table.iter();
    let (Some((kind, value)), None) = (entries.next(), entries.next()) else {
        reader.problem(key, format!("{} sources", table.len()), CURE);
        return None;
    };
    let kind = match kind.as_str() {
        "file" => SourceKind::File,
        "env" => SourceKind::Variable,
        "credential" => SourceKind::Credential,
        "value" => SourceKind::Value,
        other => {
            reader.problem(key, format!("unknown source \"{other}\""), CURE);
            return None;
        }
    };
    match value.as_str() {
        Some(name) if !name.is_empty() => Some(Source { kind, name }),
        _ => {
            reader.problem(key, "the source is not a text, or an empty one", CURE);
            None
        }
    }
}

/// Looks the secret up. Problems name the source, never what was found in it.
pub(super) fn secret(
    reader: &Reader<'_>,
    key: &str,
    source: &Source<'_>,
    base: &Path,
    environment: &dyn Environment,
) -> Option<SecretString> {
    let name = source.name;
    let found = match source.kind {
        SourceKind::Value => {
            reader.warn(
                key,
                "the password stands in the configuration",
                "prefer { credential = \"…\" } or { file = \"…\" }, and keep this file unreadable \
                 for others",
            );
            Ok(name.to_owned())
        }
        SourceKind::Variable => environment.variable(name).ok_or_else(|| {
            (
                format!("the variable {name} is not set"),
                format!("set {name}, or name another source"),
            )
        }),
        SourceKind::File => read_file(&base.join(name), environment),
        SourceKind::Credential => read_credential(name, environment),
    };
    let secret = found.and_then(|secret| {
        let bad = |what: &str| {
            Err((
                format!("the secret {what}"),
                "put the password, and nothing else, into its source".to_owned(),
            ))
        };
        if secret.is_empty() {
            bad("is empty")
        } else if secret.chars().any(char::is_control) {
            bad("holds a line break or another control character")
        } else {
            Ok(SecretString::from(secret))
        }
    });
    secret
        .map_err(|(what, cure)| reader.problem(key, what, cure))
        .ok()
}

fn read_credential(name: &str, environment: &dyn Environment) -> Result<String, (String, String)> {
    let mut components = Path::new(name).components();
    let (Some(Component::Normal(_)), None) = (components.next(), components.next()) else {
        return Err((
            format!("the credential \"{name}\" is a path"),
            "write the bare name given to LoadCredential=".to_owned(),
        ));
    };
    let folder = environment.variable(CREDENTIALS_VARIABLE).ok_or_else(|| {
        (
            format!("there is no ${CREDENTIALS_VARIABLE}"),
            format!(
                "run under systemd with LoadCredential={name}:…, or set the variable to the \
                 folder of the file {name}"
            ),
        )
    })?;
    read_file(&Path::new(&folder).join(name), environment)
}

fn read_file(path: &Path, environment: &dyn Environment) -> Result<String, (String, String)> {
    let shown = path.display();
    let cure = || format!("write the password into {shown}, readable for the service");
    let bytes = environment
        .read(path, SECRET_MAX_BYTES)
        .map_err(|error| (format!("{shown} cannot be read ({error})"), cure()))?;
    let mut text =
        String::from_utf8(bytes).map_err(|_| (format!("{shown} is not UTF-8 text"), cure()))?;
    // Editors end a file with a line break that is no part of the password.
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}
