//! Requests and answers as people keep them in files: a first line, headers, an empty line, a body. Lines before the
//! first one that begin with `#` are notes.

use bytes::Bytes;

use crate::gateway::rehearse::{Answered, Asked};

/// Reads a request: `PUT /Users/7 HTTP/1.1`, headers, an empty line, a body. The version may be left out.
///
/// # Errors
/// What is wrong with it and what would be right, in a sentence.
pub fn request(text: &str) -> Result<Asked, String> {
    let (first, headers, body) = parts(text)?;
    let mut words = first.split_ascii_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(format!("`{first}` is not the first line of a request: write `PUT /Users/7`"));
    };
    let target = below_origin(target);
    if !target.starts_with('/') {
        return Err(format!("`{target}` is not a path: write `/Users/7`, or the whole URL"));
    }
    let headers = headers.into_iter().filter(|(name, _)| !is_left_out(name)).collect();
    Ok(Asked { method: method.to_owned(), target: target.to_owned(), headers, body })
}

/// Reads an answer: `HTTP/1.1 200 OK` or `200`, headers, an empty line, a body; or a body alone, which is a 200.
///
/// # Errors
/// What is wrong with it and what would be right, in a sentence.
pub fn answer(text: &str) -> Result<Answered, String> {
    let text = without_notes(text);
    if text.starts_with(['{', '[']) {
        return Ok(Answered {
            status: 200,
            headers: Vec::new(),
            body: vec![Bytes::copy_from_slice(text.trim().as_bytes())],
        });
    }
    let (first, headers, body) = parts(text)?;
    let status = first.split_ascii_whitespace().find_map(|word| word.parse().ok());
    let status = status.ok_or_else(|| format!("`{first}` is not the first line of an answer: write `HTTP/1.1 200`"))?;
    let headers = headers.into_iter().filter(|(name, _)| !is_left_out(name)).collect();
    Ok(Answered { status, headers, body: vec![body] })
}

/// Headers that belong to one connection, or hold a token: a rehearsal has its own.
fn is_left_out(name: &str) -> bool {
    let own = ["authorization", "host", "content-length", "transfer-encoding", "connection", "accept-encoding"];
    own.iter().any(|own| name.eq_ignore_ascii_case(own))
}

fn without_notes(text: &str) -> &str {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    match text.strip_prefix('#') {
        Some(note) => without_notes(note.split_once('\n').map_or("", |(_, rest)| rest)),
        None => text,
    }
}

type Parts<'t> = (&'t str, Vec<(String, String)>, Bytes);

fn parts(text: &str) -> Result<Parts<'_>, String> {
    let text = without_notes(text);
    let end = [text.find("\r\n\r\n").map(|at| (at, 4)), text.find("\n\n").map(|at| (at, 2))];
    let (head, body) = match end.into_iter().flatten().min() {
        Some((at, width)) => (text.get(..at).unwrap_or_default(), text.get(at + width..).unwrap_or_default()),
        None => (text, ""),
    };
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default().trim();
    let headers = lines.filter(|line| !line.trim().is_empty()).map(header).collect::<Result<_, _>>()?;
    Ok((first, headers, Bytes::copy_from_slice(body.trim_end_matches(['\n', '\r']).as_bytes())))
}

fn header(line: &str) -> Result<(String, String), String> {
    let (name, value) = line
        .split_once(':')
        .ok_or_else(|| format!("`{line}` is not a header: write `Name: value`, and an empty line before the body"))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// The path of a whole URL.
fn below_origin(target: &str) -> &str {
    let Some((_, rest)) = target.split_once("://") else { return target };
    rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_with_its_parts() {
        let asked =
            request("PUT https://a.example/Users/7?x=1 HTTP/1.1\nX-A: b: c\nAuthorization: Bearer s\n\n{\"a\":1}\n")
                .unwrap();
        assert_eq!((asked.method.as_str(), asked.target.as_str()), ("PUT", "/Users/7?x=1"));
        assert_eq!(asked.headers, [("X-A".to_owned(), "b: c".to_owned())]);
        assert_eq!(asked.body, "{\"a\":1}");
        assert_eq!(request("GET /Users").unwrap().body, "");
        assert_eq!(request("# request.http\n#\n\nGET /Users\n\n# no note").unwrap().body, "# no note");
        assert_eq!(request("DELETE /Users/7\r\nA: b\r\n\r\n").unwrap().headers.len(), 1);
    }

    #[test]
    fn an_answer_may_be_a_body_alone() {
        assert_eq!(answer(" {\"id\":\"7\"}\n").unwrap().status, 200);
        assert_eq!(answer("# answer.json\n{\"id\":\"7\"}\n").unwrap().body, ["{\"id\":\"7\"}"]);
        assert_eq!(answer("HTTP/1.1 204 No Content\n").unwrap().status, 204);
        assert_eq!(answer("409\n\n{}").unwrap().body, ["{}"]);
    }

    #[test]
    fn a_file_that_is_no_message_is_told_what_one_is() {
        assert!(request("").unwrap_err().contains("PUT /Users/7"));
        assert!(request("GET Users").unwrap_err().contains("not a path"));
        assert!(request("GET /Users\n{\"a\"}").unwrap_err().contains("not a header"));
        assert!(answer("hello").unwrap_err().contains("HTTP/1.1 200"));
    }
}
