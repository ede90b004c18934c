//! The four signature suites: what is hashed, and how a signature is written down.
//!
//! Source: Ed25519Signature2018 (LD Signatures with a detached JWS, RFC 7797),
//! Ed25519Signature2020, Data Integrity EdDSA Cryptosuites 1.0 §3.2 and §3.3.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{Contexts, Error, jcs, jsonld, vcdm};

/// Characters of a `jws` or `proofValue`.
const SIGNATURE_TEXT_MAX: usize = 400;
/// Bytes of an Ed25519 signature.
const SIGNATURE_BYTES: usize = 64;

/// How a document is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Suite {
    /// RDF canonicalization, detached JWS. What ACA-Py does by default.
    Ed25519Signature2018,
    /// RDF canonicalization, multibase signature.
    Ed25519Signature2020,
    /// Data Integrity with RDF canonicalization.
    #[serde(rename = "eddsa-rdfc-2022")]
    EddsaRdfc2022,
    /// Data Integrity with JSON canonicalization.
    #[serde(rename = "eddsa-jcs-2022")]
    EddsaJcs2022,
}

impl Suite {
    /// Every suite.
    pub const ALL: [Self; 4] = [
        Self::Ed25519Signature2018,
        Self::Ed25519Signature2020,
        Self::EddsaRdfc2022,
        Self::EddsaJcs2022,
    ];

    /// The name in `proofType` of RFC 0593 and in policies: the type, or the cryptosuite.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ed25519Signature2018 => "Ed25519Signature2018",
            Self::Ed25519Signature2020 => "Ed25519Signature2020",
            Self::EddsaRdfc2022 => "eddsa-rdfc-2022",
            Self::EddsaJcs2022 => "eddsa-jcs-2022",
        }
    }

    /// The suite of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.name() == name)
    }

    /// The suite of a proof.
    pub(crate) fn of_proof(proof: &Map<String, Value>) -> Result<Self, Error> {
        let text = |key| proof.get(key).and_then(Value::as_str);
        let kind = text("type").ok_or_else(|| Error::malformed("proof", "no type"))?;
        let name = match (kind, text("cryptosuite")) {
            ("DataIntegrityProof", Some(cryptosuite)) => cryptosuite,
            ("DataIntegrityProof", None) => {
                return Err(Error::malformed("proof", "no cryptosuite"));
            }
            (kind, None) => kind,
            (_, Some(_)) => return Err(Error::malformed("proof", "a cryptosuite of no use")),
        };
        let suite = Self::from_name(name).filter(|suite| suite.kind() == kind);
        suite.ok_or_else(|| Error::Unsupported(format!("proof of type {kind} ({name})")))
    }

    /// The `type` of a proof.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Ed25519Signature2018 | Self::Ed25519Signature2020 => self.name(),
            Self::EddsaRdfc2022 | Self::EddsaJcs2022 => "DataIntegrityProof",
        }
    }

    /// The context that defines this proof, unless one of the document does.
    pub(crate) fn context(self, document: &Value) -> Option<&'static str> {
        let has = |url: &str| vcdm::each(document.get("@context")).iter().any(|c| c == url);
        let needed = match self {
            Self::Ed25519Signature2018 => return None,
            Self::Ed25519Signature2020 => crate::ED25519_2020_V1,
            // VCDM 2.0 defines Data Integrity proofs itself.
            Self::EddsaRdfc2022 | Self::EddsaJcs2022 if has(crate::CREDENTIALS_V2) => return None,
            Self::EddsaRdfc2022 | Self::EddsaJcs2022 => crate::DATA_INTEGRITY_V2,
        };
        let present = has(needed) || has("https://w3id.org/security/data-integrity/v1");
        (!present).then_some(needed)
    }

    /// The 64 bytes of hashes that are signed: proof configuration, then document.
    pub(crate) fn hash(
        self,
        document: &Value,
        proof: &Map<String, Value>,
        contexts: &Contexts,
    ) -> Result<[u8; 64], Error> {
        let mut unsecured = document.clone();
        if let Some(map) = unsecured.as_object_mut() {
            map.remove("proof");
        }
        let mut config = proof.clone();
        config.remove("proofValue");
        config.remove("jws");
        let (config, document) = match self {
            Self::EddsaJcs2022 => {
                // §3.3.2: the contexts of the proof must begin those of the document.
                if let Some(of_proof) = config.get("@context") {
                    let of_document = vcdm::each(unsecured.get("@context"));
                    if !of_document.starts_with(vcdm::each(Some(of_proof))) {
                        return Err(Error::malformed(
                            "proof",
                            "contexts other than the document's",
                        ));
                    }
                    unsecured["@context"] = of_proof.clone();
                }
                // JSON canonicalization needs no contexts, but a claim without a meaning is
                // refused all the same.
                jsonld::canonical(&unsecured, contexts)?;
                (jcs::canonical(&Value::Object(config))?, jcs::canonical(&unsecured)?)
            }
            Self::Ed25519Signature2018 | Self::Ed25519Signature2020 | Self::EddsaRdfc2022 => {
                let context = unsecured.get("@context").cloned().unwrap_or_default();
                // A proof may repeat contexts of its document, as `ssi` does with that of
                // Ed25519Signature2020. What it says is hashed, and read, under the document's.
                let of_document = vcdm::each(Some(&context));
                let of_proof = vcdm::each(config.get("@context"));
                if !of_proof.iter().all(|url| of_document.contains(url)) {
                    return Err(Error::malformed("proof", "contexts other than the document's"));
                }
                config.insert("@context".into(), context);
                let config = jsonld::canonical(&Value::Object(config), contexts)?;
                (config, jsonld::canonical(&unsecured, contexts)?)
            }
        };
        let mut hashes = [0; 64];
        hashes[..32].copy_from_slice(&Sha256::digest(config.as_bytes()));
        hashes[32..].copy_from_slice(&Sha256::digest(document.as_bytes()));
        Ok(hashes)
    }

    /// The bytes that Ed25519 signs, and the header that belongs to them in a JWS.
    pub(crate) fn signing_input(self, hashes: &[u8; 64]) -> (Vec<u8>, String) {
        match self {
            Self::Ed25519Signature2018 => {
                let header = json!({ "alg": "EdDSA", "b64": false, "crit": ["b64"] });
                let header = URL_SAFE_NO_PAD.encode(header.to_string());
                (jws_input(&header, hashes), header)
            }
            Self::Ed25519Signature2020 | Self::EddsaRdfc2022 | Self::EddsaJcs2022 => {
                (hashes.to_vec(), String::new())
            }
        }
    }

    /// Writes a signature into a proof.
    pub(crate) fn write(self, proof: &mut Map<String, Value>, header: &str, signature: &[u8]) {
        match self {
            Self::Ed25519Signature2018 => {
                let jws = format!("{header}..{}", URL_SAFE_NO_PAD.encode(signature));
                proof.insert("jws".into(), jws.into());
            }
            Self::Ed25519Signature2020 | Self::EddsaRdfc2022 | Self::EddsaJcs2022 => {
                let value = format!("z{}", bs58::encode(signature).into_string());
                proof.insert("proofValue".into(), value.into());
            }
        }
    }

    /// Reads the signature of a proof and the bytes that it must sign.
    pub(crate) fn read(
        self,
        proof: &Map<String, Value>,
        hashes: &[u8; 64],
    ) -> Result<(Vec<u8>, [u8; SIGNATURE_BYTES]), Error> {
        let (member, other) = match self {
            Self::Ed25519Signature2018 => ("jws", "proofValue"),
            Self::Ed25519Signature2020 | Self::EddsaRdfc2022 | Self::EddsaJcs2022 => {
                ("proofValue", "jws")
            }
        };
        let text = proof.get(member).and_then(Value::as_str);
        let text = text.filter(|text| text.len() <= SIGNATURE_TEXT_MAX);
        let text = text.ok_or_else(|| Error::malformed("proof", format!("no {member}")))?;
        if proof.contains_key(other) {
            return Err(Error::malformed("proof", format!("{other} beside {member}")));
        }
        if member == "jws" {
            return read_jws(text, hashes);
        }
        let bytes = text.strip_prefix('z').and_then(|text| bs58::decode(text).into_vec().ok());
        Ok((hashes.to_vec(), signature(bytes)?))
    }
}

fn jws_input(header: &str, hashes: &[u8; 64]) -> Vec<u8> {
    let mut input = format!("{header}.").into_bytes();
    input.extend_from_slice(hashes);
    input
}

/// A detached JWS over bytes that are not encoded (RFC 7797 §3, `"b64": false`).
fn read_jws(text: &str, hashes: &[u8; 64]) -> Result<(Vec<u8>, [u8; SIGNATURE_BYTES]), Error> {
    let (header, encoded) =
        text.split_once("..").ok_or_else(|| Error::malformed("jws", "not detached"))?;
    let decoded = URL_SAFE_NO_PAD.decode(header).ok();
    let decoded: Option<Value> = decoded.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    if decoded != Some(json!({ "alg": "EdDSA", "b64": false, "crit": ["b64"] })) {
        return Err(Error::malformed("jws", "its header"));
    }
    let bytes = URL_SAFE_NO_PAD.decode(encoded).ok();
    Ok((jws_input(header, hashes), signature(bytes)?))
}

fn signature(bytes: Option<Vec<u8>>) -> Result<[u8; SIGNATURE_BYTES], Error> {
    let bytes = bytes.ok_or_else(|| Error::malformed("signature", "its encoding"))?;
    bytes.try_into().map_err(|_| Error::malformed("signature", "its length"))
}
