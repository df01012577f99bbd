//! `QUIRKS.md`: what clients and backends do otherwise, each with its cure, what is left of it, and why.
//!
//! The page holds the rows, in words of its own; what the packs do about each is written into it.

use super::*;

/// How many rows need something.
const ROWS: usize = 237;

/// The rows that need nothing, since nothing is to be changed; two cases say so.
const NEEDLESS: [&str; 2] = ["B-AWS-16", "C-KC-05"];

/// How sure it is that things are so.
const EVIDENCE: [&str; 3] = ["strong", "medium", "weak"];

/// Why something is left, as the page explains it.
const REASONS: [&str; 9] =
    ["bridge", "memory", "config", "choice", "gateway", "other side", "harm", "no action", "unknown"];

/// What a pack has for a row: the rules that name it as their source or fire in a case that bears it; none where a case
/// shows that all passes.
type Cures = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

fn quirks(rows: BTreeSet<Row>) -> impl Iterator<Item = String> {
    rows.into_iter().filter_map(|row| match row {
        Row::Quirk(id) => Some(id),
        Row::Incident(_) => None,
    })
}

fn cures() -> Cures {
    let mut cures = Cures::new();
    for (kind, pack) in packs() {
        let named = |rule: &Arc<Rule>| (rows(rule.source.as_deref().unwrap_or("")), vec![rule.id.in_pack().to_owned()]);
        let shown = |case: &Case| (rows_of(case), case.fired.iter().flatten().cloned().collect());
        let all = pack.rules.iter().map(named).chain(pack.cases.iter().map(shown));
        for (rows, rules) in all {
            for id in quirks(rows) {
                let of_pack = cures.entry(id).or_default().entry(format!("{kind}/{}", pack.name)).or_default();
                of_pack.extend(rules.iter().cloned());
            }
        }
    }
    cures
}

/// `clients/okta`: `empty-type`, `empty-entry`
fn cure(packs: &BTreeMap<String, BTreeSet<String>>) -> String {
    let each = packs.iter().map(|(pack, rules)| {
        let rules: Vec<String> = rules.iter().map(|rule| format!("`{rule}`")).collect();
        format!("**{pack}**: {}", if rules.is_empty() { "passes as it is".to_owned() } else { rules.join(", ") })
    });
    each.collect::<Vec<_>>().join("; ")
}

/// A row of the page.
struct Quirk {
    id: String,
    what: String,
    evidence: String,
    left: String,
}

fn quirk(line: &str) -> Option<Quirk> {
    let owned = |text: &&str| (*text).to_owned();
    let cells: Vec<String> = cells(line).iter().map(owned).collect();
    let [id, what, evidence, _, left] = <[String; 5]>::try_from(cells).ok()?;
    matches!(quirks(rows(&id)).next(), Some(named) if named == id).then_some(Quirk { id, what, evidence, left })
}

/// What became of the rows of one grade.
#[derive(Default)]
struct Tally {
    by_rules: usize,
    as_they_are: usize,
    in_part: usize,
    with_a_reason: usize,
}

impl Tally {
    fn add(&mut self, packs: Option<&BTreeMap<String, BTreeSet<String>>>, left: &str) {
        match packs {
            Some(packs) if packs.values().any(|rules| !rules.is_empty()) => self.by_rules += 1,
            Some(_) => self.as_they_are += 1,
            None => self.with_a_reason += 1,
        }
        self.in_part += usize::from(packs.is_some() && !left.is_empty());
    }

    fn rows(&self) -> usize {
        self.by_rules + self.as_they_are + self.with_a_reason
    }

    fn line(&self, grade: &str) -> String {
        let Self { by_rules, as_they_are, in_part, with_a_reason } = self;
        format!("| {grade} | {} | {by_rules} | {as_they_are} | {in_part} | {with_a_reason} |", self.rows())
    }
}

fn check(quirk: &Quirk, is_covered: bool) {
    let Quirk { id, left, evidence, .. } = quirk;
    assert!(EVIDENCE.contains(&evidence.as_str()), "{id}: what is `{evidence}`?");
    assert!(is_covered || !left.is_empty(), "{id} has neither a case nor a reason");
    let reason = left.split(": ").next().unwrap_or("");
    assert!(left.is_empty() || REASONS.contains(&reason), "{id}: `{reason}` is not explained on the page");
}

/// The table of counts, in the place of the one that is there.
fn counts(tallies: &BTreeMap<&str, Tally>) -> Vec<String> {
    let all = tallies.values().fold(Tally::default(), |sum, one| Tally {
        by_rules: sum.by_rules + one.by_rules,
        as_they_are: sum.as_they_are + one.as_they_are,
        in_part: sum.in_part + one.in_part,
        with_a_reason: sum.with_a_reason + one.with_a_reason,
    });
    let graded = EVIDENCE.iter().filter_map(|grade| Some(tallies.get(grade)?.line(grade)));
    graded.chain([all.line("**all**")]).collect()
}

fn is_count(line: &str) -> bool {
    cells(line).first().is_some_and(|first| EVIDENCE.contains(first) || *first == "**all**")
}

#[test]
fn each_known_quirk_has_a_cure_or_a_reason() {
    let cures = cures();
    let written = fs::read_to_string(file("QUIRKS.md")).unwrap();
    let mut seen = BTreeSet::new();
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut lines: Vec<String> = Vec::new();
    for line in written.lines().filter(|line| !is_count(line)) {
        let Some(quirk) = quirk(line) else {
            lines.push(line.to_owned());
            continue;
        };
        let packs = cures.get(&quirk.id);
        check(&quirk, packs.is_some());
        let Quirk { id, what, evidence, left } = quirk;
        let grade = EVIDENCE.into_iter().find(|grade| *grade == evidence).unwrap();
        tallies.entry(grade).or_default().add(packs, &left);
        let cure = packs.map(cure).unwrap_or_default();
        lines.push(format!("| {id} | {what} | {evidence} | {cure} | {left} |"));
        assert!(seen.insert(id), "a row stands there twice: {line}");
    }
    assert_eq!(seen.len(), ROWS);
    let unknown = cures.keys().find(|id| !seen.contains(*id) && !NEEDLESS.contains(&id.as_str()));
    assert_eq!(unknown, None, "a pack names a row that is not on the page");
    let place = lines.iter().position(|line| line.starts_with("| evidence |")).unwrap() + 2;
    lines.splice(place..place, counts(&tallies));
    hold("QUIRKS.md", &format!("{}\n", lines.join("\n")));
}
