//! Logs: one JSON object a line on stdout. Not here: who logs what; the line of a call is written by its record.
//!
//! Never logged, at any level: a token or a backend's credential, a body or any part of one, a query, and the text of an
//! error that a backend or the network gave. Some fields hold what a client chose, such as its method: JSON escapes
//! them, so that nobody can end a line and write the next, and what is too long is cut.

use std::fmt::{self, Debug};
use std::io::Write;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

/// The longest text in a field, in bytes.
const LONGEST: usize = 1024;

/// Why logging can't start.
#[derive(Debug, thiserror::Error)]
pub enum LogFault {
    /// The filter can't be read.
    #[error("the log filter `{filter}` can't be read: {fault}; write it like `info` or `info,scimgate=debug`")]
    Filter {
        /// What was given.
        filter: String,
        /// What is wrong with it.
        fault: String,
    },
    /// Somebody has started it before.
    #[error("logging has been started already")]
    Started,
}

/// Starts logging to stdout for the whole process, with a filter such as `info,hyper=warn`.
///
/// # Errors
/// The filter can't be read, or logging has been started before.
pub fn start(filter: &str) -> Result<(), LogFault> {
    let subscriber = subscriber(filter, std::io::stdout)?;
    tracing::subscriber::set_global_default(subscriber).map_err(|_| LogFault::Started)
}

fn subscriber<W>(filter: &str, writer: W) -> Result<impl Subscriber + Send + Sync, LogFault>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let unread = |fault: String| LogFault::Filter { filter: filter.to_owned(), fault };
    // A word that is no level is taken for the name of a room, and all others are silent.
    let speaks = |part: &str| part.starts_with("scimgate") || part.parse::<LevelFilter>().is_ok();
    if !filter.split(',').any(|part| speaks(part.trim())) {
        return Err(unread("no part of it is a level or speaks of scimgate".to_owned()));
    }
    let levels = EnvFilter::try_new(filter).map_err(|fault| unread(fault.to_string()))?;
    Ok(Registry::default().with(levels).with(Lines(writer)))
}

/// Writes each event as one line.
struct Lines<W>(W);

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber,
    W: for<'w> MakeWriter<'w> + 'static,
{
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields(Map::new());
        let about = event.metadata();
        fields.put("time", now());
        fields.put("level", about.level().as_str());
        fields.put("target", about.target());
        event.record(&mut fields);
        let mut line = Value::Object(fields.0).to_string();
        line.push('\n');
        // A log that can't be written must not stop a call.
        let _ = self.0.make_writer_for(about).write_all(line.as_bytes());
    }
}

/// UTC, RFC 3339.
fn now() -> String {
    let mut text = String::new();
    // Writing to a string doesn't fail.
    let _ = SystemTime.format_time(&mut Writer::new(&mut text));
    text
}

/// The fields of one line.
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        let name = if name == "message" { "msg" } else { name };
        self.0.insert(name.to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = Short(String::new());
        // It fails when the text is full: what came before is what is logged.
        let _ = fmt::write(&mut text, format_args!("{value:?}"));
        self.put(field.name(), text.0);
    }
}

/// A text that takes no more than [`LONGEST`] bytes, and ends in `…` if there was more.
struct Short(String);

impl fmt::Write for Short {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let room = LONGEST - self.0.len().min(LONGEST);
        if more.len() <= room {
            self.0.push_str(more);
            return Ok(());
        }
        self.0.push_str(more.get(..more.floor_char_boundary(room)).unwrap_or_default());
        self.0.push('…');
        Err(fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(filter: &str, says: impl FnOnce()) -> Vec<Value> {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = subscriber(filter, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, says);
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn an_event_is_one_line_of_json_with_numbers_as_numbers() {
        let lines = logged("info", || tracing::info!(target: "scimgate::access", status = 201_u16, ok = true, "done"));
        assert_eq!(lines.len(), 1);
        let line = &lines[0];
        assert_eq!(
            (&line["level"], &line["target"], &line["msg"]),
            (&"INFO".into(), &"scimgate::access".into(), &"done".into())
        );
        assert_eq!((&line["status"], &line["ok"]), (&201.into(), &true.into()));
        let time = line["time"].as_str().unwrap();
        assert!(time.len() >= 24 && time.ends_with('Z') && time.contains('T'), "{time}");
    }

    #[test]
    fn nobody_can_write_a_second_line() {
        let method = "GET\n{\"level\":\"ERROR\"}\r\u{2028}\u{1b}[31m\"";
        let lines = logged("info", || tracing::info!(%method, token = method, "done"));
        assert_eq!(lines.len(), 1);
        assert_eq!((&lines[0]["method"], &lines[0]["token"]), (&method.into(), &method.into()));
    }

    #[test]
    fn what_is_too_long_is_cut_between_characters() {
        let path = "é".repeat(5000);
        let lines = logged("info", || tracing::info!(path, "done"));
        let path = lines[0]["path"].as_str().unwrap();
        assert!(path.len() <= LONGEST + '…'.len_utf8() && path.ends_with("é…"), "{}", path.len());
    }

    #[test]
    fn the_filter_decides_and_a_broken_one_says_so() {
        let lines = logged("warn,scimgate::access=info", || {
            tracing::info!(target: "hyper", "too much");
            tracing::info!(target: "scimgate::access", "just right");
        });
        assert_eq!(lines.len(), 1);
        let fault = subscriber("scimgate=loud", io::sink).map(drop).unwrap_err().to_string();
        assert!(fault.contains("`scimgate=loud`") && fault.contains("info"), "{fault}");
        // What is no level would be taken for a room, and nobody would hear of anything.
        for unheard in ["warning", "foo", "hyper=info"] {
            let fault = subscriber(unheard, io::sink).map(drop).unwrap_err().to_string();
            assert!(fault.contains("speaks of scimgate"), "{unheard}: {fault}");
        }
        for heard in ["off", "INFO,hyper", "hyper=warn,scimgate=debug"] {
            assert!(subscriber(heard, io::sink).is_ok(), "{heard}");
        }
    }

    #[test]
    fn a_log_that_is_full_stops_nobody() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }

            fn flush(&mut self) -> io::Result<()> {
                Err(io::ErrorKind::StorageFull.into())
            }
        }
        let subscriber = subscriber("info", || Full).unwrap();
        let done = tracing::subscriber::with_default(subscriber, || {
            tracing::info!("lost");
            true
        });
        assert!(done);
    }
}
