//! The two columns: each step straight to the backend and through the gateway.

use crate::cli::Paint;
use crate::demo::Step;

/// What became of one step.
#[derive(Debug)]
pub struct Row {
    /// The step.
    pub step: Step,
    /// Straight to the backend.
    pub straight: Result<(), String>,
    /// Through the gateway.
    pub through: Result<(), String>,
    /// The rules and repairs that acted while it went through the gateway.
    pub cured: Vec<String>,
}

/// The rows as text, with a count.
pub fn render(rows: &[Row], paint: Paint) -> String {
    let width = rows.iter().map(|row| row.step.name().len()).max().unwrap_or_default();
    let mut text = format!("{:width$}  straight  scimgate\n", "Okta's day");
    for row in rows {
        let (straight, through) = (mark(&row.straight, paint), mark(&row.through, paint));
        text.push_str(&format!("{:width$}  {straight}    {through}\n", row.step.name()));
        if let Err(why) = &row.straight {
            text.push_str(&format!("    straight: {why}\n"));
        }
        if let Err(why) = &row.through {
            text.push_str(&format!("    {}: {why}\n", paint.red("through scimgate")));
        }
        if row.straight.is_err() && row.through.is_ok() && !row.cured.is_empty() {
            text.push_str(&format!("    {} {}\n", paint.green("cured by:"), row.cured.join(", ")));
        }
    }
    let green = |outcome: fn(&Row) -> bool| rows.iter().filter(|row| outcome(row)).count();
    let (straight, through) = (green(|row| row.straight.is_ok()), green(|row| row.through.is_ok()));
    text.push_str(&format!("\n{straight} of {0} steps work straight, {through} of {0} through scimgate", rows.len()));
    text
}

fn mark(outcome: &Result<(), String>, paint: Paint) -> String {
    match outcome {
        Ok(()) => paint.green("ok    "),
        Err(_) => paint.red("FAILED"),
    }
}
