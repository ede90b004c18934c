//! An invitation as a link: the message as base64url in one query parameter.
//!
//! Source: RFC 0434 §Standard Out-of-Band Message Encoding (`oob`), RFC 0160 §Standard Invitation
//! Encoding (`c_i`), DIDComm v2 §Standard Message Encoding (`_oob`).
//!
//! Absent on purpose: shortened links. They hold an id and must be fetched, which is an effect of
//! the agent; what the fetch returns is read here or as plain JSON.

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use picomesh_didcomm::Message;
use url::Url;

/// Longest link that we read, in bytes; a QR code holds less than 3,000.
pub const LINK_BYTES_MAX: usize = 256 * 1024;

/// The query parameters that hold an invitation, in the order in which we look for them.
const PARAMETERS: [&str; 3] = ["oob", "_oob", "c_i"];

/// RFC 0434: padding SHOULD NOT be written and MUST be read.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// Why a link is refused; all of it is the fault of who made the link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// Longer than [`LINK_BYTES_MAX`].
    #[error("the link is longer than {LINK_BYTES_MAX} bytes")]
    TooLong,
    /// Not a URL.
    #[error("not a URL")]
    NotUrl,
    /// A URL without any of the parameters that hold an invitation.
    #[error("the link holds no invitation (no `oob`, `_oob` or `c_i`)")]
    NoInvitation,
    /// The parameter is not base64.
    #[error("the invitation in the link is not base64")]
    NotBase64,
    /// What is in it is not a message.
    #[error("the invitation in the link is not a message: {0}")]
    NotMessage(#[from] picomesh_didcomm::Error),
}

/// Which protocol's link to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// Out-of-Band 1.x.
    OutOfBand,
    /// Out-of-Band 2.0.
    OutOfBandV2,
    /// Connections 1.0.
    Connections,
}

impl Parameter {
    fn name(self) -> &'static str {
        match self {
            Self::OutOfBand => "oob",
            Self::OutOfBandV2 => "_oob",
            Self::Connections => "c_i",
        }
    }
}

/// The link to `base` that carries `invitation`, unpadded; other parameters of `base` stay.
#[must_use]
pub fn write(base: &Url, parameter: Parameter, invitation: &Message) -> Url {
    let mut link = base.clone();
    let encoded = BASE64.encode(invitation.to_bytes());
    link.query_pairs_mut().append_pair(parameter.name(), &encoded);
    link
}

/// The message in a link of any of the three protocols; its type says which.
///
/// # Errors
/// [`LinkError`]; nothing is fetched.
pub fn read(link: &str) -> Result<Message, LinkError> {
    if link.len() > LINK_BYTES_MAX {
        return Err(LinkError::TooLong);
    }
    let url = Url::parse(link.trim()).map_err(|_| LinkError::NotUrl)?;
    let parameter = |name: &&str| url.query_pairs().find(|(key, _)| key == name);
    let (_, text) = PARAMETERS.iter().find_map(parameter).ok_or(LinkError::NoInvitation)?;
    // Some agents write the standard alphabet; a `+` then arrives as a blank.
    let text: String = text.trim_end_matches('=').chars().map(to_url_safe).collect();
    let bytes = BASE64.decode(text).map_err(|_| LinkError::NotBase64)?;
    Ok(Message::parse(&bytes)?)
}

fn to_url_safe(letter: char) -> char {
    match letter {
        '+' | ' ' => '-',
        '/' => '_',
        other => other,
    }
}
