//! Faults for programs: JSON, and the annotations that GitHub shows beside a change.

use serde_json::{Value, json};

use crate::fault::{Fault, Faults, Severity};

/// How faults are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people, with the line and a caret.
    #[default]
    Text,
    /// An array of objects.
    Json,
    /// Workflow commands of GitHub Actions.
    Github,
}

/// An array with an object for each fault. `line` is 0 where the file as a whole is meant; `label` and `help` may be
/// null.
pub(super) fn json(faults: &Faults) -> String {
    let list: Vec<Value> = faults.iter().map(object).collect();
    format!("{:#}", Value::Array(list))
}

fn object(fault: &Fault) -> Value {
    json!({
        "code": fault.code,
        "severity": word(fault),
        "file": &*fault.place.file,
        "line": fault.place.line,
        "column": fault.place.column,
        "end": fault.place.end,
        "message": fault.message,
        "label": fault.label,
        "help": fault.help,
    })
}

fn word(fault: &Fault) -> &'static str {
    match fault.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// One workflow command a fault, then the count.
pub(super) fn github(faults: &Faults, counted: &str) -> String {
    let lines = faults.iter().map(annotation).collect::<Vec<_>>().join("");
    let summary = if faults.is_empty() { "no errors".to_owned() } else { faults.summary() };
    format!("{lines}{counted}: {summary}")
}

fn annotation(fault: &Fault) -> String {
    let place = &fault.place;
    let at = match place.line {
        0 => String::new(),
        line => format!(",line={line},col={},endColumn={}", place.column, place.end.max(place.column)),
    };
    let mut message = fault.message.clone();
    if let Some(help) = &fault.help {
        message.push_str(&format!("\nhelp: {help}"));
    }
    let (file, message) = (property(&place.file), data(&message));
    format!("::{} file={file}{at},title={}::{message}\n", word(fault), fault.code)
}

/// What would end the text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What would end a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Place;

    fn faults() -> Faults {
        let mut faults = Faults::new();
        let place = Place { file: "a,b.yaml".into(), line: 2, column: 3, end: 7 };
        faults.push(Fault::error("R0104", place, "100% `pach`\nx").label("not an operation").help("did you mean?"));
        faults.push(Fault::warning("R0602", Place::whole("c.yaml"), "odd"));
        faults
    }

    #[test]
    fn programs_get_every_part_of_a_fault() {
        let read: Value = serde_json::from_str(&json(&faults())).unwrap();
        assert_eq!(
            read[0],
            json!({
                "code": "R0104", "severity": "error", "file": "a,b.yaml", "line": 2, "column": 3, "end": 7,
                "message": "100% `pach`\nx", "label": "not an operation", "help": "did you mean?",
            })
        );
        assert_eq!(
            (&read[1]["severity"], &read[1]["label"], &read[1]["line"]),
            (&json!("warning"), &json!(null), &json!(0))
        );
        assert_eq!(json(&Faults::new()), "[]");
    }

    #[test]
    fn github_reads_one_command_a_fault() {
        assert_eq!(
            github(&faults(), "2 files"),
            "::error file=a%2Cb.yaml,line=2,col=3,endColumn=7,title=R0104::100%25 `pach`%0Ax%0Ahelp: did you mean?\n\
             ::warning file=c.yaml,title=R0602::odd\n2 files: 1 error, 1 warning"
        );
        assert_eq!(github(&Faults::new(), "1 file"), "1 file: no errors");
    }
}
