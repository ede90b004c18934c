//! The receiver: answers, and forgets.

use picomesh_didcomm::Message;

use super::messages::{Ping, PingResponse};
use crate::Error;

/// The response to a ping, or `None` when the sender asked for silence.
///
/// RFC 0048 §Messages: if `response_requested` is false, the receiver MUST NOT respond.
///
/// # Errors
/// [`Error::Malformed`] when `ping` is not a ping.
pub fn answer(ping: &Message, id: impl Into<String>) -> Result<Option<Message>, Error> {
    let wanted = Ping::read(ping)?.response_requested;
    Ok(wanted.then(|| PingResponse::default().reply_to(ping, id)))
}
