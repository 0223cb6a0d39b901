"""A TF.js graph model read into plain Python: nodes in the order they must run, and constants as arrays."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Node:
    """One operation. ``inputs`` name other nodes, with ``:n`` for an output other than the first."""

    name: str
    op: str
    inputs: tuple[str, ...]
    attributes: Mapping[str, Any]

    def integers(self, attribute: str) -> list[int]:
        return [int(value) for value in self.attributes[attribute]["list"]["i"]]

    def text(self, attribute: str) -> str:
        return base64.b64decode(self.attributes[attribute]["s"]).decode("ascii")


@dataclass(frozen=True)
class GraphModel:
    """``nodes`` holds what the outputs need, every node after its inputs; constants are not among them."""

    nodes: tuple[Node, ...]
    constants: Mapping[str, Array]
    inputs: Mapping[str, tuple[int, ...]]
    outputs: tuple[str, ...]


def read(folder: Path, name: str) -> GraphModel:
    """Read ``name``.json with its weight files beside it."""
    model = json.loads((folder / f"{name}.json").read_text("utf-8"))
    nodes = {
        node["name"]: Node(node["name"], node["op"], tuple(node.get("input", ())), node.get("attr", {}))
        for node in model["modelTopology"]["node"]
    }
    signature = model["signature"]
    outputs = tuple(sorted(tensor.partition(":")[0] for tensor in signature["outputs"]))
    return GraphModel(
        nodes=_in_running_order(nodes, outputs),
        constants=_weights(folder, model["weightsManifest"]),
        inputs={
            tensor.partition(":")[0]: tuple(int(dim["size"]) for dim in info["tensorShape"]["dim"])
            for tensor, info in signature["inputs"].items()
        },
        outputs=outputs,
    )


def _in_running_order(nodes: Mapping[str, Node], outputs: tuple[str, ...]) -> tuple[Node, ...]:
    order: dict[str, Node] = {}
    stack = list(reversed(outputs))
    while stack:
        name = stack[-1]
        waiting = [key for source in nodes[name].inputs if (key := source.partition(":")[0]) not in order]
        if waiting:
            stack.extend(reversed(waiting))
            continue
        order.setdefault(name, nodes[name])
        stack.pop()
    return tuple(node for node in order.values() if node.op not in ("Const", "Placeholder"))


def _weights(folder: Path, manifest: list[dict[str, Any]]) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for group in manifest:
        content = b"".join((folder / path).read_bytes() for path in group["paths"])
        offset = 0
        for weight in group["weights"]:
            stored = np.dtype(weight.get("quantization", {}).get("dtype", weight["dtype"])).newbyteorder("<")
            count = int(np.prod(weight["shape"], dtype=np.int64))
            array = np.frombuffer(content, stored, count, offset).reshape(weight["shape"])
            arrays[weight["name"]] = array.astype(weight["dtype"])
            offset += count * stored.itemsize
        if offset != len(content):
            raise ValueError(f"the weight files hold {len(content)} bytes, their manifest {offset}")
    return arrays
