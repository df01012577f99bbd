//! `scimgate demo`: the legacy server, the gateway before it as `serve` runs it, and Okta's day on both lines.

mod columns;
mod line;
mod stage;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::demo::{Day, Flaw, Kind, Legacy, Step};

use super::{Failure, Paint};
use columns::Row;
use stage::{Part, Stage};

/// The words of `scimgate demo`.
#[derive(Debug, clap::Args)]
pub struct Words {
    /// Switch a flaw of the legacy server off; may be said several times
    #[arg(long, value_name = "FLAW", value_parser = flaw())]
    without: Vec<String>,
    /// Another legacy server, without flaws, that lacks something as a whole
    #[arg(long, value_name = "KIND", value_parser = kind(), conflicts_with = "without")]
    legacy: Option<String>,
    /// Keep both servers running, and print how to reach them
    #[arg(long)]
    serve: bool,
    /// The gateway's address
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

fn flaw() -> clap::builder::PossibleValuesParser {
    Flaw::ALL.iter().map(|flaw| flaw.word()).collect::<Vec<_>>().into()
}

fn kind() -> clap::builder::PossibleValuesParser {
    Kind::LACKING.iter().map(|(word, _)| *word).collect::<Vec<_>>().into()
}

impl Words {
    /// The server that is asked for.
    fn part(&self) -> Part {
        let kind = Kind::LACKING.iter().find(|(word, _)| self.legacy.as_deref() == Some(word));
        let kind = kind.map_or(Kind::Flawed, |(_, kind)| *kind);
        let is_wanted = |flaw: &Flaw| kind == Kind::Flawed && !self.without.iter().any(|word| word == flaw.word());
        Part { kind, flaws: Flaw::ALL.iter().copied().filter(is_wanted).collect() }
    }
}

/// Runs the words.
///
/// # Errors
/// A step failed through the gateway, or something could not be started.
pub fn run(words: &Words) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| Failure::said(format!("the runtime can't start: {fault}")))?;
    runtime.block_on(play(words))
}

async fn play(words: &Words) -> Result<(), Failure> {
    let part = words.part();
    let mut stage = Stage::set(&part, words.listen).await?;
    let rows = both(&mut stage, &part).await?;
    super::say(&columns::render(&rows, Paint::for_output()))?;
    if part.flaws.contains(&Flaw::JsonOnly) {
        super::say(
            "\nOne flaw hides the next: `scimgate demo --without json-only` shows what else goes wrong straight.",
        )?;
    }
    if words.serve {
        super::say(&stage.directions())?;
        stage.until_asked().await?;
    }
    if rows.iter().all(|row| row.through.is_ok()) { Ok(()) } else { Err(Failure::Silent) }
}

/// Okta's day on both lines. The straight one has a backend of its own, so that neither disturbs the other.
async fn both(stage: &mut Stage, part: &Part) -> Result<Vec<Row>, Failure> {
    let (mut straight, straight_backend) = stage.straight(part).await?;
    let (mut through, through_backend): (_, Arc<Legacy>) = stage.through()?;
    let mut straight_day = Day::new(&mut straight, &straight_backend);
    let mut through_day = Day::new(&mut through, &through_backend);
    let mut rows = Vec::with_capacity(Step::ALL.len());
    for &step in Step::ALL {
        let before = stage.firings();
        let through = through_day.play(step).await;
        let cured = risen(&before, &stage.firings());
        rows.push(Row { step, straight: straight_day.play(step).await, through, cured });
    }
    Ok(rows)
}

/// The ids whose count has risen.
fn risen(before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>) -> Vec<String> {
    let has_risen = |(id, count): &(&String, &u64)| before.get(*id).copied().unwrap_or_default() < **count;
    after.iter().filter(has_risen).map(|(id, _)| id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_legacy_server_lacks_as_a_whole_is_made_up_for() {
        for &(word, kind) in Kind::LACKING {
            let part = Part { kind, flaws: Vec::new() };
            let mut stage = Stage::set(&part, SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
            let rows = both(&mut stage, &part).await.unwrap();
            let failed: Vec<_> = rows.iter().filter(|row| row.through.is_err()).collect();
            assert!(failed.is_empty(), "{word}: {failed:?}");
            assert!(rows.iter().any(|row| row.straight.is_err()), "{word}: nothing is lacking");
        }
    }
}
