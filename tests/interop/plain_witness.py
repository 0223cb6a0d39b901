"""An independent witness for tests, written from the C2SP texts alone: it imports nothing of Basira.

Run as ``plain_witness.py NAME SEED_HEX LOG_VKEY``; prints its vkey and its port. Keeps its heads in memory.
"""

import base64
import hashlib
import struct
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

NAME, SEED, LOG_VKEY = sys.argv[1:4]
KEY = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(SEED))
PUBLIC = b"\x04" + KEY.public_key().public_bytes_raw()
KEY_ID = hashlib.sha256(NAME.encode() + b"\n" + PUBLIC).digest()[:4]
LOG_NAME, LOG_ID, LOG_KEY = LOG_VKEY.split("+", 2)
LOG_PUBLIC = Ed25519PublicKey.from_public_bytes(base64.b64decode(LOG_KEY)[1:])
HEADS: dict[str, tuple[int, bytes, str]] = {}


def subproof(m: int, n: int, proof: list[bytes], old: bytes, whole: bool) -> tuple[bytes, bytes]:
    """Roots of the old and the new tree, straight from the recursion that defines the proof (RFC 6962 §2.1.2)."""
    if m == n:
        root = old if whole else proof.pop(0)
        return root, root
    k = 1 << ((n - 1).bit_length() - 1)
    if m <= k:
        first, left = subproof(m, k, proof, old, whole)
        return first, hashlib.sha256(b"\1" + left + proof.pop(0)).digest()
    first, right = subproof(m - k, n - k, proof, old, False)
    left = proof.pop(0)
    return hashlib.sha256(b"\1" + left + first).digest(), hashlib.sha256(b"\1" + left + right).digest()


def consistent(m: int, n: int, proof: list[bytes], old: bytes, new: bytes) -> bool:
    if m == n or m == 0:
        return not proof and (m == 0 or old == new)
    try:
        roots = subproof(m, n, proof, old, True)
    except IndexError:
        return False
    return not proof and roots == (old, new)


def signed_by_log(text: str, signatures: list[str]) -> bool:
    for line in signatures:
        _, name, data = line.split(" ")
        raw = base64.b64decode(data)
        if (name, raw[:4].hex()) == (LOG_NAME, LOG_ID):
            try:
                LOG_PUBLIC.verify(raw[4:], text.encode())
            except InvalidSignature:
                return False
            return True
    return False


def answer(body: str) -> tuple[int, str, str]:
    head, _, note = body.partition("\n\n")
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    first, *lines = head.split("\n")
    old, proof = int(first.split(" ")[1]), [base64.b64decode(line) for line in lines]
    origin, size_text, root_text = text.split("\n")[:3]
    size, root = int(size_text), base64.b64decode(root_text)
    if origin != LOG_NAME:
        return 404, "", "text/plain"
    if not signed_by_log(text, signatures.strip("\n").split("\n")):
        return 403, "", "text/plain"
    have, have_root, _ = HEADS.get(origin, (0, b"", ""))
    if old > size:
        return 400, "", "text/plain"
    if old != have:
        return 409, f"{have}\n", "text/x.tlog.size"
    if not consistent(old, size, proof, have_root, root):
        return 422, "", "text/plain"
    now = int(time.time())
    signature = KEY.sign(f"cosignature/v1\ntime {now}\n{text}".encode())
    line = f"— {NAME} {base64.b64encode(KEY_ID + struct.pack('>Q', now) + signature).decode()}\n"
    HEADS[origin] = (size, root, f"{note.rstrip(chr(10))}\n{line}")
    return 200, line, "text/plain"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.reply(*answer(self.rfile.read(int(self.headers["Content-Length"])).decode()))

    def do_GET(self) -> None:
        for origin, (_, _, note) in HEADS.items():
            if self.path == f"/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint":
                return self.reply(200, note, "text/plain")
        return self.reply(404, "", "text/plain")

    def reply(self, status: int, body: str, kind: str) -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
sys.stdout.write(f"{NAME}+{KEY_ID.hex()}+{base64.b64encode(PUBLIC).decode()}\n{server.server_port}\n")
sys.stdout.flush()
server.serve_forever()
