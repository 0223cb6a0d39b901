"""One bundle with everything in it, and the three verifiers: Basira's, the single file, and the page's."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from basira.base.clock import NS_PER_S
from basira.custody.acts.spool import Act
from basira.custody.policy import parse_policy
from basira.custody.verify import verify_bundle
from tests.custody.bundles import CLIP_NS, export
from tests.custody.node import START_NS, Node
from tests.custody.page_judge import PageJudge

DAY_NS = 86_400 * NS_PER_S


@pytest.fixture(scope="session")
def page_judge() -> Iterator[PageJudge]:
    judge = PageJudge()
    yield judge
    judge.close()


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> Iterator[Node]:
    """A node that has recorded, lost the link, been watched, held footage, and deleted some when its time had come."""
    node = Node(tmp_path_factory.mktemp("lived"), clip)
    node.turn()
    first, *others = node.store.begin(node.clip, node.stream, 1, START_NS, 2)
    first.append(20)
    node.turn(5)
    first.append_all()
    first.end()
    for segment in others:
        segment.append_all()
        segment.end()
    node.store.add_gap(START_NS + CLIP_NS, START_NS + 60 * NS_PER_S, "link", node.stream)
    node.record(recording=2, start_utc_ns=START_NS + 60 * NS_PER_S)
    node.acts.record(Act("playback", "hassan", ("gate",), "main", START_NS, START_NS + CLIP_NS))
    node.turn()
    node.holds.set("gate", START_NS + 60 * NS_PER_S, START_NS + 70 * NS_PER_S, reason="shots", by="officer")
    node.turn()
    node.clock.advance(4 * DAY_NS)
    node.store.delete(first.key)
    node.store.age_tombstones(node.clock.utc_ns())
    node.turn()
    yield node
    node.close()


@pytest.fixture(scope="module")
def sealed(lived: Node) -> Path:
    """The honest bundle of all that."""
    return export(lived, end_ns=START_NS + 60 * NS_PER_S + CLIP_NS)


Judge = Callable[[Path], list[str]]


@pytest.fixture
def judge(lived: Node, single_file: ModuleType, page_judge: PageJudge) -> Judge:
    """The codes of what is wrong, on which the three verifiers must agree."""
    return lambda bundle: agreed(bundle, lived.policy_path, single_file, page_judge)


def agreed(bundle: Path, policy: Path, single_file: ModuleType, page_judge: PageJudge) -> list[str]:
    """What all three find, as Basira's own verifier lists it; the page's lists the very same codes."""
    ours = [finding.code for finding in verify_bundle(bundle, parse_policy(policy.read_bytes())).wrong]
    try:
        with bundle.open("rb") as file:
            other = single_file.Judgement(single_file.Bundle(file), single_file.Policy(policy.read_bytes()))
        theirs = [code for code, _, _ in other.wrong]
    except (single_file.Wrong, struct.error):
        theirs = ["bundle_unreadable"]
    assert bool(ours) == bool(theirs), (ours, theirs)
    if ours and "malformed" not in ours[0] and "malformed" not in theirs[0]:
        assert ours[0] == theirs[0], (ours, theirs)
    assert page_judge.codes(bundle, policy) == ours
    return ours
