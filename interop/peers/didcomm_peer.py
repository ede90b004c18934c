"""A DIDComm v2 agent in the hands of a test: the PyPI package `didcomm`, told what to do on stdin.

One JSON object per line comes in, one goes out: {"ok": ...} or {"error": "..."}.
  {"op": "listen"}                                  -> {"endpoint"}: takes envelopes over HTTP
  {"op": "new", "endpoint": URL}                    -> {"did"}: a did:peer:2 with keys of its own
  {"op": "resolve", "did"}                          -> the DID document as the Python packages read it
  {"op": "pack", "mode": authcrypt|anoncrypt|signed, "message", "from"?, "to"?, "sign"?, "hide"?,
   "encryption"?}                                   -> {"packed", "media_type"}
  {"op": "unpack", "packed"}                        -> {"message", "metadata"}
  {"op": "receive", "seconds"}                      -> {"packed", "media_type"}: the next envelope
DIDs are decoded by `did-peer-2` and `did-peer-4`, also foreign code; did:key is decoded here.
"""

import asyncio
import base64
import dataclasses
import json
import queue
import sys
import threading
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import base58
from authlib.deprecate import AuthlibDeprecationWarning

warnings.simplefilter("ignore", AuthlibDeprecationWarning)  # `didcomm` uses what Authlib 1 has

import did_peer_2
import did_peer_4
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519
from didcomm.common.algorithms import AnonCryptAlg
from didcomm.common.resolvers import ResolversConfig
from didcomm.common.types import (
    VerificationMaterial,
    VerificationMaterialFormat,
    VerificationMethodType,
)
from didcomm.did_doc.did_doc import DIDCommService, DIDDoc, VerificationMethod
from didcomm.did_doc.did_resolver import DIDResolver
from didcomm.message import Message
from didcomm.pack_encrypted import PackEncryptedConfig, pack_encrypted
from didcomm.pack_signed import pack_signed
from didcomm.secrets.secrets_resolver import Secret
from didcomm.secrets.secrets_resolver_in_memory import SecretsResolverInMemory
from didcomm.unpack import unpack

BODY_BYTES_MAX = 2 * 1024 * 1024
RAW = (ser.Encoding.Raw, ser.PublicFormat.Raw)
RAW_PRIVATE = (ser.Encoding.Raw, ser.PrivateFormat.Raw, ser.NoEncryption())
ED25519, X25519, P256 = b"\xed\x01", b"\xec\x01", b"\x80\x24"

secrets = []
inbox = queue.Queue()


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def multikey(codec, raw):
    return "z" + base58.b58encode(codec + raw).decode()


def jwk_of_multikey(value):
    """The public JWK of a multibase key; the `didcomm` package reads every kind as a JWK."""
    data = base58.b58decode(value[1:])
    codec, raw = data[:2], data[2:]
    if codec == ED25519:
        return {"kty": "OKP", "crv": "Ed25519", "x": b64(raw)}
    if codec == X25519:
        return {"kty": "OKP", "crv": "X25519", "x": b64(raw)}
    if codec == P256:
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw).public_numbers()
        x, y = (b64(n.to_bytes(32, "big")) for n in (point.x, point.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}
    raise ValueError(f"unknown key codec {codec.hex()}")


def resolve(did):
    if did.startswith("did:peer:2"):
        return did_peer_2.resolve(did)
    if did.startswith("did:peer:4"):
        return did_peer_4.resolve(did)
    if did.startswith("did:key:z6LS"):
        kid = f"{did}#{did.removeprefix('did:key:')}"
        method = {"id": kid, "controller": did, "publicKeyMultibase": did.removeprefix("did:key:")}
        return {"id": did, "verificationMethod": [method], "keyAgreement": [kid]}
    raise ValueError(f"this peer does not resolve {did}")


def absolute(did, reference):
    return did + reference if reference.startswith("#") else reference


def methods_of(did, document, relation):
    """Ids of a relation, and the methods that are embedded in it."""
    ids, embedded = [], []
    for entry in document.get(relation, []):
        if isinstance(entry, dict):
            embedded.append(entry)
            entry = entry["id"]
        ids.append(absolute(did, entry))
    return ids, embedded


def endpoints_of(service):
    endpoint = service["serviceEndpoint"]
    for entry in endpoint if isinstance(endpoint, list) else [endpoint]:
        yield entry if isinstance(entry, dict) else {"uri": entry, **service}


def did_doc(did):
    document = resolve(did)
    agreement, embedded_agreement = methods_of(did, document, "keyAgreement")
    authentication, embedded_authentication = methods_of(did, document, "authentication")
    methods = {}
    for method in [
        *document.get("verificationMethod", []),
        *embedded_agreement,
        *embedded_authentication,
    ]:
        kid = absolute(did, method["id"])
        jwk = method.get("publicKeyJwk") or jwk_of_multikey(method["publicKeyMultibase"])
        methods[kid] = VerificationMethod(kid, VerificationMethodType.JSON_WEB_KEY_2020, did, material(jwk))
    services = [
        DIDCommService(
            absolute(did, service["id"]), endpoint["uri"],
            endpoint.get("routingKeys", []), endpoint.get("accept", []),
        )
        for service in document.get("service", [])
        if service["type"] == "DIDCommMessaging"
        for endpoint in endpoints_of(service)
    ]
    return DIDDoc(did, agreement, authentication, list(methods.values()), services)


def material(jwk):
    return VerificationMaterial(VerificationMaterialFormat.JWK, json.dumps(jwk))


class Resolver(DIDResolver):
    async def resolve(self, did):
        return did_doc(did.split("#")[0])


def resolvers():
    return ResolversConfig(SecretsResolverInMemory(secrets), Resolver())


def keep(did, kind, public_jwk, private):
    """Stores a secret under the id that the DID's own document gives this key."""
    for method in did_doc(did).verification_methods:
        if json.loads(method.verification_material.value)["x"] == public_jwk["x"]:
            jwk = {**public_jwk, "d": b64(private)}
            secrets.append(Secret(method.id, kind, material(jwk)))
            return
    raise ValueError("the DID does not show its own key")


def new(request):
    signing, agreement = ed25519.Ed25519PrivateKey.generate(), x25519.X25519PrivateKey.generate()
    signing_public = multikey(ED25519, signing.public_key().public_bytes(*RAW))
    agreement_public = multikey(X25519, agreement.public_key().public_bytes(*RAW))
    endpoint = {"uri": request["endpoint"], "accept": ["didcomm/v2"], "routingKeys": []}
    did = did_peer_2.generate(
        [
            did_peer_2.KeySpec.key_agreement(agreement_public),
            did_peer_2.KeySpec.authentication(signing_public),
        ],
        [{"id": "#service", "type": "DIDCommMessaging", "serviceEndpoint": endpoint}],
    )
    kind = VerificationMethodType.JSON_WEB_KEY_2020
    keep(did, kind, jwk_of_multikey(signing_public), signing.private_bytes(*RAW_PRIVATE))
    keep(did, kind, jwk_of_multikey(agreement_public), agreement.private_bytes(*RAW_PRIVATE))
    return {"did": did}


def pack(request):
    plaintext = {"typ": "application/didcomm-plain+json", **request["message"]}
    message = Message.from_json(json.dumps(plaintext))
    if request["mode"] == "signed":
        result = asyncio.run(pack_signed(resolvers(), message, request["from"]))
        return {"packed": result.packed_msg, "media_type": "application/didcomm-signed+json"}
    config = PackEncryptedConfig(protect_sender_id=request.get("hide", False), forward=False)
    if "encryption" in request:
        config.enc_alg_anon = AnonCryptAlg[request["encryption"]]
    sender = request["from"] if request["mode"] == "authcrypt" else None
    result = asyncio.run(
        pack_encrypted(resolvers(), message, request["to"], sender, request.get("sign"), config)
    )
    return {"packed": result.packed_msg, "media_type": "application/didcomm-encrypted+json"}


def plain(value):
    return value.name if hasattr(value, "name") else value


def unpack_envelope(request):
    result = asyncio.run(unpack(resolvers(), request["packed"]))
    metadata = {key: plain(value) for key, value in dataclasses.asdict(result.metadata).items()}
    return {"message": result.message.as_dict(), "metadata": metadata}


def receive(request):
    try:
        media_type, packed = inbox.get(timeout=request["seconds"])
    except queue.Empty:
        raise TimeoutError(f"no envelope came within {request['seconds']} s") from None
    return {"packed": packed, "media_type": media_type}


class Inbound(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        if length > BODY_BYTES_MAX:
            self.send_error(413)
            return
        inbox.put((self.headers.get("Content-Type"), self.rfile.read(length).decode()))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *args):
        print(format % args, file=sys.stderr, flush=True)


def listen(_request):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Inbound)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return {"endpoint": f"http://127.0.0.1:{server.server_port}/"}


OPERATIONS = {
    "listen": listen,
    "new": new,
    "resolve": lambda request: resolve(request["did"]),
    "pack": pack,
    "unpack": unpack_envelope,
    "receive": receive,
}

for line in sys.stdin:
    try:
        request = json.loads(line)
        answer = {"ok": OPERATIONS[request["op"]](request)}
    except Exception as error:  # every failure goes to the test, which decides
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer, default=str), flush=True)
