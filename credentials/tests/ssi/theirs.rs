//! The side of `ssi`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signature;
use futures::FutureExt;
use picomesh_credentials::Suite;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use ssi::claims::data_integrity::suites::Ed25519Signature2018;
use ssi::claims::data_integrity::{
    AnyDataIntegrity, AnyInputOptions, AnySuite, CryptographicSuite, DataIntegrity,
    StandardCryptographicSuite,
};
use ssi::claims::vc::{AnyJsonCredential, AnyJsonPresentation};
use ssi::claims::{Invalid, InvalidProof, SignatureEnvironment, VerificationParameters};
use ssi::dids::{DIDKey, DIDResolver, VerificationMethodDIDResolver};
use ssi::json_ld::{Expandable, JsonLdNodeObject};
use ssi::verification_methods::{AnyMethod, Ed25519VerificationKey2018, SingleSecretSigner};

use crate::ours::{CHALLENGE, CREATED, HOLDER, ISSUER, NOW, contexts, did, key, method};

type Resolver = VerificationMethodDIDResolver<DIDKey, AnyMethod>;

/// The same suite there.
fn suite_of(suite: Suite) -> AnySuite {
    match suite {
        Suite::Ed25519Signature2018 => AnySuite::Ed25519Signature2018,
        Suite::Ed25519Signature2020 => AnySuite::Ed25519Signature2020,
        Suite::EddsaRdfc2022 => AnySuite::EdDsaRdfc2022,
        Suite::EddsaJcs2022 => panic!("ssi does not have it"),
    }
}

fn resolver() -> Resolver {
    DIDKey.into_vm_resolver()
}

fn parameters() -> VerificationParameters<Resolver> {
    let now = chrono::DateTime::from_timestamp(NOW, 0).unwrap();
    VerificationParameters::from_resolver(resolver()).with_date_time(now)
}

/// Its DIDs carry their keys and its contexts are compiled in, so no future has to wait.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}

fn parse<T: DeserializeOwned>(document: &Value) -> T {
    serde_json::from_str(&document.to_string()).unwrap()
}

/// `verify` answers twice: the outer result says whether `ssi` could check at all, and must be
/// `Ok`; the inner one is what it found.
pub(crate) fn ssi_checks(credential: &Value) -> Result<(), Invalid> {
    let credential: AnyDataIntegrity<AnyJsonCredential> = parse(credential);
    at_once(credential.verify(parameters())).unwrap()
}

/// The proof of the presentation alone: `ssi` looks neither at those of its credentials nor at
/// what the verifier asked for.
pub(crate) fn ssi_checks_presentation(presentation: &Value) -> Result<(), Invalid> {
    let presentation: AnyDataIntegrity<AnyJsonPresentation> = parse(presentation);
    at_once(presentation.verify(parameters())).unwrap()
}

/// Ed25519Signature2018 without `ssi`'s reading of the JWS: it writes the header anew, in its own
/// order of members, before it checks the signature over it. Everything else is the way it goes:
/// `ssi` makes the hashes, and the signature is checked over the header as it stands.
fn checks_2018<T>(document: &Value) -> Result<(), Invalid>
where
    T: DeserializeOwned + JsonLdNodeObject + Expandable,
{
    let method_id = document["proof"]["verificationMethod"].as_str().unwrap();
    let seed = [ISSUER, HOLDER].into_iter().find(|seed| method(*seed) == method_id).unwrap();
    let public = key(seed).verifying_key();
    let verification_method: Ed25519VerificationKey2018 = parse(&json!({
        "type": "Ed25519VerificationKey2018", "id": method(seed), "controller": did(seed),
        "publicKeyBase58": bs58::encode(public.as_bytes()).into_string()
    }));
    let signed: DataIntegrity<T, Ed25519Signature2018> = parse(document);
    let proof = signed.proofs.first().unwrap();
    let (suite, configuration) = (Ed25519Signature2018, proof.configuration());
    let environment = SignatureEnvironment::default();
    let transformed =
        suite.transform(&environment, &signed.claims, configuration, &verification_method, ());
    let hashes = suite.hash(at_once(transformed).unwrap(), configuration, &verification_method);
    let (header, signature) = document["proof"]["jws"].as_str().unwrap().split_once("..").unwrap();
    let mut input = format!("{header}.").into_bytes();
    input.extend_from_slice(&hashes.unwrap());
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    let verified = public.verify_strict(&input, &signature);
    verified.map_err(|_| Invalid::Proof(InvalidProof::Signature))
}

/// See [`checks_2018`].
pub(crate) fn ssi_checks_2018(credential: &Value) -> Result<(), Invalid> {
    checks_2018::<AnyJsonCredential>(credential)
}

/// See [`checks_2018`].
pub(crate) fn ssi_checks_presentation_2018(presentation: &Value) -> Result<(), Invalid> {
    checks_2018::<AnyJsonPresentation>(presentation)
}

fn jwk(seed: u8) -> ssi::JWK {
    let key = key(seed);
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    parse(&json!({
        "kty": "OKP", "crv": "Ed25519",
        "x": text(key.verifying_key().as_bytes()), "d": text(key.as_bytes())
    }))
}

/// The document as it was given, with the proof that `ssi` makes for it.
macro_rules! signed {
    ($kind:ty, $document:expr, $suite:expr, $seed:expr, $options:expr) => {{
        let (mut document, options): (Value, AnyInputOptions) = ($document, parse(&$options));
        let signer = SingleSecretSigner::new(jwk($seed)).into_local();
        let claims: $kind = parse(&document);
        let signing = suite_of($suite).sign(claims, resolver(), signer, options).now_or_never();
        let signed = serde_json::to_string(&signing.unwrap().unwrap()).unwrap();
        let mut signed: Value = serde_json::from_str(&signed).unwrap();
        document["proof"] = signed["proof"].take();
        document
    }};
}

pub(crate) fn ssi_issues(credential: Value, suite: Suite) -> Value {
    let options = json!({
        "created": CREATED, "verificationMethod": method(ISSUER), "proofPurpose": "assertionMethod"
    });
    signed!(AnyJsonCredential, credential, suite, ISSUER, options)
}

pub(crate) fn ssi_presents(credential: Value, suite: Suite, domain: Option<&str>) -> Value {
    let base = credential["@context"][0].as_str().unwrap();
    let document = json!({
        "@context": contexts(suite, &[base]),
        "type": ["VerifiablePresentation"],
        "holder": did(HOLDER),
        "verifiableCredential": [credential],
    });
    let mut options = json!({
        "created": CREATED, "verificationMethod": method(HOLDER), "proofPurpose": "authentication",
        "challenge": CHALLENGE
    });
    if let Some(domain) = domain {
        options["domain"] = domain.into();
    }
    signed!(AnyJsonPresentation, document, suite, HOLDER, options)
}
