//! `scimgate explain`: one request through the rules, with what each of them did and why, and the way back; or what a
//! code of `check` means.

mod data;
mod why;
mod written;

use std::fs;
use std::path::{Path, PathBuf};

use similar::{ChangeTag, TextDiff};

use crate::fault::{codes, did_you_mean};
use crate::gateway::rehearse::{self, Answered, Asked, Heard, Met, Played, Stage, Urls};
use crate::json;
use crate::rules::{Selection, Verdict};
use crate::scim::Query;

use super::{Failure, Paint};

/// The words of `scimgate explain`.
#[derive(Debug, clap::Args)]
pub struct Words {
    /// A file with the request as the client sends it: `PUT /Users/7`, headers, an empty line, the body; or a code of
    /// `check`, such as R0104
    #[arg(value_name = "REQUEST|CODE")]
    request: PathBuf,
    /// The connection whose packs it goes through; may be left out where there is only one
    #[arg(long)]
    connection: Option<String>,
    /// A file with the backend's answer, to see the way back; one for each call, where a bridge makes several
    #[arg(long)]
    answer: Vec<PathBuf>,
    /// Only which rule last changed this attribute, on each way: userName, emails.type
    #[arg(long, value_name = "PATH")]
    why: Option<String>,
    /// How it is told: for people, or for programs
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The configuration
    #[arg(long, default_value = super::CONFIG, env = "SCIMGATE_CONFIG")]
    config: PathBuf,
}

/// How it is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// An object.
    Json,
}

/// Runs the words.
///
/// # Errors
/// A file that can't be read, a configuration with faults, or a code that doesn't exist.
pub async fn run(words: &Words, paint: Paint) -> Result<String, Failure> {
    if let Some(code) = words.request.to_str().filter(|word| codes::is_code(word)) {
        return page(code);
    }
    let path = words.why.as_deref().map(why::Path::parse).transpose().map_err(Failure::said)?;
    let config = super::load(&words.config, &|name| Some(name.to_owned()))?;
    let connection = super::pick(&config, words.connection.as_deref())?;
    let mut asked = written::request(&read(&words.request)?).map_err(|fault| in_file(&words.request, &fault))?;
    if let Some(below) = asked.target.strip_prefix(&connection.path).filter(|below| below.starts_with('/')) {
        asked.target = below.to_owned();
    }
    let answers = words.answer.iter();
    let answers = answers.map(|path| written::answer(&read(path)?).map_err(|fault| in_file(path, &fault)));
    let answers = answers.collect::<Result<Vec<Answered>, Failure>>()?;
    let stage = Stage {
        outer: connection.outer().collect(),
        inner: connection.inner(),
        scim: connection.scim,
        modes: connection.modes.clone(),
        declared: connection.resources.clone(),
        choices: connection.choices,
        urls: Urls {
            backend: connection.backend.url.clone(),
            public: connection.public_url.clone(),
            path: connection.path.clone(),
        },
    };
    let played = rehearse::play(&stage, &asked, answers.clone()).await;
    let played = played.map_err(|fault| in_file(&words.request, &fault))?;
    let tale = Tale { paint, asked: &asked, answers: &answers, played: &played };
    let makers = path.as_ref().map(|path| why::makers(path, &tale));
    Ok(match (words.format, &makers) {
        (Format::Json, makers) => data::object(&tale, makers.as_ref()),
        (Format::Text, Some(makers)) => makers.tell(paint),
        (Format::Text, None) => tale.tell(),
    })
}

fn page(code: &str) -> Result<String, Failure> {
    codes::find(code).map(ToString::to_string).ok_or_else(|| {
        let known = || codes::all().map(|known| known.code);
        let near = did_you_mean(code, known()).map(|near| format!("the nearest is {near}"));
        let near = near.unwrap_or_else(|| "`check` prints the codes of what it finds".to_owned());
        Failure::said(format!("there is no code {code}; {near}"))
    })
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|fault| in_file(path, &fault.to_string()))
}

fn in_file(path: &Path, fault: &str) -> Failure {
    Failure::said(format!("{}: {fault}", path.display()))
}

/// What is told.
struct Tale<'t> {
    paint: Paint,
    asked: &'t Asked,
    answers: &'t [Answered],
    played: &'t Played,
}

impl Tale<'_> {
    fn tell(&self) -> String {
        let mut told = String::new();
        self.heading(&mut told, &format!("{} {}", self.asked.method, self.asked.target), "the client sends");
        lines(&mut told, &laid_out(&self.asked.body), "  ");
        let mut before = shown(&self.asked.target, &self.asked.body);
        for (turn, heard) in self.played.received.iter().enumerate() {
            self.rules(&mut told, false, turn, before);
            self.received(&mut told, heard);
            let Some(answer) = self.answers.get(turn) else { return self.unanswered(told, turn) };
            self.heading(&mut told, &answer.status.to_string(), "the backend answers");
            before = laid_out(&answer.body.concat());
            lines(&mut told, &before, "  ");
            self.rules(&mut told, true, turn + 1, before.clone());
        }
        if self.played.received.is_empty() {
            self.rules(&mut told, false, 0, before);
            self.heading(&mut told, "nothing", "the backend receives");
        }
        self.heading(&mut told, &self.played.status.to_string(), "the client receives");
        lines(&mut told, &laid_out(&self.played.body), "  ");
        told
    }

    /// Where a bridge would go on, if it knew what the backend answers.
    fn unanswered(&self, mut told: String, turn: usize) -> String {
        if let Some(bridge) = self.played.met.iter().find(|met| met.id.starts_with("bridge/")) {
            let more = format!("\n{} goes on with the answer: show it by `--answer` number {}\n", bridge.id, turn + 1);
            told.push_str(&self.paint.dim(&more));
        }
        told
    }

    fn heading(&self, told: &mut String, what: &str, whose: &str) {
        let gap = if told.is_empty() { "" } else { "\n" };
        told.push_str(&format!("{gap}{} {}\n", self.paint.dim(&format!("{whose}:")), self.paint.bold(what)));
    }

    fn received(&self, told: &mut String, heard: &Heard) {
        self.heading(told, &format!("{} {}", heard.method, heard.target), "the backend receives");
        lines(told, &laid_out(&heard.body), "  ");
    }

    fn rules(&self, told: &mut String, back: bool, after: usize, mut before: String) {
        let met: Vec<&Met> = self.played.met.iter().filter(|met| met.back == back && met.after == after).collect();
        let refusal = self.played.refused.as_ref().filter(|refusal| refusal.back == back && refusal.after == after);
        let ids = met.iter().map(|met| &met.id).chain(refusal.map(|refusal| &refusal.id));
        let width = ids.map(String::len).max().unwrap_or_default();
        if !met.is_empty() || refusal.is_some() {
            told.push('\n');
        }
        for met in met {
            let id = format!("{:width$}", met.id);
            match met.verdict {
                Verdict::Applied => {
                    told.push_str(&format!("  {}  {}\n", self.paint.bold(&id), met.why));
                    if let Some(shown) = &met.shown {
                        self.difference(told, &before, shown);
                        before.clone_from(shown);
                    }
                }
                Verdict::Skipped(why) => {
                    told.push_str(&self.paint.dim(&format!("  {id}  did nothing: {}\n", why.as_str())));
                }
            }
        }
        if let Some(refusal) = refusal {
            let id = self.paint.bold(&format!("{:width$}", refusal.id));
            told.push_str(&format!(
                "  {id}  {}\n      {}\n",
                refusal.why,
                self.paint.red(&format!("refused: {}", refusal.detail))
            ));
        }
    }

    fn difference(&self, told: &mut String, before: &str, after: &str) {
        // A comma says only that something follows: without it, what stands before a change is none itself.
        let bare = |text: &str| text.lines().map(|line| line.trim_end_matches(',')).collect::<Vec<_>>().join("\n");
        for change in TextDiff::from_lines(bare(before), bare(after)).iter_all_changes() {
            let line = change.value().trim_end();
            match change.tag() {
                ChangeTag::Delete => told.push_str(&self.paint.red(&format!("      - {line}"))),
                ChangeTag::Insert => told.push_str(&self.paint.green(&format!("      + {line}"))),
                ChangeTag::Equal => continue,
            }
            told.push('\n');
        }
    }
}

/// A request as rules show it: what its query selects, then its body.
fn shown(target: &str, body: &[u8]) -> String {
    let query = target.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let selection = Query::parse(query).and_then(|query| Selection::read(&query)).unwrap_or_default();
    format!("{}{}", selection.show(), laid_out(body))
}

fn laid_out(body: &[u8]) -> String {
    match json::parse(body) {
        Ok(value) => value.pretty(),
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    }
}

fn lines(told: &mut String, text: &str, indent: &str) {
    for line in text.lines() {
        told.push_str(&format!("{indent}{line}\n"));
    }
}
