//! THE LIST of codes: what each means, why it matters, a bad and a good example. `scimgate explain R0104` prints a page.
//!
//! A code is stable: it is named in tickets and searched for, so none is ever given another meaning. Tests hold the list
//! against the source (every fault bears a code of the list) and against `tests/bad` (every code has a file that is told
//! so).

mod cases;
mod deployment;
mod doubts;
mod files;
mod rules;
mod values;

use std::fmt;

/// One code.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// `R` and four digits.
    pub code: &'static str,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// What it means and why it matters, in a few sentences.
    pub page: &'static str,
    /// What is told this code.
    pub bad: &'static str,
    /// What is right instead.
    pub good: &'static str,
}

/// The code of this name; case makes no difference.
#[must_use]
pub fn find(code: &str) -> Option<&'static Code> {
    all().find(|known| known.code.eq_ignore_ascii_case(code))
}

/// Every code, in order.
pub fn all() -> impl Iterator<Item = &'static Code> {
    [files::CODES, deployment::CODES, rules::CODES, values::CODES, cases::CODES, doubts::CODES].into_iter().flatten()
}

/// Whether a word has the form of a code.
#[must_use]
pub fn is_code(word: &str) -> bool {
    let digits = word.strip_prefix(['R', 'r']);
    digits.is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The page.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}\n\n{}\n\nwrong:\n", self.code, self.title, self.page)?;
        self.bad.lines().try_for_each(|line| writeln!(f, "    {line}"))?;
        writeln!(f, "\nright:\n")?;
        self.good.lines().try_for_each(|line| writeln!(f, "    {line}"))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn codes_are_in_order_and_every_page_says_something() {
        let codes: Vec<&str> = all().map(|code| code.code).collect();
        assert!(codes.is_sorted_by(|one, other| one < other), "{codes:?}");
        for code in all() {
            assert!(is_code(code.code), "{}", code.code);
            assert!(code.page.len() > 60 && !code.title.ends_with('.') && code.page.ends_with('.'), "{}", code.code);
            assert!(!code.bad.is_empty() && !code.good.is_empty() && code.bad != code.good, "{}", code.code);
            assert!(code.page.lines().all(|line| line.chars().count() <= 120), "{}", code.code);
        }
    }

    #[test]
    fn a_code_is_found_in_any_case_and_nothing_else_is() {
        assert_eq!(find("r0104").unwrap().code, "R0104");
        assert!(find("R9999").is_none());
        assert!(is_code("R9999") && !is_code("R104") && !is_code("request.http") && !is_code("R01O4"));
    }

    #[test]
    fn a_page_has_both_examples() {
        let page = find("R0405").unwrap().to_string();
        assert!(page.starts_with("R0405: ") && page.contains("\nwrong:\n\n    ") && page.contains("\nright:\n\n    "));
    }

    /// What faults are made with, outside of tests.
    fn used(folder: &Path, codes: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.display().to_string();
            if path.is_dir() {
                if !name.ends_with("/codes") {
                    used(&path, codes);
                }
                continue;
            }
            if name.ends_with("tests.rs") || name.contains("/src/rules/laws/") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
            let quoted = code.split('"').filter(|word| word.len() == 5 && is_code(word));
            codes.extend(quoted.map(|word| (word.to_owned(), name.clone())));
        }
    }

    #[test]
    fn every_fault_in_the_source_bears_a_code_of_the_list_and_the_list_holds_no_other() {
        let mut codes = Vec::new();
        used(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut codes);
        for (code, file) in &codes {
            assert!(find(code).is_some(), "{code} in {file} is in no list");
        }
        for code in all() {
            assert!(codes.iter().any(|(used, _)| used == code.code), "no fault bears {}", code.code);
        }
    }
}
