//! Reads a filter by recursive descent: `or` binds weakest, then `and`, then `not` (RFC 7644 section 3.4.2.2).

use std::ops::Range;

use crate::json::Text;
use crate::scim::attr::{AttrName, AttrPath};

use super::lexeme::{is_number, string_length};
use super::{CompareOp, Expr, ExprKind, FilterFault, Literal, LiteralSpan, PathSpan, Scope};

/// How deep parentheses and brackets may nest: far beyond what people write, far below what a stack holds.
const MAX_DEPTH: usize = 32;
/// How many comparisons a filter may make: it may be asked of every resource of a list.
const MAX_TERMS: usize = 1000;

/// Reads a filter.
pub(super) fn parse(text: &str, scope: Scope) -> Result<Expr, FilterFault> {
    let mut reader = Reader { text, at: 0, depth: 0, terms: 0, scope };
    let root = reader.any()?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.expected("`and`, `or` or the end is expected"));
    }
    Ok(root)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    terms: usize,
    scope: Scope,
}

impl<'t> Reader<'t> {
    /// Terms joined by `or`.
    fn any(&mut self) -> Result<Expr, FilterFault> {
        self.joined("or", Self::all, ExprKind::Or)
    }

    /// Terms joined by `and`.
    fn all(&mut self) -> Result<Expr, FilterFault> {
        self.joined("and", Self::term, ExprKind::And)
    }

    fn joined(
        &mut self,
        joint: &str,
        term: impl Fn(&mut Self) -> Result<Expr, FilterFault>,
        join: impl Fn(Vec<Expr>) -> ExprKind,
    ) -> Result<Expr, FilterFault> {
        self.space();
        let start = self.at;
        let first = term(self)?;
        if !self.word(joint) {
            return Ok(first);
        }
        let mut terms = vec![first, term(self)?];
        while self.word(joint) {
            terms.push(term(self)?);
        }
        Ok(Expr { span: start..self.at, kind: join(terms) })
    }

    fn term(&mut self) -> Result<Expr, FilterFault> {
        self.space();
        let start = self.at;
        if self.sign('(') {
            return self.group();
        }
        if self.word("not") {
            self.space();
            if self.sign('(') {
                let inner = Box::new(self.group()?);
                return Ok(Expr { span: start..self.at, kind: ExprKind::Not(inner) });
            }
            self.at = start; // an attribute of that name
        }
        let kind = self.test()?;
        Ok(Expr { span: start..self.at, kind })
    }

    /// What follows an opening parenthesis, up to its closing one.
    fn group(&mut self) -> Result<Expr, FilterFault> {
        self.deeper()?;
        let inner = self.any()?;
        self.space();
        if !self.sign(')') {
            return Err(self.expected("`and`, `or` or `)` is expected"));
        }
        self.depth -= 1;
        Ok(inner)
    }

    fn test(&mut self) -> Result<ExprKind, FilterFault> {
        let path = self.path()?;
        let before = self.at;
        self.space();
        if self.sign('[') {
            return self.element(path);
        }
        self.at = before;
        self.count()?;
        Ok(match self.comparison()? {
            None => ExprKind::Present(path),
            Some((op, literal)) => ExprKind::Compare { path, op, literal },
        })
    }

    /// What follows an opening bracket.
    fn element(&mut self, path: PathSpan) -> Result<ExprKind, FilterFault> {
        if self.scope == Scope::Element {
            self.at -= 1;
            return Err(self.expected("an operator is expected, since brackets don't nest,"));
        }
        if path.path.name.is_none() || path.path.sub.is_some() {
            return Err(FilterFault {
                at: path.span.start,
                expected: "brackets follow a multi-valued attribute, not this".to_owned(),
            });
        }
        self.scope = Scope::Element;
        self.deeper()?;
        let inner = Box::new(self.any()?);
        self.space();
        if !self.sign(']') {
            return Err(self.expected("`and`, `or` or `]` is expected"));
        }
        self.depth -= 1;
        self.scope = Scope::Resource;
        if !self.sign('.') {
            return Ok(ExprKind::Element { path, inner, sub: None, test: None });
        }
        let span = self.run();
        let name = AttrName::parse(self.slice(&span)).map_err(|fault| fault_at(span.start, &fault))?;
        self.count()?;
        Ok(ExprKind::Element { path, inner, sub: Some((name, span)), test: self.comparison()? })
    }

    fn path(&mut self) -> Result<PathSpan, FilterFault> {
        let span = self.run();
        if span.is_empty() {
            return Err(self.expected("an attribute is expected"));
        }
        let path = AttrPath::parse(self.slice(&span)).map_err(|fault| fault_at(span.start, &fault))?;
        let plain = path.urn.is_none() && path.sub.is_none();
        if self.scope == Scope::Element && !plain {
            let expected = "in brackets, the plain name of a sub-attribute is expected".to_owned();
            return Err(FilterFault { at: span.start, expected });
        }
        Ok(PathSpan { path, span })
    }

    /// What follows a path: nothing for `pr`, or an operator and a literal.
    fn comparison(&mut self) -> Result<Option<(CompareOp, LiteralSpan)>, FilterFault> {
        self.space();
        if self.word("pr") {
            return Ok(None);
        }
        let Some(op) = CompareOp::ALL.into_iter().find(|op| self.word(op.as_str())) else {
            return Err(self.expected("an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr) is expected"));
        };
        self.space();
        Ok(Some((op, self.literal()?)))
    }

    fn literal(&mut self) -> Result<LiteralSpan, FilterFault> {
        if self.rest().starts_with('"') {
            return self.string();
        }
        let span = self.run();
        let word = self.slice(&span);
        let literal = match word.to_ascii_lowercase().as_str() {
            "null" => Literal::Null,
            "true" => Literal::Bool(true),
            "false" => Literal::Bool(false),
            _ if is_number(word) => Literal::Number(word.to_owned()),
            _ => {
                let expected = "a string in double quotes, a number, true, false or null is expected".to_owned();
                return Err(FilterFault { at: span.start, expected });
            }
        };
        Ok(LiteralSpan { literal, span })
    }

    /// A JSON string (RFC 8259 section 7).
    fn string(&mut self) -> Result<LiteralSpan, FilterFault> {
        let start = self.at;
        let Some(length) = string_length(self.rest()) else {
            return Err(self.expected("a JSON string with its closing quote is expected"));
        };
        self.at += length;
        let raw = self.slice(&(start + 1..self.at - 1));
        let literal = Literal::String(Text::from_raw(raw).decoded().into_owned());
        Ok(LiteralSpan { literal, span: start..self.at })
    }

    fn deeper(&mut self) -> Result<(), FilterFault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(FilterFault {
                at: self.at,
                expected: format!("there are more than {MAX_DEPTH} levels of brackets"),
            });
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), FilterFault> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(FilterFault { at: self.at, expected: format!("there are more than {MAX_TERMS} comparisons") });
        }
        Ok(())
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn slice(&self, span: &Range<usize>) -> &'t str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    fn space(&mut self) {
        self.at += self.rest().bytes().take_while(u8::is_ascii_whitespace).count();
    }

    /// Takes `sign`, if it comes next.
    fn sign(&mut self, sign: char) -> bool {
        let comes = self.rest().starts_with(sign);
        self.at += if comes { sign.len_utf8() } else { 0 };
        comes
    }

    /// Takes `word`, if it comes next as a whole word, in any case, after any white space.
    fn word(&mut self, word: &str) -> bool {
        let before = self.at;
        self.space();
        let span = self.run();
        let comes = self.slice(&span).eq_ignore_ascii_case(word);
        if !comes {
            self.at = before;
        }
        comes
    }

    /// Takes everything up to white space, a quote, a parenthesis or a bracket.
    fn run(&mut self) -> Range<usize> {
        let start = self.at;
        let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '"');
        self.at += self.rest().find(ends).unwrap_or(self.rest().len());
        start..self.at
    }

    fn expected(&self, what: &str) -> FilterFault {
        FilterFault { at: self.at, expected: what.to_owned() }
    }
}

fn fault_at(at: usize, fault: &crate::scim::AttrFault) -> FilterFault {
    FilterFault { at, expected: fault.to_string() }
}
