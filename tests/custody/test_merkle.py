"""The tree is RFC 6962's: its vectors, its recursive definitions, and no forged proof passes."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basira.custody import merkle
from tests.custody import vectors

SMALL = 70


def defined_root(entries: list[bytes]) -> bytes:
    """MTH of RFC 6962, word for word."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return merkle.leaf_hash(entries[0])
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return merkle.node_hash(defined_root(entries[:k]), defined_root(entries[k:]))


@pytest.mark.parametrize(("size", "root"), vectors.ROOTS.items())
def test_roots_are_those_of_the_specification(size: int, root: str) -> None:
    leaves = [merkle.leaf_hash(entry) for entry in vectors.ENTRIES[:size]]
    assert merkle.tree_root(leaves).hex() == root
    assert merkle.range_root(merkle.LeafList(leaves), 0, size).hex() == root


def test_the_published_inclusion_proof_is_ours() -> None:
    leaves = merkle.LeafList([merkle.leaf_hash(entry) for entry in vectors.ENTRIES])
    assert merkle.inclusion_proof(leaves, 123, 300) == vectors.INCLUSION_123_300
    root = bytes.fromhex(vectors.ROOTS[300])
    assert merkle.verify_inclusion(123, 300, leaves.node(0, 123), vectors.INCLUSION_123_300, root)


def test_the_published_consistency_proof_is_ours() -> None:
    leaves = merkle.LeafList([merkle.leaf_hash(entry) for entry in vectors.ENTRIES])
    assert merkle.consistency_proof(leaves, 200, 300) == vectors.CONSISTENCY_200_300
    root = bytes.fromhex(vectors.ROOTS[300])
    assert merkle.verify_consistency(200, 300, vectors.CONSISTENCY_200_300, vectors.ROOT_200, root)


def test_every_proof_of_every_small_tree_verifies_and_only_in_its_place() -> None:
    entries = vectors.ENTRIES[:SMALL]
    hashes = [merkle.leaf_hash(entry) for entry in entries]
    leaves = merkle.LeafList(hashes)
    roots = [defined_root(entries[:n]) for n in range(SMALL + 1)]
    for n in range(SMALL + 1):
        assert merkle.tree_root(hashes[:n]) == roots[n]
        for i in range(n):
            path = merkle.inclusion_proof(leaves, i, n)
            assert merkle.verify_inclusion(i, n, hashes[i], path, roots[n])
            for j in range(n):
                assert merkle.verify_inclusion(j, n, hashes[i], path, roots[n]) == (i == j)
            assert not merkle.verify_inclusion(i, n, hashes[i], [*path, roots[n]], roots[n])
            assert not path or not merkle.verify_inclusion(i, n, hashes[i], path[:-1], roots[n])
        for m in range(n + 1):
            proof = merkle.consistency_proof(leaves, m, n)
            assert merkle.verify_consistency(m, n, proof, roots[m], roots[n])
            if 0 < m < n:
                assert not merkle.verify_consistency(m, n, proof, roots[m - 1], roots[n])
                assert not merkle.verify_consistency(m, n, proof[:-1], roots[m], roots[n])
                assert not merkle.verify_consistency(m, n, [*proof, proof[0]], roots[m], roots[n])


def test_proofs_outside_the_tree_are_refused() -> None:
    leaves = merkle.LeafList([merkle.leaf_hash(b"a")])
    with pytest.raises(ValueError, match="no such leaf"):
        merkle.inclusion_proof(leaves, 1, 1)
    with pytest.raises(ValueError, match="not smaller"):
        merkle.consistency_proof(leaves, 2, 1)
    assert not merkle.verify_inclusion(1, 1, leaves.node(0, 0), [], leaves.node(0, 0))
    assert not merkle.verify_inclusion(-1, 1, leaves.node(0, 0), [], leaves.node(0, 0))
    assert not merkle.verify_consistency(2, 1, [], leaves.node(0, 0), leaves.node(0, 0))


def test_an_empty_tree_is_a_prefix_only_with_the_empty_root() -> None:
    root = merkle.leaf_hash(b"a")
    assert merkle.verify_consistency(0, 1, [], merkle.EMPTY_ROOT, root)
    assert not merkle.verify_consistency(0, 1, [], root, root)
    assert not merkle.verify_consistency(0, 1, [root], merkle.EMPTY_ROOT, root)


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=90), st.data())
def test_a_frontier_resumed_at_any_size_reaches_the_same_root(entries: list[bytes], data: st.DataObject) -> None:
    hashes = [merkle.leaf_hash(entry) for entry in entries]
    cut = data.draw(st.integers(0, len(entries)))
    leaves = merkle.LeafList(hashes)
    resumed = merkle.Frontier(cut, [leaves.node(level, index) for level, index in merkle.subtree_edge(0, cut)])
    for hashed in hashes[cut:]:
        resumed.append(hashed)
    assert resumed.root() == merkle.tree_root(hashes)


@given(st.integers(1, 60), st.data())
def test_a_changed_byte_anywhere_in_a_proof_is_refused(n: int, data: st.DataObject) -> None:
    hashes = [merkle.leaf_hash(bytes([i])) for i in range(n)]
    leaves = merkle.LeafList(hashes)
    i = data.draw(st.integers(0, n - 1))
    path = merkle.inclusion_proof(leaves, i, n)
    step = data.draw(st.integers(0, len(path)))
    flip = bytes([data.draw(st.integers(1, 255))]) + bytes(31)
    changed = [bytes(a ^ b for a, b in zip(h, flip, strict=True)) for h in [hashes[i], *path]]
    forged = [hashes[i], *path]
    forged[step] = changed[step]
    assert not merkle.verify_inclusion(i, n, forged[0], forged[1:], merkle.tree_root(hashes))
