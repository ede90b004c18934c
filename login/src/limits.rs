//! Every limit of the provider, with its name and its unit.
//!
//! Source: RFC 6749 and 7636 where a number is given there; RFC 9700 for short lives; the rest
//! is chosen so that no honest client comes near it.

/// Bytes of one authorization request, percent-encoded, query or form.
pub const AUTHORIZE_BYTES_MAX: usize = 32 * 1024;
/// Bytes of one form for the token, userinfo or end-session endpoint.
pub const FORM_BYTES_MAX: usize = 32 * 1024;
/// Parameters in one request.
pub const PARAMETERS_MAX: usize = 64;
/// Bytes of `state`, decoded. It is echoed exactly or the request is refused.
pub const STATE_BYTES_MAX: usize = 2 * 1024;
/// Bytes of `nonce`, decoded.
pub const NONCE_BYTES_MAX: usize = 2 * 1024;
/// Bytes of `scope` and of `acr_values`, decoded.
pub const SCOPE_BYTES_MAX: usize = 2 * 1024;
/// Characters of a PKCE code verifier, RFC 7636 §4.1.
pub const CODE_VERIFIER_CHARS_MIN: usize = 43;
/// Characters of a PKCE code verifier, RFC 7636 §4.1.
pub const CODE_VERIFIER_CHARS_MAX: usize = 128;
/// Bytes of a compact JWT that we are ready to read.
pub const JWT_BYTES_MAX: usize = 16 * 1024;

/// Life of an authorization code.
pub const CODE_SECONDS: u64 = 60;
/// Life of an access token.
pub const ACCESS_TOKEN_SECONDS: u64 = 600;
/// Life of an ID token.
pub const ID_TOKEN_SECONDS: u64 = 600;
/// Time that a wallet has, unless the policy says otherwise.
pub const SESSION_SECONDS: u64 = 120;
/// Shortest time that a policy may give.
pub const SESSION_SECONDS_MIN: u64 = 30;
/// Longest time that a policy may give.
pub const SESSION_SECONDS_MAX: u64 = 600;
/// Time for the check of a presentation that arrived in time.
pub const CHECK_SECONDS: u64 = 30;
/// Time for the browser to move on after the proof was verified.
pub const CONTINUE_SECONDS: u64 = 60;

/// Characters of a client or policy id.
pub const ID_CHARS_MAX: usize = 100;
/// Bytes of a name that people read.
pub const NAME_BYTES_MAX: usize = 200;
/// Bytes of a registered URI.
pub const URI_BYTES_MAX: usize = 2 * 1024;
/// Registered URIs of one kind per client.
pub const URIS_MAX: usize = 20;
/// Policies per client.
pub const CLIENT_POLICIES_MAX: usize = 20;
/// Characters of a client secret that an operator chose.
pub const CLIENT_SECRET_CHARS_MIN: usize = 32;
/// Characters of a client secret that an operator chose.
pub const CLIENT_SECRET_CHARS_MAX: usize = 256;
/// Bytes of a presentation definition, as JSON.
pub const PRESENTATION_DEFINITION_BYTES_MAX: usize = 64 * 1024;
/// Trusted issuers per policy.
pub const TRUSTED_ISSUERS_MAX: usize = 200;
/// Claims that a policy maps.
pub const CLAIMS_MAX: usize = 50;
/// Bytes of one claim path.
pub const PATH_BYTES_MAX: usize = 256;
/// Steps of one claim path.
pub const PATH_STEPS_MAX: usize = 16;
/// Bytes of all claims of one login, as JSON.
pub const CLAIMS_BYTES_MAX: usize = 8 * 1024;
/// Bytes of the value that identifies the user.
pub const STABLE_ID_BYTES_MAX: usize = 1024;
/// Credentials in one presentation.
pub const CREDENTIALS_MAX: usize = 8;

/// Logins that one address may open at once.
pub const LOGINS_PER_ADDRESS_BURST: u32 = 20;
/// Seconds after which an address gets one more login.
pub const LOGINS_PER_ADDRESS_REFILL_SECONDS: u64 = 3;
/// Failed authentications that a client may have at once.
pub const CLIENT_FAILURES_BURST: u32 = 10;
/// Seconds after which a client gets one more attempt.
pub const CLIENT_FAILURES_REFILL_SECONDS: u64 = 6;
