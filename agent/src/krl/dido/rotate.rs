//! Replacing DIDs of ours.

use super::generate::{INVITE_TAG, generate_did};
use super::open::Opened;
use super::state;
use crate::rulesets::Setting;
use picomesh_pico::{Context, Eci, Fault};
use serde_json::{Value, json};

/// Makes a DID that replaces another. The old one goes when a peer has used the new one.
pub fn rotate_did(context: &mut Context, setting: &Setting, old: &str) -> Result<Value, Fault> {
    let document = generate_did(context, setting, false)?;
    let new = document.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    state::update_did_map(context, old, &new)?;
    let mut rotations = state::map(context, state::ROTATIONS)?;
    let at = context.now().div_euclid(1000);
    rotations.insert(new.clone(), json!({ "iss": old, "sub": new, "iat": at }));
    context.put(state::ROTATIONS, &rotations)?;
    Ok(document)
}

/// Whoever answers an invitation first gets a DID of their own in its place.
pub fn rotate_invite_did(
    context: &mut Context,
    setting: &Setting,
    eci: Option<&Eci>,
    mine: &str,
    theirs: &str,
) -> Result<(), Fault> {
    let channel = match eci {
        Some(eci) => context.channel(eci)?,
        None => None,
    };
    let is_invite = |tags: &[String]| tags.iter().any(|tag| tag == INVITE_TAG);
    if !channel.is_some_and(|channel| is_invite(&channel.tags)) {
        return Ok(());
    }
    let rotations = state::map(context, state::ROTATIONS)?;
    if rotations.values().any(|rotation| rotation.get("iss").is_some_and(|iss| iss == mine)) {
        return Ok(());
    }
    state::store_did_doc(context, &theirs.into())?;
    state::map_did(context, theirs, mine)?;
    rotate_did(context, setting, mine).map(|_| ())
}

/// Forgets what is to be replaced; the old DIDs stay.
pub fn clear_pending_rotations(context: &mut Context) -> Result<(), Fault> {
    context.put(state::ROTATIONS, &json!({}))
}

/// What a message tells of rotations: the sender's own, and that they know of ours.
pub(super) fn settle(context: &mut Context, opened: &Opened) -> Result<(), Fault> {
    if let Some(prior) = &opened.prior
        && state::is_peer(context, &prior.issuer)?
    {
        state::delete_did(context, &prior.issuer)?;
        state::store_did_doc(context, &prior.subject.as_str().into())?;
        state::update_did_map(context, &prior.issuer, &prior.subject)?;
    }
    let (Some(sender), Some(mine)) = (&opened.sender, &opened.mine) else { return Ok(()) };
    if !state::is_peer(context, sender)? {
        return Ok(());
    }
    let mut rotations = state::map(context, state::ROTATIONS)?;
    let Some(rotation) = rotations.shift_remove(mine) else { return Ok(()) };
    context.put(state::ROTATIONS, &rotations)?;
    let Some(old) = rotation.get("iss").and_then(Value::as_str) else { return Ok(()) };
    state::delete_did(context, old)?;
    if let Some(own) = context.did(old)? {
        context.channel_delete(&own.eci)?;
    }
    Ok(())
}

/// Whether [`settle`] would change anything.
pub(super) fn is_pending(context: &Context, mine: &str) -> Result<bool, Fault> {
    Ok(state::map(context, state::ROTATIONS)?.contains_key(mine))
}
