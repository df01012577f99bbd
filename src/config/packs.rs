//! Finds packs by name: in the folders beside `gateway.yaml`, else among the shipped ones. Each is read once.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::fault::{Fault, Faults, did_you_mean};
use crate::rules::{Pack, Side, load};
use crate::yaml::{self, Node};

use super::files::{self, Files};
use super::shipped;

/// The folder in which the packs of a side stand.
fn folder(side: Side) -> &'static str {
    match side {
        Side::Client => "clients",
        Side::Connection => "connections",
        Side::Backend => "backends",
    }
}

/// The packs of one deployment.
pub(super) struct Packs {
    folder: PathBuf,
    /// Nothing in place of a pack with a fault: it is told once.
    loaded: HashMap<PathBuf, Option<Arc<Pack>>>,
}

impl Packs {
    /// The packs beside a `gateway.yaml` in this folder.
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), loaded: HashMap::new() }
    }

    /// The pack that `node` names.
    pub(super) fn find(
        &mut self,
        side: Side,
        node: &Node,
        files: &mut Files,
        faults: &mut Faults,
    ) -> Option<Arc<Pack>> {
        let name = node.text("the name of a pack", faults)?;
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            return self.unknown(side, name, node, faults);
        }
        self.named(side, name, Some(node), files, faults)
    }

    /// The pack for a backend or client of which nothing is said: `standard`.
    pub(super) fn standard(&mut self, side: Side, files: &mut Files, faults: &mut Faults) -> Option<Arc<Pack>> {
        self.named(side, "standard", None, files, faults)
    }

    fn named(
        &mut self,
        side: Side,
        name: &str,
        node: Option<&Node>,
        files: &mut Files,
        faults: &mut Faults,
    ) -> Option<Arc<Pack>> {
        let path = self.folder.join(folder(side)).join(format!("{name}.yaml"));
        if let Some(known) = self.loaded.get(&path) {
            return known.clone();
        }
        let pack = match files.read(&path) {
            Ok(bytes) => {
                files.count(&format!("{}/{name}", folder(side)), &bytes);
                read(&path, &bytes, faults)
            }
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => match shipped::find(folder(side), name) {
                Some(shipped) => {
                    files.count(&format!("{}/{name}", folder(side)), shipped.text.as_bytes());
                    shipped.read(faults)
                }
                None => return self.unknown(side, name, node?, faults),
            },
            Err(fault) => {
                let place = node
                    .map_or_else(|| crate::fault::Place::whole(&path.display().to_string()), |node| node.place.clone());
                let message = format!("`{}` can't be read: {}", path.display(), files::reason(&fault));
                faults.push(Fault::error("R0107", place, message).label("named here"));
                None
            }
        };
        let pack = pack.map(Arc::new);
        self.loaded.insert(path, pack.clone());
        pack
    }

    fn unknown<T>(&self, side: Side, name: &str, node: &Node, faults: &mut Faults) -> Option<T> {
        let known = self.names(side);
        let help = match did_you_mean(name, known.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if known.is_empty() => format!("write {}/{name}.yaml beside gateway.yaml", folder(side)),
            None => format!("there are {}; or write {}/{name}.yaml", known.join(", "), folder(side)),
        };
        let message = format!("no pack `{name}` in {}", self.folder.join(folder(side)).display());
        faults.push(Fault::error("R0104", node.place.clone(), message).label("unknown pack").help(help));
        None
    }

    /// The names of all packs of a side, sorted.
    fn names(&self, side: Side) -> Vec<String> {
        let entries = fs::read_dir(self.folder.join(folder(side))).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "yaml"));
        let mut names: Vec<String> = paths.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
        names.extend(shipped::ALL.iter().filter(|pack| pack.kind == folder(side)).map(|pack| pack.name.to_owned()));
        names.sort();
        names.dedup();
        names
    }
}

/// Reads the file of one pack. It has to bear the file's name, and its folder's side if the folder is that of one.
pub fn read_pack(path: &Path, faults: &mut Faults) -> Option<Pack> {
    let bytes = Files::default().named("", path, faults)?;
    read(path, &bytes, faults)
}

fn read(path: &Path, bytes: &[u8], faults: &mut Faults) -> Option<Pack> {
    let node = yaml::parse_bytes(&path.display().to_string(), bytes, faults)?;
    let pack = load::pack(&node, faults)?;
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let parent = path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    let side = Side::WORDS.iter().find(|(_, side)| folder(*side) == parent);
    let mut fields = node.fields("a pack", faults)?;
    let mut sound = true;
    if let (true, Some(node)) = (pack.name != stem, fields.take("pack")) {
        faults.push(
            Fault::error("R0307", node.place.clone(), format!("the pack in `{stem}.yaml` is called `{}`", pack.name))
                .label("not the name of its file")
                .help(format!("write `pack: {stem}`, or rename the file")),
        );
        sound = false;
    }
    if let (Some((word, side)), Some(node)) = (side, fields.take("side"))
        && *side != pack.side
    {
        faults.push(
            Fault::error("R0307", node.place.clone(), format!("a pack of another side in the folder `{parent}`"))
                .label("not the side of its folder")
                .help(format!("write `side: {word}`, or move the file")),
        );
        sound = false;
    }
    sound.then_some(pack)
}
