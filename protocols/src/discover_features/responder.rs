//! The responder: tells what it was given to tell, and forgets.

use picomesh_didcomm::Message;

use super::{
    matching::matches,
    messages::{Disclosures, Feature, Queries, Query},
};
use crate::Error;

/// The answer to a query of any form, out of the features that this peer may know.
///
/// A feature that matches several queries is told once.
///
/// # Errors
/// [`Error::Malformed`] when `asked` is not a query within the limits.
pub fn answer(
    asked: &Message,
    features: &[Feature],
    id: impl Into<String>,
) -> Result<Message, Error> {
    let Queries { queries } = Queries::read(asked)?;
    let told = features.iter().filter(|feature| queries.iter().any(|query| asks(query, feature)));
    Ok(Disclosures { disclosures: told.cloned().collect() }.reply_to(asked, id))
}

fn asks(query: &Query, feature: &Feature) -> bool {
    canonical(&query.feature_type) == canonical(&feature.feature_type)
        && matches(&query.pattern, &feature.id)
}

/// RFC 0557 §queries: `decorator` and `header` are synonyms.
fn canonical(feature_type: &str) -> &str {
    if feature_type == "decorator" { "header" } else { feature_type }
}
