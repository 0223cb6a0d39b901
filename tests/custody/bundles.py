"""Evidence bundles for tests, and ways to damage them."""

from __future__ import annotations

from pathlib import Path

from basira.base.clock import NS_PER_S
from basira.base.errors import BasiraError
from basira.custody.container import Container, write_container
from basira.custody.evidence import EvidenceRequest, EvidenceSources, make_evidence
from basira.custody.findings import Verdict
from basira.custody.ledger import LedgerState
from basira.custody.verify import verify_bundle
from tests.custody.node import START_NS, Node
from tests.replay.store import stream_name

CLIP_NS = 6 * NS_PER_S


def evidence_sources(node: Node) -> EvidenceSources:
    def advance() -> None:
        node.turn()
        if node.ledger.state is LedgerState.REFUSING or node.witnesses.down:
            raise BasiraError("evidence_waits_for_quorum", status=409)

    return EvidenceSources(
        node.home, node.journal, node.acts, node.store.index, node.catalogue, node.store.footage, advance
    )


def export(node: Node, name: str = "evidence.zip", start_ns: int = START_NS, end_ns: int = START_NS + CLIP_NS) -> Path:
    target = node.root / name
    stream = stream_name(node.stream.stream)
    make_evidence(evidence_sources(node), EvidenceRequest(("gate",), stream, start_ns, end_ns, "officer"), target)
    return target


def contents(bundle: Path) -> dict[str, bytes]:
    with bundle.open("rb") as file:
        opened = Container(file)
        return {name: opened.read(name) for name in opened.members}


def repacked(bundle: Path, files: dict[str, bytes]) -> Path:
    """A flawless container with these files, as a forger would make it."""
    folder = bundle.with_suffix(".files")
    folder.mkdir(exist_ok=True)
    sources = {}
    for number, (name, data) in enumerate(files.items()):
        sources[name] = folder / str(number)
        sources[name].write_bytes(data)
    target = bundle.with_suffix(".forged.zip")
    write_container(target, sources)
    return target


def judged(node: Node, bundle: Path) -> Verdict:
    return verify_bundle(bundle, node.policy)


def codes(verdict: Verdict) -> list[str]:
    return [finding.code for finding in verdict.wrong]
