"""RFC 3161 time stamps: a second opinion on time, from an authority that has nothing to do with any witness.

The token is over the manifest, so ``openssl ts -verify -data manifest.json -in seal/manifest.tsr`` checks it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx
import structlog
from cryptography import x509
from rfc3161_client import TimestampRequestBuilder, VerificationError, VerifierBuilder, decode_timestamp_response

from basira.base.errors import BasiraError

log = structlog.get_logger(__name__)

_TIMEOUT_S: Final = 20.0
_MOST_BYTES: Final = 1_000_000


def ask_for_timestamp(url: str, data: bytes) -> bytes:
    """The authority's answer for the data, of which it sees only the hash. Raises BasiraError ``tsa_unreachable``."""
    request = TimestampRequestBuilder().data(data).nonce(nonce=True).cert_request(cert_request=True).build()
    try:
        answer = httpx.post(
            url, content=request.as_bytes(), headers={"Content-Type": "application/timestamp-query"}, timeout=_TIMEOUT_S
        ).raise_for_status()
        if len(answer.content) > _MOST_BYTES:
            raise ValueError("answer too long")
        decode_timestamp_response(answer.content)
    except (httpx.HTTPError, ValueError) as error:
        raise BasiraError("tsa_unreachable", status=502, reason=str(error)) from error
    return answer.content


def check_timestamp(token: bytes, data: bytes, roots: Sequence[x509.Certificate]) -> datetime:
    """When the authority says it saw the data. Raises ValueError when the token is not one of these roots for it."""
    try:
        response = decode_timestamp_response(token)
        builder = VerifierBuilder()
        for root in roots:
            builder = builder.add_root_certificate(root)
        builder.build().verify_message(response, data)
    except VerificationError as error:
        raise ValueError(str(error)) from error
    return response.tst_info.gen_time


def load_roots(path: Path) -> list[x509.Certificate]:
    """PEM certificates of the authorities to be believed."""
    return x509.load_pem_x509_certificates(path.read_bytes())
