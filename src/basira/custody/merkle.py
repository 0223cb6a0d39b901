"""Merkle trees of RFC 6962 §2.1 (the same as RFC 9162 §2.1) over SHA-256: roots, proofs, and their verification."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Hash of one log entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: one hash for each complete subtree, largest first.

    Appends in amortised constant time and knows the root at every size, without holding the tree.
    """

    def __init__(self, size: int = 0, subtrees: Sequence[bytes] = ()) -> None:
        if len(subtrees) != size.bit_count():
            raise ValueError("as many subtrees as the size has ones")
        self.size = size
        self._subtrees = list(subtrees)

    def append(self, leaf: bytes) -> None:
        """Add the hash of one entry."""
        carried, size = leaf, self.size
        while size & 1:
            carried = node_hash(self._subtrees.pop(), carried)
            size >>= 1
        self._subtrees.append(carried)
        self.size += 1

    def root(self) -> bytes:
        if not self._subtrees:
            return EMPTY_ROOT
        root = self._subtrees[-1]
        for subtree in reversed(self._subtrees[:-1]):
            root = node_hash(subtree, root)
        return root

    def copy(self) -> Frontier:
        return Frontier(self.size, self._subtrees)


def tree_root(leaves: Iterable[bytes]) -> bytes:
    """Root of the tree whose leaf hashes are given."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


class Subtrees(Protocol):
    """Where the hashes of complete subtrees come from."""

    def node(self, level: int, index: int) -> bytes:
        """Hash over leaves ``index * 2**level`` up to ``(index + 1) * 2**level``, all of which exist."""
        ...


class LeafList:
    """Subtree hashes computed, and remembered, from a list of leaf hashes in memory."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._levels: list[list[bytes]] = [list(leaves)]

    def node(self, level: int, index: int) -> bytes:
        while len(self._levels) <= level:
            below = self._levels[-1]
            self._levels.append([node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])
        return self._levels[level][index]


def subtree_edge(start: int, end: int) -> list[tuple[int, int]]:
    """``(level, index)`` of the complete subtrees that make up leaves ``start`` to ``end``, left to right.

    ``start`` must be a multiple of the largest power of two below ``end - start``, as it is in every proof.
    """
    pieces: list[tuple[int, int]] = []
    while start < end:
        level = (end - start).bit_length() - 1
        pieces.append((level, start >> level))
        start += 1 << level
    return pieces


def range_root(subtrees: Subtrees, start: int, end: int) -> bytes:
    """MTH(D[start:end]) for a range that the tree's own shape contains."""
    hashes = [subtrees.node(level, index) for level, index in subtree_edge(start, end)]
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for piece in reversed(hashes[:-1]):
        root = node_hash(piece, root)
    return root


def _split(size: int) -> int:
    """Largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(subtrees: Subtrees, index: int, size: int) -> list[bytes]:
    """Path from the leaf's sibling up to the root's child for leaf ``index`` of the tree of ``size``."""
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_root(subtrees, middle, end))
            end = middle
        else:
            path.append(range_root(subtrees, start, middle))
            start = middle
    return path[::-1]


def consistency_proof(subtrees: Subtrees, old_size: int, size: int) -> list[bytes]:
    """Proof that the tree of ``old_size`` is a prefix of the tree of ``size``; empty for 0 and for equal sizes."""
    if not 0 <= old_size <= size:
        raise ValueError("the old tree is not smaller")
    if old_size in (0, size):
        return []
    proof: list[bytes] = []
    start, end, whole = 0, size, True
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            proof.append(range_root(subtrees, middle, end))
            end = middle
        else:
            proof.append(range_root(subtrees, start, middle))
            start, whole = middle, False
    if not whole:
        proof.append(range_root(subtrees, start, end))
    return proof[::-1]


def verify_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """Whether ``path`` proves that ``leaf`` is entry ``index`` of the tree of ``size`` with this ``root``."""
    if not 0 <= index < size:
        return False
    fn, sn, hashed = index, size - 1, leaf
    for sibling in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            hashed = node_hash(sibling, hashed)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            hashed = node_hash(hashed, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and hashed == root


def verify_consistency(old_size: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes) -> bool:
    """Whether ``proof`` shows that the tree ``(old_size, old_root)`` is a prefix of the tree ``(size, root)``."""
    if not 0 <= old_size <= size:
        return False
    if old_size == size:
        return not proof and old_root == root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    if not proof:
        return False
    steps = list(proof)
    if old_size & (old_size - 1) == 0:
        steps.insert(0, old_root)
    fn, sn = old_size - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            first, second = node_hash(step, first), node_hash(step, second)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node_hash(second, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and first == old_root and second == root
