//! No bridge: one call. Costs nothing, loses nothing.

use super::{Answer, Ask, Exchange};

/// Passes the call on; nothing if the backend's pack has left nothing to ask.
///
/// # Errors
/// Whatever the exchange fails with.
pub async fn direct<E: Exchange>(exchange: &mut E, ask: Ask<'_>) -> Result<Option<Answer<E::Body>>, E::Failure> {
    exchange.call(ask).await
}
