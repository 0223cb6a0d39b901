"""A whole node for tests: real segments, real databases, a real log, and witnesses a call away."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import httpx
from sqlalchemy import insert

from basira.base.clock import NS_PER_S, SimulatedClock
from basira.base.identifiers import StreamKey
from basira.base.settings import Settings
from basira.catalogue.holds import Holds
from basira.catalogue.schema import camera_streams, cameras
from basira.catalogue.store import open_catalogue
from basira.custody.acts.spool import ActSpool
from basira.custody.entries import Entry, decode_entry
from basira.custody.home import CustodyHome, witness_addresses
from basira.custody.journal import Journal
from basira.custody.keys import CustodyKeys, load_keys
from basira.custody.ledger import Ledger
from basira.custody.policy import LogLine, Policy, WitnessLine, parse_policy, write_policy
from basira.custody.sources import Sources
from basira.custody.vkey import KeyType
from basira.custody.witness.home import WitnessHome
from basira.custody.witness.service import Answer, Witness
from basira.custody.witness_client import WitnessClient
from tests.replay.store import GATE, START_NS, OpenSegment, Store

SITE = "basra"


class Witnesses:
    """Witnesses of one or several nodes, reached without a network. ``down`` names those out of reach."""

    def __init__(self, root: Path, count: int, clock: SimulatedClock) -> None:
        self.clock = clock
        self.homes = {f"w{i}": WitnessHome(root / f"w{i}") for i in range(1, count + 1)}
        for name, home in self.homes.items():
            home.create(f"{name}.example")
        self.running: dict[str, Witness] = {}
        self.down: set[str] = set()
        self.http = httpx.Client(transport=httpx.MockTransport(self._answer))

    def follow(self, vkey: str) -> None:
        for name, home in self.homes.items():
            home.follow(vkey)
            self.running[name] = home.open(self.clock)

    def lines(self) -> list[WitnessLine]:
        """As in a policy: each witness by its Ed25519 key."""
        return [
            WitnessLine(name, signer.vkey, f"http://{name}.example")
            for name, home in self.homes.items()
            for signer in home.signers()
            if signer.kind is KeyType.ED25519_COSIGNATURE
        ]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        name = request.url.host.removesuffix(".example")
        if name in self.down:
            raise httpx.ConnectError("down")
        witness = self.running[name]
        answer: Answer
        if request.method == "POST":
            answer = witness.add_checkpoint(request.content)
        else:
            answer = witness.latest(request.url.path.split("/")[1])
        return httpx.Response(answer.status, content=answer.body, headers={"content-type": answer.content_type})


class Node:
    """One node. ``turn`` is what its custody process does every few seconds."""

    def __init__(self, root: Path, clip: Path, witness_count: int = 3) -> None:
        self.root, self.clip = root, clip
        self.clock = SimulatedClock(utc_ns=START_NS + 100 * NS_PER_S)
        self.store = Store(root / "data")
        self.catalogue = open_catalogue(root / "data" / "catalogue.db", self.clock)
        self.site = self.catalogue.site
        self.stream = StreamKey(self.site, "gate", "main")
        self.add_camera("gate")
        self.witnesses = Witnesses(root / "witnesses", witness_count, self.clock)
        self.policy_path = root / "node.policy"
        self.settings = Settings(
            data_dir=root / "data", custody_origin="node01.gov.example/log", custody_policy=self.policy_path
        )
        self.home = CustodyHome(self.settings, self.site)
        self.keys: CustodyKeys = load_keys(self.home.keys_path)
        self.trust(1)
        self.acts = ActSpool.open(self.home.acts_path, self.clock)
        self.holds = Holds(self.catalogue)
        self.ledger = self.start()

    def add_camera(self, camera: str) -> None:
        with self.catalogue.change() as connection:
            connection.execute(
                insert(cameras).values(
                    site=self.site, id=camera, name=f"{camera} of Abu Ali", kind="rtsp", enabled=True, position=0,
                    priority=0, record_audio=False, analyse=True, created_utc_ns=0,
                )
            )  # fmt: skip
        self.add_stream(camera, "main")

    def add_stream(self, camera: str, stream: str) -> None:
        with self.catalogue.change() as connection:
            connection.execute(
                insert(camera_streams).values(
                    site=self.site, camera=camera, stream=stream, url=f"rtsp://camera.example/{stream}", transport="tcp"
                )
            )

    def trust(self, generation: int) -> None:
        """Tell witnesses and policy of the log's keys in this generation; earlier ones stay known."""
        logs = [
            LogLine(signer.vkey)
            for number in range(1, generation + 1)
            for signer in self.keys.signers(self.home.origin(number), number)
        ]
        self.policy_path.write_text(write_policy(logs, self.witnesses.lines()))
        for log in logs:
            self.witnesses.follow(log.key.encode())

    @property
    def policy(self) -> Policy:
        return parse_policy(self.policy_path.read_bytes())

    def start(self) -> Ledger:
        """The custody process starts (again)."""
        self.journal = Journal.open(self.home.journal_path)
        self.sources = Sources(
            self.site, self.store.index, self.catalogue, self.acts, self.store.storage, self.keys,
            self.clock, retention_days=3.0,
        )  # fmt: skip
        clients = [WitnessClient(address, self.witnesses.http) for address in witness_addresses(self.policy)]
        self.ledger = Ledger(self.home, self.journal, self.sources, self.keys, self.clock, self.policy, clients)
        return self.ledger

    def record(
        self, *, recording: int = 1, start_utc_ns: int = START_NS, gops: int = 2, leave_open: bool = False
    ) -> list[OpenSegment]:
        """The clip as one recording, a chain of segments."""
        segments = self.store.begin(self.clip, self.stream, recording, start_utc_ns, gops)
        for i, segment in enumerate(segments):
            segment.append_all()
            if not (leave_open and i == len(segments) - 1):
                segment.end()
        return segments

    def turn(self, seconds: int = 30) -> None:
        self.clock.advance(seconds * NS_PER_S)
        self.ledger.turn()

    def entries(self) -> list[Entry]:
        assert self.ledger.tiles is not None
        return [decode_entry(data) for _, data in self.ledger.tiles.entries()]

    def of_kind(self, *kinds: str) -> Sequence[Entry]:
        return [entry for entry in self.entries() if entry.kind in kinds]

    def close(self) -> None:
        self.store.close()
        self.witnesses.http.close()


__all__ = ["GATE", "START_NS", "Node", "Witnesses"]
