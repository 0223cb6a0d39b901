"""C2PA manifests for exported video, as sidecars: the recording itself stays as it is, byte for byte.

For the tools of newsrooms and courts that know C2PA. Never the only proof: the certificate is the node's own, so a
reader who does not trust it by other means learns only that the video and the sidecar belong together.
"""

from __future__ import annotations

import datetime
import io
import json
from pathlib import Path
from typing import BinaryIO, Final

from c2pa import Builder, C2paSigningAlg, Reader, Signer
from c2pa.c2pa import C2paError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from basira.custody.evidence import Collected
from basira.custody.tiles import write_synced

_CAPTURED: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
_FORMAT: Final = "video/mp4"
_VALID: Final = datetime.timedelta(days=3650)
SIDECAR_FOLDER: Final = "c2pa"


class SidecarSigner:
    """The node's C2PA certificate and key, made on first use in ``folder``."""

    def __init__(self, folder: Path, origin: str, now: datetime.datetime) -> None:
        self._key_path, self._chain_path = folder / "c2pa.key", folder / "c2pa.pem"
        if not self._key_path.exists():
            chain, private = _make_certificate(origin, now)
            write_synced(self._chain_path, chain)
            write_synced(self._key_path, private, 0o600)
        key = serialization.load_pem_private_key(self._key_path.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key
        self.chain = self._chain_path.read_text("ascii")

    def sidecar_of(self, video: Path, title: str) -> bytes:
        """The manifest store for the file, signed."""
        definition = {
            "claim_generator_info": [{"name": "basira"}],
            "title": title,
            "format": _FORMAT,
            "assertions": [
                {
                    "label": "c2pa.actions.v2",
                    "data": {"actions": [{"action": "c2pa.created", "digitalSourceType": _CAPTURED}]},
                },
            ],
        }
        signer = Signer.from_callback(self._sign, C2paSigningAlg.ES256, self.chain, None)
        try:
            with Builder(json.dumps(definition)) as builder, video.open("rb") as source:
                builder.set_no_embed()
                return bytes(builder.sign(signer, _FORMAT, source, io.BytesIO()))
        finally:
            signer.close()

    def _sign(self, data: bytes) -> bytes:
        """ECDSA over P-256 as COSE wants it: the two numbers side by side."""
        r, s = decode_dss_signature(self._key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def decorate(self, folder: Path, collected: Collected) -> None:
        """Put a sidecar beside every playable file (a decorator of :func:`basira.custody.evidence.make_evidence`)."""
        for video in collected.playable:
            target = folder / SIDECAR_FOLDER / f"{video.name}.c2pa"
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(self.sidecar_of(video, video.name))


def read_sidecar(video: BinaryIO, sidecar: bytes) -> list[str]:
    """What c2pa's own reader finds wrong between the two, as its codes; trust in the certificate is not judged."""
    try:
        with Reader(_FORMAT, video, sidecar) as reader:
            results = json.loads(reader.json()).get("validation_results", {})
    except C2paError as error:
        return [str(error)]
    failures = results.get("activeManifest", {}).get("failure", [])
    return [row["code"] for row in failures if row["code"] != "signingCredential.untrusted"]


def _make_certificate(origin: str, now: datetime.datetime) -> tuple[bytes, bytes]:
    """A certificate authority of the node's own, used once, and the certificate it signs: chain and key in PEM."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Basira"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Basira node authority"),
        ]
    )
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Basira"),
            x509.NameAttribute(NameOID.COMMON_NAME, origin[:64]),
        ]
    )
    usage = {
        "content_commitment": False, "key_encipherment": False, "data_encipherment": False, "key_agreement": False,
        "encipher_only": False, "decipher_only": False,
    }  # fmt: skip
    key_id = x509.SubjectKeyIdentifier.from_public_key
    authority_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    root = (
        x509.CertificateBuilder(authority, authority, authority_key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + _VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **usage), critical=True)
        .add_extension(key_id(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    leaf = (
        x509.CertificateBuilder(authority, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + _VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=True, key_cert_sign=False, crl_sign=False, **usage), critical=True
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(key_id(key.public_key()), critical=False)
        .add_extension(authority_id, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    return leaf.public_bytes(pem) + root.public_bytes(pem), key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
