"""A TF.js graph of convolutions to ONNX, layout and padding folded, height and width made free.

The source alternates between NCHW and NHWC with Transposes; here every picture-like tensor stays NCHW and a Transpose
between the two only changes what its axes are *called*. Explicit Pads go into the Conv or MaxPool that follows, the Add
of a constant into the Conv's bias, and shape arithmetic into constants, so that nothing remembers 416 x 416.

Only the operations of ``nanodet.json`` are known; anything else raises :class:`Unsupported`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

from tools.detector.tfjs import Array, GraphModel, Node

OPSET: Final = 17
_TO_NHWC: Final = [0, 2, 3, 1]
_TO_NCHW: Final = [0, 3, 1, 2]


class Unsupported(Exception):
    """The source holds something this converter was not written for."""


@dataclass(frozen=True)
class Picture:
    """A tensor of the ONNX graph, physically NCHW; ``shape`` is at the source's own input size.

    ``layout`` is how the source would have its axes; ``pads`` (top, left, bottom, right) wait for a consumer.
    """

    name: str
    shape: tuple[int, int, int]  # C, H, W
    layout: str = "NCHW"
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    pad_value: float = 0.0


@dataclass(frozen=True)
class Table:
    """A tensor of three axes: batch, then ``shape`` at the source's own input size."""

    name: str
    shape: tuple[int, int]


@dataclass(frozen=True)
class Preprocessing:
    """What the graph does to its input, an unsigned 8-bit NHWC picture, before the network sees it."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


class Converter:
    """One conversion; :meth:`run` is called once."""

    def __init__(self, source: GraphModel, preprocessing: Preprocessing) -> None:
        self._source = source
        self._preprocessing = preprocessing
        self._nodes: list[NodeProto] = []
        self._weights: list[TensorProto] = []
        self._constants: dict[str, Array] = dict(source.constants)
        self._values: dict[str, Picture | Table] = {}
        self._operations: dict[str, Callable[[Node], None]] = {
            "Add": self._add, "AddV2": self._add, "ConcatV2": self._concat, "Conv2D": self._convolution,
            "Identity": self._identity, "LeakyRelu": self._leaky_relu, "MaxPool": self._max_pool, "Pad": self._pad,
            "PadV2": self._pad, "Reshape": self._reshape, "ResizeBilinear": self._resize, "Sigmoid": self._sigmoid,
            "SparseToDense": self._sparse_to_dense, "SplitV": self._split, "Transpose": self._transpose,
        }  # fmt: skip

    def run(self, heads: dict[str, tuple[str, ...]], metadata: dict[str, str]) -> ModelProto:
        """The ONNX model. ``heads`` maps each output to the source outputs concatenated into it, in order."""
        ((name, (_, channels, height, width)),) = self._source.inputs.items()
        self._values[name] = self._input(channels, height, width)
        for node in self._source.nodes:
            if node.op not in self._operations:
                raise Unsupported(f"{node.op} ({node.name})")
            self._operations[node.op](node)
        outputs = [self._head(output, sources) for output, sources in heads.items()]
        picture = helper.make_tensor_value_info("pictures", TensorProto.UINT8, ["batch", "height", "width", channels])
        graph = helper.make_graph(self._nodes, "detector", [picture], outputs, self._weights)
        # IR version 8 belongs to opset 17: older ONNX Runtimes on cheap machines still read it.
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
        helper.set_model_props(model, dict(sorted(metadata.items())))
        model.producer_name = "basira tools.detector"
        checker.check_model(model, full_check=True)
        return model

    # Building blocks

    def _emit(self, op: str, inputs: list[str], name: str, outputs: list[str] | None = None, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(op, inputs, outputs or [name], name=name, **attributes))
        return name

    def _weight(self, name: str, array: Array) -> str:
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _input(self, channels: int, height: int, width: int) -> Picture:
        mean = np.array(self._preprocessing.mean, np.float32).reshape(1, channels, 1)
        scale = (1 / np.array(self._preprocessing.std, np.float64)).astype(np.float32).reshape(1, channels, 1)
        # Not folded into the first Conv: its zero padding comes after the normalisation, and would change.
        planes = self._emit("Transpose", ["pictures"], "planes", perm=_TO_NCHW)
        size = self._emit("Shape", [planes], "size")
        # In rows, one for each channel: ONNX Runtime would otherwise push the transposition behind the arithmetic, and
        # take three values at a time: a quarter of all that the model cost.
        shape = self._weight("rows/shape", np.array([0, channels, -1], np.int64))
        rows = self._emit("Reshape", [planes, shape], "rows")
        floats = self._emit("Cast", [rows], "floats", to=TensorProto.FLOAT)
        centred = self._emit("Sub", [floats, self._weight("mean", mean)], "centred")
        even = self._emit("Mul", [centred, self._weight("scale", scale)], "even")
        return Picture(self._emit("Reshape", [even, size], "scaled"), (channels, height, width))

    def _head(self, output: str, sources: tuple[str, ...]) -> Any:
        tables = [self._table(source) for source in sources]
        self._emit("Concat", [table.name for table in tables], output, axis=1)
        return helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", "places", tables[0].shape[1]])

    def _picture(self, name: str) -> Picture:
        value = self._values[name]
        if not isinstance(value, Picture):
            raise Unsupported(f"{name} is not a picture")
        return value

    def _unpadded(self, name: str) -> Picture:
        value = self._picture(name)
        if any(value.pads):
            raise Unsupported(f"a Pad before something else than Conv2D or MaxPool ({name})")
        return value

    def _table(self, name: str) -> Table:
        value = self._values[name]
        if not isinstance(value, Table):
            raise Unsupported(f"{name} is not a table")
        return value

    # One method per TensorFlow operation

    def _convolution(self, node: Node) -> None:
        value = self._picture(node.inputs[0])
        kernel = self._constants[node.inputs[1]].transpose(3, 2, 0, 1)  # HWIO to OIHW
        strides = node.integers("strides")[1:3]
        if node.integers("dilations") != [1, 1, 1, 1] or value.layout != "NHWC" or value.pad_value != 0:
            raise Unsupported(f"a convolution that is dilated, NCHW or padded with {value.pad_value} ({node.name})")
        pads, (height, width) = _window(node, value, kernel.shape[2:], strides)
        name = self._emit(
            "Conv", [value.name, self._weight(f"{node.name}/kernel", kernel)], node.name,
            kernel_shape=list(kernel.shape[2:]), strides=strides, pads=pads,
        )  # fmt: skip
        self._values[node.name] = Picture(name, (kernel.shape[0], height, width), "NHWC")

    def _max_pool(self, node: Node) -> None:
        value = self._picture(node.inputs[0])
        kernel, strides = node.integers("ksize")[1:3], node.integers("strides")[1:3]
        # ONNX pads a MaxPool with minus infinity; after a ReLU-like 0 would do as well, anything else would not.
        if value.layout != "NHWC" or (any(value.pads) and value.pad_value > -1e30):
            raise Unsupported(f"a pooling that is NCHW or padded with {value.pad_value} ({node.name})")
        pads, (height, width) = _window(node, value, tuple(kernel), strides)
        name = self._emit("MaxPool", [value.name], node.name, kernel_shape=kernel, strides=strides, pads=pads)
        self._values[node.name] = Picture(name, (value.shape[0], height, width), "NHWC")

    def _pad(self, node: Node) -> None:
        value = self._unpadded(node.inputs[0])
        pads = self._constants[node.inputs[1]]
        fill = float(self._constants[node.inputs[2]]) if node.op == "PadV2" else 0.0
        rows, columns = value.layout.index("H"), value.layout.index("W")
        if pads.sum() != pads[rows].sum() + pads[columns].sum():
            raise Unsupported(f"padding of batch or channels ({node.name})")
        top, bottom, left, right = (int(n) for n in (*pads[rows], *pads[columns]))
        self._values[node.name] = replace(value, pads=(top, left, bottom, right), pad_value=fill)

    def _transpose(self, node: Node) -> None:
        permutation = self._constants[node.inputs[1]].tolist()
        value = self._values[node.inputs[0]]
        if isinstance(value, Table):
            if permutation != [0, 2, 1]:
                raise Unsupported(f"transposition {permutation} of a table ({node.name})")
            self._values[node.name] = Table(
                self._emit("Transpose", [value.name], node.name, perm=permutation), (value.shape[1], value.shape[0])
            )
            return
        if permutation not in (_TO_NHWC, _TO_NCHW):
            raise Unsupported(f"transposition {permutation} of a picture ({node.name})")
        self._values[node.name] = replace(value, layout="".join(value.layout[axis] for axis in permutation))

    def _add(self, node: Node) -> None:
        left, right = node.inputs
        if left in self._constants and right in self._constants:
            self._constants[node.name] = self._constants[left] + self._constants[right]
        elif right in self._constants:
            self._add_bias(node, self._unpadded(left), self._constants[right])
        else:
            one, other = self._unpadded(left), self._unpadded(right)
            if (one.shape, one.layout) != (other.shape, other.layout):
                raise Unsupported(f"a sum of unlike shapes ({node.name})")
            self._values[node.name] = replace(one, name=self._emit("Add", [one.name, other.name], node.name))

    def _add_bias(self, node: Node, value: Picture, bias: Array) -> None:
        convolution = next((made for made in self._nodes if made.name == value.name), None)
        last_axis_is_channels = value.layout[-1] == "C" and bias.shape == (value.shape[0],)
        if convolution is None or convolution.op_type != "Conv" or len(convolution.input) != 2:
            raise Unsupported(f"a constant added to something else than a convolution ({node.name})")
        if not last_axis_is_channels:
            raise Unsupported(f"a bias of shape {bias.shape} ({node.name})")
        convolution.input.append(self._weight(f"{node.name}/bias", bias))
        self._values[node.name] = value

    def _concat(self, node: Node) -> None:
        parts = [self._unpadded(name) for name in node.inputs[:-1]]
        axis = int(self._constants[node.inputs[-1]])
        if any(part.layout[axis] != "C" or part.shape[1:] != parts[0].shape[1:] for part in parts):
            raise Unsupported(f"concatenation of anything but channels ({node.name})")
        name = self._emit("Concat", [part.name for part in parts], node.name, axis=1)
        self._values[node.name] = replace(
            parts[0], name=name, shape=(sum(part.shape[0] for part in parts), *parts[0].shape[1:])
        )

    def _resize(self, node: Node) -> None:
        value = self._unpadded(node.inputs[0])
        channels, height, width = value.shape
        new_height, new_width = (int(n) for n in self._constants[node.inputs[1]])
        if not node.attributes["half_pixel_centers"]["b"] or node.attributes["align_corners"]["b"]:
            raise Unsupported(f"a resize without half-pixel centres ({node.name})")
        scales = np.array([1, 1, new_height / height, new_width / width], np.float32)
        name = self._emit(
            "Resize", [value.name, "", self._weight(f"{node.name}/scales", scales)], node.name,
            mode="linear", coordinate_transformation_mode="half_pixel",
        )  # fmt: skip
        self._values[node.name] = replace(value, name=name, shape=(channels, new_height, new_width))

    def _leaky_relu(self, node: Node) -> None:
        value = self._unpadded(node.inputs[0])
        name = self._emit("LeakyRelu", [value.name], node.name, alpha=float(node.attributes["alpha"]["f"]))
        self._values[node.name] = replace(value, name=name)

    def _sigmoid(self, node: Node) -> None:
        value = self._unpadded(node.inputs[0])
        self._values[node.name] = replace(value, name=self._emit("Sigmoid", [value.name], node.name))

    def _split(self, node: Node) -> None:
        value = self._unpadded(node.inputs[0])
        sizes = self._constants[node.inputs[1]]
        if value.layout[int(self._constants[node.inputs[2]])] != "C" or sizes.sum() != value.shape[0]:
            raise Unsupported(f"a split of anything but channels ({node.name})")
        names = [node.name, *(f"{node.name}:{index}" for index in range(1, len(sizes)))]
        weight = self._weight(f"{node.name}/sizes", sizes.astype(np.int64))
        self._emit("Split", [value.name, weight], node.name, outputs=names, axis=1)
        for name, size in zip(names, sizes, strict=True):
            self._values[name] = replace(value, name=name, shape=(int(size), *value.shape[1:]))

    def _reshape(self, node: Node) -> None:
        value = self._unpadded(node.inputs[0])
        channels, height, width = value.shape
        if self._constants[node.inputs[1]].tolist() not in ([1, channels, -1], [1, channels, height * width]):
            raise Unsupported(f"a reshape to {self._constants[node.inputs[1]].tolist()} ({node.name})")
        if value.layout != "NCHW":
            raise Unsupported(f"a reshape of {value.layout} ({node.name})")
        shape = self._weight(f"{node.name}/shape", np.array([0, channels, -1], np.int64))
        self._values[node.name] = Table(
            self._emit("Reshape", [value.name, shape], node.name), (channels, height * width)
        )

    def _identity(self, node: Node) -> None:
        self._values[node.name] = self._values[node.inputs[0]]

    def _sparse_to_dense(self, node: Node) -> None:
        indices, shape, _, default = (self._constants.get(name) for name in node.inputs)
        if indices is None or shape is None or default is None or indices.size:
            raise Unsupported(f"a SparseToDense that is not empty ({node.name})")
        self._constants[node.name] = np.full(shape, default)


def _window(node: Node, value: Picture, kernel: tuple[int, ...], strides: list[int]) -> tuple[list[int], list[int]]:
    """Pads in ONNX's order and the size of what comes out."""
    size = value.shape[1:]
    before, after = list(value.pads[:2]), list(value.pads[2:])
    if node.text("padding") == "SAME":
        for axis in range(2):
            total = max((-(-size[axis] // strides[axis]) - 1) * strides[axis] + kernel[axis] - size[axis], 0)
            # TensorFlow puts the odd pixel at the end. For sizes that are multiples of the stride (ours are
            # multiples of 32) the amount does not depend on the size.
            before[axis] += total // 2
            after[axis] += total - total // 2
    elif node.text("padding") != "VALID":
        raise Unsupported(f"padding {node.text('padding')} ({node.name})")
    out = [(size[axis] + before[axis] + after[axis] - kernel[axis]) // strides[axis] + 1 for axis in range(2)]
    return [*before, *after], out


def serialise(model: ModelProto) -> bytes:
    """The same bytes for the same model, every time."""
    content = model.SerializeToString(deterministic=True)
    assert isinstance(content, bytes)
    return content
