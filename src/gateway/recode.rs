//! An answer brought into another version of SCIM while it streams: a list resource by resource, all else whole.
//!
//! Memory is bounded by the longest resource, as in [`translate`](super::translate), and by what stands around a list.

use crate::json::{self, Array, Object, Piece, Value, Walker};
use crate::scim::version::{self, list};
use crate::scim::{AttrPath, Discovery, Operation, Resource, Target, Version};

use super::translate::{LONGEST, Untranslated, from_walk};

/// What brings one answer into another version.
#[derive(Debug)]
pub struct Recode {
    each: Each,
    shape: Shape,
}

/// How one resource is brought into another version.
#[derive(Debug)]
struct Each {
    to: Version,
    of: Option<Resource>,
    /// What is left out of it.
    excluded: Vec<AttrPath>,
}

#[derive(Debug)]
enum Shape {
    /// One resource, or one answer to several operations.
    Whole(Vec<u8>, What),
    /// A list of resources.
    List(Box<Walker>, Around),
}

#[derive(Debug)]
enum What {
    Resource,
    Results,
    Document(Discovery),
}

/// What stands around the resources of a list, and where the reading stands.
#[derive(Debug)]
enum Around {
    /// Before the first one: everything as far as it has come.
    Head(Vec<u8>),
    /// Between the first and the last one.
    Among,
    /// Behind the last one: everything as far as it has come.
    Tail(Vec<u8>),
}

impl Recode {
    /// For the answer to a call; from what a backend answers, `excluded` is left out.
    #[must_use]
    pub fn new(to: Version, target: &Target, excluded: Vec<AttrPath>) -> Self {
        let shape = match &target.operation {
            Operation::List | Operation::Search => {
                Shape::List(Box::new(Walker::new("Resources")), Around::Head(Vec::new()))
            }
            Operation::Discover(discovery) => Shape::Whole(Vec::new(), What::Document(discovery.clone())),
            Operation::Bulk => Shape::Whole(Vec::new(), What::Results),
            _ => Shape::Whole(Vec::new(), What::Resource),
        };
        Self { each: Each { to, of: target.resource.clone(), excluded }, shape }
    }

    /// Takes the next bytes, and gives what is finished.
    ///
    /// # Errors
    /// The answer can't be translated; what has been given out so far is no complete document.
    pub fn feed(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Untranslated> {
        match &mut self.shape {
            Shape::Whole(held, _) if held.len() + chunk.len() > LONGEST => Err(Untranslated::TooLong),
            Shape::Whole(held, _) => {
                held.extend_from_slice(chunk);
                Ok(())
            }
            Shape::List(walker, around) => {
                let each = &self.each;
                walker.feed(chunk, &mut |piece: Piece<'_>| around.piece(piece, each, out)).map_err(from_walk)
            }
        }
    }

    /// The answer has ended.
    ///
    /// # Errors
    /// It ended too early, or can't be translated.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Untranslated> {
        match &mut self.shape {
            Shape::Whole(held, What::Resource) => self.each.resource(&std::mem::take(held), out),
            Shape::Whole(held, What::Results) => results(&std::mem::take(held), self.each.to, out),
            Shape::Whole(held, What::Document(which)) => document(&std::mem::take(held), which, self.each.to, out),
            Shape::List(walker, around) => {
                let each = &self.each;
                walker.finish(&mut |piece: Piece<'_>| around.piece(piece, each, out)).map_err(from_walk)?;
                around.finish(each.to, out)
            }
        }
    }
}

impl Each {
    fn resource(&self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Untranslated> {
        let mut value = json::parse(bytes)?;
        let resource = value.as_object_mut().ok_or(Untranslated::NoResource)?;
        if let Some(of) = &self.of {
            version::exclude::from(resource, &self.excluded);
            let told = match self.to {
                Version::Two => version::resource::decode(resource, of),
                Version::OneOne => version::resource::encode(resource, of),
            };
            told.map_err(Untranslated::Unsaid)?;
        }
        value.write(out);
        Ok(())
    }
}

impl Around {
    fn piece(&mut self, piece: Piece<'_>, each: &Each, out: &mut Vec<u8>) -> Result<(), Untranslated> {
        match (piece, &mut *self) {
            (Piece::Plain(bytes) | Piece::Scalar { text: bytes, .. }, Self::Head(held) | Self::Tail(held)) => {
                if held.len() + bytes.len() > LONGEST {
                    return Err(Untranslated::TooLong);
                }
                held.extend_from_slice(bytes);
            }
            (Piece::Plain(bytes) | Piece::Scalar { text: bytes, .. }, Self::Among) => {
                let end = bytes.iter().position(|byte| *byte == b']').unwrap_or(bytes.len());
                let (among, tail) = bytes.split_at(end);
                out.extend_from_slice(among);
                if !tail.is_empty() {
                    *self = Self::Tail(tail.to_vec());
                }
            }
            (Piece::Element(bytes), around) => {
                if let Self::Head(held) = around {
                    // Closed where it stands, it is a document of its own.
                    let head = around_of(&[held.as_slice(), b"]}"].concat(), Some(each.to))?;
                    out.extend_from_slice(head.strip_suffix(b"]}").unwrap_or(&head));
                    *self = Self::Among;
                }
                each.resource(bytes, out)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, to: Version, out: &mut Vec<u8>) -> Result<(), Untranslated> {
        match self {
            Self::Head(held) => out.extend_from_slice(&around_of(held, Some(to))?),
            Self::Among => return Err(Untranslated::NoResource),
            Self::Tail(held) => {
                const OPENED: &[u8] = b"{\"Resources\":[";
                let tail = around_of(&[OPENED, held.as_slice()].concat(), None)?;
                out.extend_from_slice(tail.strip_prefix(OPENED).unwrap_or(&tail));
            }
        }
        Ok(())
    }
}

/// What stands around the resources, in another version: its URN stands before them, and so nowhere behind.
fn around_of(bytes: &[u8], to: Option<Version>) -> Result<Vec<u8>, Untranslated> {
    let mut value = json::parse(bytes)?;
    let whole = value.as_object_mut().ok_or(Untranslated::NoResource)?;
    match to {
        Some(to) => list::translate(whole, to),
        None => drop(whole.remove("schemas")),
    }
    Ok(value.to_bytes())
}

/// What became of several operations.
fn results(bytes: &[u8], to: Version, out: &mut Vec<u8>) -> Result<(), Untranslated> {
    let mut value = json::parse(bytes)?;
    version::bulk::response(value.as_object_mut().ok_or(Untranslated::NoResource)?, to);
    value.write(out);
    Ok(())
}

/// What a service says of itself: one document, a list of them, or a bare array of them.
fn document(bytes: &[u8], which: &Discovery, to: Version, out: &mut Vec<u8>) -> Result<(), Untranslated> {
    let value = json::parse(bytes)?;
    let (is_one, mut told) = match &value {
        Value::Array(list) => (false, objects(list)),
        Value::Object(whole) => match whole.get("Resources").and_then(Value::as_array) {
            Some(list) => (false, objects(list)),
            None => (true, vec![whole.clone()]),
        },
        _ => return Err(Untranslated::NoResource),
    };
    let picked = match which {
        Discovery::ServiceProviderConfig => {
            told.iter_mut().for_each(|one| version::discovery::config(one, to));
            None
        }
        Discovery::Schemas(id) => {
            version::discovery::schemas(&mut told, to);
            id.as_ref().filter(|_| to == Version::Two)
        }
        Discovery::ResourceTypes(id) => {
            told = version::discovery::resource_types(&told);
            id.as_ref()
        }
    };
    let is_it = |one: &Object<'_>, id: &str| {
        one.get("id").and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(id))
    };
    let one = match picked {
        Some(id) => Some(told.into_iter().find(|one| is_it(one, id.as_str())).ok_or(Untranslated::NoDocument)?),
        None if is_one && told.len() == 1 && *which != Discovery::ResourceTypes(None) => told.pop(),
        None => {
            Value::Object(listed(told, to)).write(out);
            return Ok(());
        }
    };
    Value::Object(one.unwrap_or_default()).write(out);
    Ok(())
}

fn objects<'v>(list: &Array<'v>) -> Vec<Object<'v>> {
    list.iter().filter_map(Value::as_object).cloned().collect()
}

fn listed(documents: Vec<Object<'_>>, to: Version) -> Object<'_> {
    let count = i64::try_from(documents.len()).unwrap_or(i64::MAX);
    let mut whole = Object::new();
    list::translate(&mut whole, to);
    for (name, number) in [("totalResults", count), ("startIndex", 1), ("itemsPerPage", count)] {
        whole.set(name, Value::number(number));
    }
    whole.set("Resources", Value::Array(Array::from(documents.into_iter().map(Value::Object).collect::<Vec<_>>())));
    whole
}
