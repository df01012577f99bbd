//! A document for people's eyes: two spaces a level, a member a line; numbers and strings as they were written.

use super::{Array, Object, Value};

impl Value<'_> {
    /// The value laid out for reading.
    #[must_use]
    pub fn pretty(&self) -> String {
        let mut out = String::new();
        lay_out(self, 0, &mut out);
        out
    }
}

fn lay_out(value: &Value<'_>, depth: usize, out: &mut String) {
    match value {
        Value::Array(array) if !array.is_empty() => items(array, depth, out),
        Value::Object(object) if !object.is_empty() => members(object, depth, out),
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn items(array: &Array<'_>, depth: usize, out: &mut String) {
    out.push('[');
    for (index, item) in array.iter().enumerate() {
        start(index, depth, out);
        lay_out(item, depth + 1, out);
    }
    end(depth, ']', out);
}

fn members(object: &Object<'_>, depth: usize, out: &mut String) {
    out.push('{');
    for (index, member) in object.iter().enumerate() {
        start(index, depth, out);
        out.push('"');
        out.push_str(member.key.raw());
        out.push_str("\": ");
        lay_out(&member.value, depth + 1, out);
    }
    end(depth, '}', out);
}

fn start(index: usize, depth: usize, out: &mut String) {
    out.push_str(if index > 0 { ",\n" } else { "\n" });
    out.push_str(&"  ".repeat(depth + 1));
}

fn end(depth: usize, bracket: char, out: &mut String) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(bracket);
}

#[cfg(test)]
mod tests {
    use crate::json::parse;

    #[test]
    fn a_document_is_laid_out_with_its_numbers_as_written() {
        let value = parse(br#"{"a":1.0,"b":[],"c":[{"d":"\u0041"},{}],"e":{}}"#).unwrap();
        let expected = "{\n  \"a\": 1.0,\n  \"b\": [],\n  \"c\": [\n    {\n      \"d\": \"\\u0041\"\n    },\n    {}\n  ],\n  \"e\": {}\n}";
        assert_eq!(value.pretty(), expected);
    }
}
