//! `ROWS.md`: the known incidents, each with its cure or the reason why there is none.

use super::*;

/// How many rows `ROWS.md` has.
const INCIDENTS: usize = 59;

/// How many of them are to be cases.
const COVERED: usize = 40;

/// What the packs have for each incident: the rules that fired in the cases that bear its number.
fn cures() -> BTreeMap<usize, BTreeMap<String, BTreeSet<String>>> {
    let mut cures: BTreeMap<usize, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (kind, pack) in packs() {
        for case in &pack.cases {
            for row in rows_of(case) {
                let Row::Incident(number) = row else { continue };
                let rules = cures.entry(number).or_default().entry(format!("{kind}/{}", pack.name)).or_default();
                rules.extend(case.fired.iter().flatten().cloned());
            }
        }
    }
    cures
}

/// `clients/okta`: `empty-type`, `empty-entry`
fn cure(packs: &BTreeMap<String, BTreeSet<String>>) -> String {
    let each = packs.iter().map(|(pack, rules)| {
        let rules: Vec<String> = rules.iter().map(|rule| format!("`{rule}`")).collect();
        format!("**{pack}**: {}", if rules.is_empty() { "no rule is needed".to_owned() } else { rules.join(", ") })
    });
    each.collect::<Vec<_>>().join("; ")
}

#[test]
fn each_known_incident_has_a_case_or_a_reason() {
    let cures = cures();
    let written = fs::read_to_string(file("ROWS.md")).unwrap();
    let (mut page, mut seen) = (String::new(), BTreeSet::new());
    for line in written.lines() {
        let cells = cells(line);
        let number = cells.first().and_then(|cell| cell.parse::<usize>().ok());
        let (Some(number), [_, what, reason]) = (number, cells.as_slice()) else {
            let total = format!("{} of {INCIDENTS} are covered", cures.len());
            let line = if line.starts_with("**") { format!("**{total}.**") } else { line.to_owned() };
            writeln!(page, "{line}").unwrap();
            continue;
        };
        seen.insert(number);
        let (reason, covered) = match cures.get(&number) {
            Some(packs) => (cure(packs), true),
            None => ((*reason).to_owned(), false),
        };
        assert!(covered || (!reason.is_empty() && !reason.starts_with('*')), "row {number} has no case and no reason");
        writeln!(page, "| {number} | {what} | {reason} |").unwrap();
    }
    assert_eq!(seen.len(), INCIDENTS);
    assert!(cures.keys().all(|number| seen.contains(number)), "a case names a row that is not on the page");
    hold("ROWS.md", &page);
    assert!(cures.len() >= COVERED, "only {} rows are covered", cures.len());
}
