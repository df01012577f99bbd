//! `scimgate actions`: the reference of the rule language, told from the list that reads it.

use crate::fault::did_you_mean;
use crate::rules::actions::{About, LIST};

use super::{Failure, Paint};

/// The words of `scimgate actions`.
#[derive(Debug, clap::Args)]
pub struct Words {
    /// One action, with its tables; without it, all of them, a line each
    name: Option<String>,
}

/// Runs the words.
///
/// # Errors
/// There is no such action.
pub fn run(words: &Words) -> Result<String, Failure> {
    let paint = Paint::for_output();
    let Some(name) = &words.name else { return Ok(all(paint)) };
    if let Some(about) = LIST.iter().find(|about| about.word == name) {
        return Ok(one(about, paint));
    }
    let known = || LIST.iter().map(|about| about.word);
    Err(Failure::said(match did_you_mean(name, known()) {
        Some(meant) => format!("there is no action `{name}`; did you mean `{meant}`?"),
        None => format!("there is no action `{name}`; there are {}", known().collect::<Vec<_>>().join(", ")),
    }))
}

fn all(paint: Paint) -> String {
    let mut text = String::new();
    for (two_way, heading) in [(true, "two-way: undone in every answer"), (false, "one-way: nothing is undone")] {
        text.push_str(&format!("{}\n", paint.dim(heading)));
        for about in LIST.iter().filter(|about| about.two_way == two_way) {
            text.push_str(&format!("  {}  {}\n", paint.bold(&format!("{:8}", about.word)), about.summary));
        }
        text.push('\n');
    }
    text + "scimgate actions NAME shows one of them with its tables"
}

fn one(about: &About, paint: Paint) -> String {
    let way = if about.two_way { "two-way, undone in every answer" } else { "one-way, not undone" };
    let mut text = format!("{}: {}\n{way}\n", paint.bold(about.word), about.summary);
    let mut part = |heading: &str, lines: &str| {
        text.push_str(&format!("\n{}\n", paint.dim(heading)));
        lines.lines().for_each(|line| text.push_str(&format!("  {line}\n")));
    };
    part("an entry of `do`", &format!("- {}", about.example));
    part("exact", about.exact);
    part("in filter and sortBy", &table(about.operators));
    part("in a PATCH", &table(about.patch));
    text
}

fn table(rows: &[(&str, &str)]) -> String {
    let width = rows.iter().map(|(left, _)| left.chars().count()).max().unwrap_or_default();
    rows.iter().map(|(left, right)| format!("{left:width$}  {right}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: Option<&str>) -> Result<String, Failure> {
        run(&Words { name: name.map(str::to_owned) })
    }

    #[test]
    fn every_action_is_told_with_all_that_is_known_of_it() {
        let list = told(None).unwrap();
        for about in LIST {
            assert!(list.contains(about.summary), "{}", about.word);
            let page = told(Some(about.word)).unwrap();
            assert!(page.contains(about.example) && page.contains(about.exact), "{page}");
            assert!(!about.operators.is_empty() && !about.patch.is_empty(), "{}", about.word);
            assert!(about.operators.iter().chain(about.patch).all(|(_, becomes)| page.contains(becomes)), "{page}");
        }
    }

    #[test]
    fn a_misspelt_action_is_guessed() {
        let Err(Failure::Said(text)) = told(Some("renam")) else { panic!("known") };
        assert_eq!(text, "there is no action `renam`; did you mean `rename`?");
    }
}
