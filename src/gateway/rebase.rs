//! URLs of the backend become URLs of the gateway in answers, and back in requests.
//!
//! Only values that start with exactly the one base are touched, and only where the protocol puts a resource's own URL:
//! `Location`, `meta.location` and `$ref`. Nothing is ever fetched from them (T-70).

use std::sync::Arc;

use crate::json::{Object, Rewrite, Text, Value};

/// One base URL for another.
#[derive(Clone, Debug)]
pub struct Rebase {
    from: Arc<str>,
    to: Arc<str>,
}

impl Rebase {
    /// Both without a trailing slash.
    #[must_use]
    pub fn new(from: &str, to: &str) -> Self {
        Self { from: from.into(), to: to.into() }
    }

    /// The URL under the other base, if it stands under this one.
    #[must_use]
    pub fn url(&self, url: &str) -> Option<String> {
        let rest = url.strip_prefix(&*self.from)?;
        (rest.is_empty() || rest.starts_with(['/', '?'])).then(|| format!("{}{rest}", self.to))
    }

    /// Rebases every URL in a document. True if there was one.
    pub fn value(&self, value: &mut Value<'_>) -> bool {
        if !self.occurs(value, None, None) {
            return false;
        }
        self.walk(value, None);
        true
    }

    fn occurs(&self, value: &Value<'_>, key: Option<&str>, above: Option<&str>) -> bool {
        match value {
            Value::String(text) => {
                key.is_some_and(|key| is_url(key.as_bytes(), || above.map(str::as_bytes)))
                    && self.url(&text.decoded()).is_some()
            }
            Value::Array(items) => items.iter().any(|item| self.occurs(item, None, key)),
            Value::Object(object) => {
                object.iter().any(|member| self.occurs(&member.value, Some(&member.key.decoded()), key))
            }
            _ => false,
        }
    }

    fn walk(&self, value: &mut Value<'_>, key: Option<&str>) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.walk(item, key)),
            Value::Object(object) => self.object(object, key),
            _ => {}
        }
    }

    fn object(&self, object: &mut Object<'_>, above: Option<&str>) {
        for member in object.iter_mut() {
            let key = member.key.decoded().into_owned();
            let url = match &member.value {
                Value::String(text) if is_url(key.as_bytes(), || above.map(str::as_bytes)) => self.url(&text.decoded()),
                _ => None,
            };
            match url {
                Some(url) => member.value = Value::string(&url),
                None => self.walk(&mut member.value, Some(&key)),
            }
        }
    }
}

/// Whether a string under this name, in the object under that name, is a resource's URL.
fn is_url<'k>(key: &[u8], above: impl Fn() -> Option<&'k [u8]>) -> bool {
    key.eq_ignore_ascii_case(b"$ref")
        || (key.eq_ignore_ascii_case(b"location") && above().is_some_and(|above| above.eq_ignore_ascii_case(b"meta")))
}

impl Rewrite for Rebase {
    fn wants<'k>(&self, key: &[u8], parent_key: impl Fn() -> Option<&'k [u8]>) -> bool {
        is_url(key, parent_key)
    }

    fn string(&mut self, _key: &[u8], _parent_key: Option<&[u8]>, value: &Text<'_>) -> Option<Text<'static>> {
        self.url(&value.decoded()).map(|url| Text::new(&url))
    }
}
