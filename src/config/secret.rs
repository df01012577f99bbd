//! Secrets by the names of their places: a variable of the environment, or a file.

use crate::access::Secret;
use crate::fault::{Fault, Faults};
use crate::yaml::{Kind, Node};

use super::{Reader, files};

/// `{ env: NAME }` or `{ file: path }`.
pub(super) fn secret(node: &Node, what: &str, reader: &mut Reader<'_>, faults: &mut Faults) -> Option<Secret> {
    if matches!(node.kind, Kind::String(_) | Kind::Number(_) | Kind::Bool(_)) {
        faults.push(
            Fault::error("R0301", node.place.clone(), "a secret stands in the file")
                .label("whoever reads the file could use it")
                .help(format!(
                    "say where it is: `{what}: {{ env: NAME }}` or `{what}: {{ file: path }}`; then change it"
                )),
        );
        return None;
    }
    let mut fields = node.fields(what, faults)?;
    let (env, file) = (fields.take("env"), fields.take("file"));
    let before = faults.errors();
    fields.finish(faults);
    match (env, file) {
        (Some(node), None) => from_env(node, reader, faults),
        (None, Some(node)) => from_file(node, reader, faults),
        // A misspelt key has been told already.
        _ if faults.errors() > before => None,
        _ => {
            faults.push(
                Fault::error("R0106", node.place.clone(), format!("{what} is exactly one of `env` and `file`"))
                    .label("not one of them")
                    .help("write `{ env: NAME }` or `{ file: path }`"),
            );
            None
        }
    }
}

fn from_env(node: &Node, reader: &mut Reader<'_>, faults: &mut Faults) -> Option<Secret> {
    let name = node.text("the name of a variable", faults)?;
    let known = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(known) {
        faults.conceal(&node.place);
        faults.push(
            Fault::error("R0105", node.place.clone(), "not the name of a variable")
                .label("letters, digits and `_` only")
                .help("name a variable of the environment, such as `BACKEND_TOKEN`, not its value"),
        );
        return None;
    }
    let Some(text) = (reader.env)(name).filter(|text| !text.is_empty()) else {
        faults.push(
            Fault::error("R0302", node.place.clone(), format!("the environment has no `{name}`"))
                .label("not set, or empty")
                .help(format!("set {name} where the gateway is started")),
        );
        return None;
    };
    Some(Secret::new(text))
}

fn from_file(node: &Node, reader: &mut Reader<'_>, faults: &mut Faults) -> Option<Secret> {
    let path = reader.path(node, "a secret", faults)?;
    let mut refuse = |code, message: String, label: &str, help: &str| {
        faults.push(Fault::error(code, node.place.clone(), message).label(label).help(help));
        None
    };
    let bytes = match reader.files.read(&path) {
        Ok(bytes) => bytes,
        Err(fault) => {
            let message = format!("`{}` can't be read: {}", path.display(), files::reason(&fault));
            return refuse("R0107", message, "the secret is expected there", "make the file, or name another one");
        }
    };
    // Editors and `echo` end a file with a line break that isn't part of the secret.
    let text = String::from_utf8(bytes).ok().map(|text| text.trim_end_matches(['\r', '\n']).to_owned());
    match text.filter(|text| !text.is_empty()) {
        Some(text) => Some(Secret::new(text)),
        None => {
            let message = format!("`{}` holds no secret", path.display());
            refuse("R0302", message, "empty, or not text", "write the secret into the file, on one line")
        }
    }
}
