//! One value is primary: to make one so takes it from the others (RFC 7644 section 3.5.2).

use crate::json::Value;
use crate::scim::error::ScimError;

use super::{Place, invalid_value};

/// Which values were primary before an operation.
pub(super) struct Fresh(Vec<bool>);

impl Fresh {
    pub(super) fn over(list: &[Value<'_>]) -> Self {
        Self(list.iter().map(is_primary).collect())
    }

    /// Takes `primary` from all others if the operation has given it to one. Values stand where they stood, new ones
    /// behind them.
    ///
    /// # Errors
    /// `invalidValue` if it was given to two.
    pub(super) fn settle(&mut self, place: &Place<'_>, list: &mut [Value<'_>]) -> Result<(), ScimError> {
        let was = |index: usize| self.0.get(index).copied().unwrap_or_default();
        let mut fresh = list.iter().enumerate().filter(|(index, value)| is_primary(value) && !was(*index));
        let Some((chosen, _)) = fresh.next() else { return Ok(()) };
        if fresh.next().is_some() {
            return Err(invalid_value(format!("`{}` can have one primary value, not two", place.path)));
        }
        for (_, value) in list.iter_mut().enumerate().filter(|(index, value)| *index != chosen && is_primary(value)) {
            if let Some(element) = value.as_object_mut() {
                element.set("primary", Value::Bool(false));
            }
        }
        Ok(())
    }
}

fn is_primary(value: &Value<'_>) -> bool {
    value.as_object().and_then(|element| element.get("primary")).and_then(Value::as_bool) == Some(true)
}
