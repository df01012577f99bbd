//! `scimgate demo`: the legacy server, the gateway before it as `serve` runs it, and Okta's day on both lines.

mod columns;
mod line;
mod stage;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::demo::{Day, Flaw, Legacy, Step};

use super::{Failure, Paint};
use columns::Row;
use stage::Stage;

/// The words of `scimgate demo`.
#[derive(Debug, clap::Args)]
pub struct Words {
    /// Switch a flaw of the legacy server off; may be said several times
    #[arg(long, value_name = "FLAW", value_parser = flaw())]
    without: Vec<String>,
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
    let flaws: Vec<Flaw> =
        Flaw::ALL.iter().copied().filter(|flaw| !words.without.iter().any(|word| word == flaw.word())).collect();
    let mut stage = Stage::set(&flaws, words.listen).await?;
    let rows = both(&mut stage, &flaws).await?;
    super::say(&columns::render(&rows, Paint::for_output()));
    if flaws.contains(&Flaw::JsonOnly) {
        super::say(
            "\nOne flaw hides the next: `scimgate demo --without json-only` shows what else goes wrong straight.",
        );
    }
    if words.serve {
        super::say(&stage.directions());
        stage.until_asked().await?;
    }
    if rows.iter().all(|row| row.through.is_ok()) { Ok(()) } else { Err(Failure::Silent) }
}

/// Okta's day on both lines. The straight one has a backend of its own, so that neither disturbs the other.
async fn both(stage: &mut Stage, flaws: &[Flaw]) -> Result<Vec<Row>, Failure> {
    let (mut straight, straight_backend) = stage.straight(flaws).await?;
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
