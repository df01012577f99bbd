//! Small benches, in instructions: `cargo bench --profile counts --bench counts`. Each subject does its work once under
//! callgrind, which counts the same whatever else the machine does. More than 5 % above what `benches/counts.txt` holds is
//! a failure: either the change is mended, or the file is changed with it, so that who reviews sees what it costs. What is
//! more than 5 % below is told, and the file may follow: until then, so much may be lost again unseen.
//!
//! What is left of chance are the seeds of hash maps, under 1 %. Another compiler counts a little otherwise, which is then
//! said; who takes it writes the file anew. Another kind of processor counts so differently that nothing is compared.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench that can't do its work must not go on; it speaks to people"
)]

mod subject;
mod work;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::hint::black_box;
use std::process::{Command, ExitCode};

use subject::Once;

const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/counts.txt");

/// By how much a count may differ from what is kept, in hundredths of that.
const APART: u64 = 5;

/// What writes the file anew.
const ANEW: &str = "cargo bench --locked --profile counts --bench counts -- keep";

/// The word that makes this binary do one subject's work, and the one that writes the file.
const DO: &str = "do";
const KEEP: &str = "keep";

/// What was counted, with which compiler, and on what kind of processor.
struct Counts {
    compiler: String,
    processor: String,
    of: BTreeMap<String, u64>,
}

fn main() -> ExitCode {
    // Cargo adds an option of its own.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [DO, name] => counted_work(&mut subject::ready(name)),
        _ if !is_built_for_counting() => {
            println!("nothing is counted: that takes `cargo bench --profile counts --bench counts`");
        }
        _ if Command::new("valgrind").arg("--version").output().is_err() => {
            println!("nothing is counted: valgrind is not here (Debian: apt-get install valgrind)");
            return ExitCode::FAILURE;
        }
        [KEEP] => fs::write(KEPT, count().to_text()).unwrap(),
        [] => return compare(&Counts::read(&fs::read_to_string(KEPT).unwrap()), &count()),
        _ => panic!("nothing or `{KEEP}` is to be said, not {words:?}"),
    }
    ExitCode::SUCCESS
}

/// Whether this was built with the profile of that name: others count otherwise.
fn is_built_for_counting() -> bool {
    let binary = std::env::current_exe().unwrap();
    binary.ancestors().nth(2).is_some_and(|folder| folder.ends_with("counts"))
}

/// What callgrind counts, and nothing before and behind it.
#[inline(never)]
fn counted_work(once: &mut Once) {
    black_box(once)();
}

fn count() -> Counts {
    let compiler = Command::new("rustc").arg("--version").output().unwrap().stdout;
    let compiler = String::from_utf8(compiler).unwrap().trim().to_owned();
    let of = subject::names().map(|name| (name.to_owned(), count_one(name))).collect();
    Counts { compiler, processor: processor(), of }
}

fn processor() -> String {
    #[cfg(target_arch = "x86_64")]
    let wide = std::arch::is_x86_feature_detected!("avx2");
    #[cfg(not(target_arch = "x86_64"))]
    let wide = false;
    format!("{}{}", std::env::consts::ARCH, if wide { " with AVX2" } else { "" })
}

fn count_one(name: &str) -> u64 {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--toggle-collect=*counted_work*", "--callgrind-out-file=/dev/null"]);
    // What stands in the environment moves the stack, and with it what copies cost.
    valgrind.arg(std::env::current_exe().unwrap()).args([DO, name]).env_clear();
    let output = valgrind.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} failed:\n{said}");
    let collected = said.lines().find_map(|line| line.split_once("Collected : ")).map(|(_, count)| count);
    let count = collected.unwrap_or_else(|| panic!("{name} was not counted:\n{said}"));
    println!("{name:<32}{count:>12}");
    count.trim().parse().unwrap()
}

fn compare(kept: &Counts, now: &Counts) -> ExitCode {
    if kept.processor != now.processor {
        println!("nothing is compared: the file is of {}, these counts of {}", kept.processor, now.processor);
        return ExitCode::SUCCESS;
    }
    let (worse, better) = differences(kept, now);
    worse.iter().chain(&better).for_each(|difference| println!("{difference}"));
    if !(worse.is_empty() && better.is_empty()) {
        if kept.compiler != now.compiler {
            println!("this is {}, the file is of {}: that may be why", now.compiler, kept.compiler);
        }
        println!("to write benches/counts.txt anew: `{ANEW}`; commit it with what changed the counts, and say why");
    }
    if worse.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What a reviewer has to see, and what is good to know.
fn differences(kept: &Counts, now: &Counts) -> (Vec<String>, Vec<String>) {
    let (mut worse, mut better) = (Vec::new(), Vec::new());
    for (name, &count) in &now.of {
        let Some(&before) = kept.of.get(name) else {
            worse.push(format!("{name} is not in the file"));
            continue;
        };
        let (apart, said) = (before * APART / 100, format!("{name} takes {count} instructions, the file has {before}"));
        if count > before + apart {
            worse.push(format!("{said}: more than {APART} % above"));
        } else if count < before - apart {
            better.push(format!("{said}: more than {APART} % below, so the file may follow"));
        }
    }
    let gone = kept.of.keys().filter(|name| !now.of.contains_key(*name));
    worse.extend(gone.map(|name| format!("{name} is in the file, and nothing else is known of it")));
    (worse, better)
}

impl Counts {
    fn read(text: &str) -> Self {
        let mut lines = text.lines();
        let [compiler, processor] = [(); 2].map(|()| lines.next().unwrap_or_default().to_owned());
        let of = lines.filter_map(|line| line.split_once(' '));
        let of = of.map(|(name, count)| (name.to_owned(), count.trim().parse().expect("a number of instructions")));
        Self { compiler, processor, of: of.collect() }
    }

    fn to_text(&self) -> String {
        let mut text = format!("{}\n{}\n", self.compiler, self.processor);
        for (name, count) in &self.of {
            // Writing to a string doesn't fail.
            let _ = writeln!(text, "{name:<32}{count:>12}");
        }
        text
    }
}
