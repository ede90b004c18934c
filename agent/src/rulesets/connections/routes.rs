//! The ways that an invitation names: who invites, with which keys, and where.

use crate::rulesets::connection::Route;
use picomesh_did_resolver::{Did, DidDocument, method::key::naked_key, resolve_local};
use picomesh_protocols::out_of_band::{InlineService, Service};

/// Who invites: the DID if there is one, its keys, and the way to it.
pub(super) type Found = (Option<Did>, Vec<[u8; 32]>, Route);

/// The way that a service names without any look-up.
pub(super) fn local_route(service: &Service) -> Option<Found> {
    match service {
        Service::Inline(service) => inline_route(service),
        Service::Did(did) => {
            let document = resolve_local(did)?.ok()?;
            document_route(did, &document)
        }
    }
}

fn inline_route(service: &InlineService) -> Option<Found> {
    let keys = service.recipient_ed25519_keys();
    let base58 = |key: &[u8; 32]| bs58::encode(key).into_string();
    let routing: Result<Vec<[u8; 32]>, _> =
        service.routing_keys.iter().map(|key| naked_key(key)).collect();
    let route = Route {
        endpoint: service.service_endpoint.clone(),
        recipient_keys: keys.iter().map(base58).collect(),
        routing_keys: routing.ok()?.iter().map(base58).collect(),
    };
    Some((None, keys, route))
}

pub(super) fn document_route(did: &Did, document: &DidDocument) -> Option<Found> {
    let route = Route::of(document)?;
    let keys = document.recipient_ed25519_keys(document.didcomm_service()?);
    Some((Some(did.clone()), keys, route))
}
