"""A TF.js graph run literally, node by node, in numpy: slow, and the measure the converted model is held to."""

from __future__ import annotations

from typing import Any

import numpy as np

from tools.detector.tfjs import Array, GraphModel, Node


def run(model: GraphModel, picture: Array) -> dict[str, Array]:
    """The model's outputs for one input of the shape its signature says."""
    (name,) = model.inputs
    values: dict[str, Any] = {**model.constants, name: picture}
    for node in model.nodes:
        results = _run_node(node, [values[source] for source in node.inputs])
        for index, result in enumerate(results):
            values[f"{node.name}:{index}" if index else node.name] = result
    return {output: values[output] for output in model.outputs}


def _run_node(node: Node, inputs: list[Any]) -> list[Array]:
    match node.op:
        case "Add" | "AddV2":
            return [inputs[0] + inputs[1]]
        case "ConcatV2":
            return [np.concatenate(inputs[:-1], axis=int(inputs[-1]))]
        case "Conv2D":
            windows = _windows(inputs[0], inputs[1].shape[:2], node)
            return [np.einsum("nhwcij,ijco->nhwo", windows, inputs[1], optimize=True)]
        case "Identity":
            return [inputs[0]]
        case "LeakyRelu":
            return [np.where(inputs[0] > 0, inputs[0], inputs[0] * np.float32(node.attributes["alpha"]["f"]))]
        case "MaxPool":
            return [_windows(inputs[0], tuple(node.integers("ksize")[1:3]), node).max(axis=(-2, -1))]
        case "Pad":
            return [np.pad(inputs[0], inputs[1])]
        case "PadV2":
            return [np.pad(inputs[0], inputs[1], constant_values=inputs[2])]
        case "Reshape":
            return [inputs[0].reshape(inputs[1])]
        case "ResizeBilinear":
            return [_resize(inputs[0], inputs[1])]
        case "Sigmoid":
            return [(1 + np.tanh(inputs[0] / 2)) / 2]
        case "SparseToDense":
            dense = np.full(inputs[1], inputs[3])
            dense[tuple(np.asarray(inputs[0]).T)] = inputs[2]
            return [dense]
        case "SplitV":
            return np.split(inputs[0], np.cumsum(inputs[1])[:-1], axis=int(inputs[2]))
        case "Transpose":
            return [inputs[0].transpose(inputs[1])]
    raise NotImplementedError(node.op)


def _windows(value: Array, kernel: tuple[int, ...], node: Node) -> Array:
    """Sliding windows of an NHWC tensor: (N, H, W, C, kernel height, kernel width)."""
    down, across = node.integers("strides")[1:3]
    if node.text("padding") == "SAME":
        value = _same(_same(value, 1, kernel[0], down), 2, kernel[1], across)
    windows = np.lib.stride_tricks.sliding_window_view(value, kernel, axis=(1, 2))
    return windows[:, ::down, ::across]


def _same(value: Array, axis: int, kernel: int, stride: int) -> Array:
    """TensorFlow's SAME: as many windows as strides begin in the picture, the odd pixel at the end."""
    length = value.shape[axis]
    total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
    pads = [(0, 0)] * 4
    pads[axis] = (total // 2, total - total // 2)
    return np.pad(value, pads)


def _resize(value: Array, size: Array) -> Array:
    """Bilinear, half-pixel centres, edges repeated, as ``tf.image.resize`` without antialiasing."""
    for axis, length in zip((1, 2), (int(n) for n in size), strict=True):
        old = value.shape[axis]
        at = np.clip((np.arange(length) + 0.5) * old / length - 0.5, 0, old - 1)
        low = np.floor(at).astype(int)
        high = np.minimum(low + 1, old - 1)
        shape = [1, 1, 1, 1]
        shape[axis] = length
        weight = (at - low).astype(np.float32).reshape(shape)
        value = value.take(low, axis) * (1 - weight) + value.take(high, axis) * weight
    return value
