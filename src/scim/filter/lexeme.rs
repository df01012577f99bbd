//! JSON strings and numbers (RFC 8259 sections 6 and 7), told by their text: the literals of a filter.

/// How long the JSON string at the start of `text` is, with its quotes; nothing if it is none.
pub(super) fn string_length(text: &str) -> Option<usize> {
    let mut chars = text.char_indices();
    chars.next().filter(|&(_, quote)| quote == '"')?;
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some(at + 1),
            '\\' => match chars.next()?.1 {
                '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' => {}
                'u' => code_point(&mut chars)?,
                _ => return None,
            },
            c if c < ' ' => return None,
            _ => {}
        }
    }
    None
}

/// Takes the rest of a `\u` escape; nothing if it is half of a surrogate pair.
fn code_point(chars: &mut std::str::CharIndices<'_>) -> Option<()> {
    match four_digits(chars)? {
        0xdc00..=0xdfff => None,
        0xd800..=0xdbff => {
            let escaped = (chars.next()?.1, chars.next()?.1) == ('\\', 'u');
            (escaped && (0xdc00..=0xdfff).contains(&four_digits(chars)?)).then_some(())
        }
        _ => Some(()),
    }
}

fn four_digits(chars: &mut std::str::CharIndices<'_>) -> Option<u32> {
    (0..4).try_fold(0, |sum, _| Some(sum * 16 + chars.next()?.1.to_digit(16)?))
}

/// Whether `text` is a JSON number (RFC 8259 section 6).
pub(super) fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(left, right)| (left, Some(right)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(left, right)| (left, Some(right)));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)))
}
