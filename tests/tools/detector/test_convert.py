"""The converter against a literal run of the same graph, on graphs small enough to read."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import onnxruntime
import pytest

from tools.detector import convert, reference
from tools.detector.tfjs import Array, GraphModel, Node

PLAIN = convert.Preprocessing(mean=(1.0, 2.0, 3.0), std=(2.0, 3.0, 4.0))


def _text(value: str) -> dict[str, Any]:
    return {"s": base64.b64encode(value.encode()).decode()}


def _integers(*values: int) -> dict[str, Any]:
    return {"list": {"i": [str(value) for value in values]}}


def _convolution(name: str, source: str, kernel: str, stride: int, padding: str) -> Node:
    attributes = {
        "strides": _integers(1, stride, stride, 1),
        "dilations": _integers(1, 1, 1, 1),
        "padding": _text(padding),
    }
    return Node(name, "Conv2D", (source, kernel), attributes)


def small_model(size: int = 64) -> GraphModel:
    """Every operation the converter knows, once or twice, over a square picture."""
    random = np.random.default_rng(5)
    constants: dict[str, Array] = {
        "nhwc": np.array([0, 2, 3, 1], np.int32),
        "nchw": np.array([0, 3, 1, 2], np.int32),
        "swap": np.array([0, 2, 1], np.int32),
        "pads": np.array([[0, 0], [0, 0], [1, 1], [1, 1]], np.int32),
        "lowest": np.array(-3.0e38, np.float32),
        "k1": random.normal(size=(3, 3, 3, 8)).astype(np.float32),
        "b1": random.normal(size=8).astype(np.float32),
        "k2": random.normal(size=(3, 3, 8, 8)).astype(np.float32),
        "size": np.array([size // 2, size // 2], np.int32),
        "axis": np.array(1, np.int32),
        "parts": np.array([5, 11], np.int32),
        "shape5": np.array([1, 5, -1], np.int64),
        "shape11": np.array([1, 11, -1], np.int64),
        "none": np.zeros((0, 1), np.int64),
        "three": np.array([3], np.int64),
        "no values": np.zeros(0, np.int64),
        "zero": np.array(0, np.int64),
    }
    half = {"half_pixel_centers": {"b": True}, "align_corners": {"b": False}}
    window = {"ksize": _integers(1, 3, 3, 1), "strides": _integers(1, 2, 2, 1), "padding": _text("VALID")}
    nodes = (
        Node("in nhwc", "Transpose", ("input", "nhwc"), {}),
        _convolution("conv1", "in nhwc", "k1", 2, "SAME"),
        Node("biased", "Add", ("conv1", "b1"), {}),
        Node("back", "Transpose", ("biased", "nchw"), {}),
        Node("leaky", "LeakyRelu", ("back",), {"alpha": {"f": 0.1}}),
        Node("padded", "Pad", ("leaky", "pads"), {}),
        Node("padded nhwc", "Transpose", ("padded", "nhwc"), {}),
        _convolution("conv2", "padded nhwc", "k2", 1, "VALID"),
        Node("conv2 nchw", "Transpose", ("conv2", "nchw"), {}),
        Node("low", "PadV2", ("conv2 nchw", "pads", "lowest"), {}),
        Node("low nhwc", "Transpose", ("low", "nhwc"), {}),
        Node("pool", "MaxPool", ("low nhwc",), window),
        Node("large", "ResizeBilinear", ("pool", "size"), half),
        Node("large nchw", "Transpose", ("large", "nchw"), {}),
        Node("sum", "Add", ("large nchw", "leaky"), {}),
        Node("wide", "ConcatV2", ("sum", "leaky", "axis"), {}),
        Node("split", "SplitV", ("wide", "parts", "axis"), {}),
        Node("sigmoid", "Sigmoid", ("split",), {}),
        Node("zeros", "SparseToDense", ("none", "three", "no values", "zero"), {}),
        Node("shape", "AddV2", ("shape5", "zeros"), {}),
        Node("flat5", "Reshape", ("sigmoid", "shape"), {}),
        Node("flat11", "Reshape", ("split:1", "shape11"), {}),
        Node("rows5", "Transpose", ("flat5", "swap"), {}),
        Node("rows11", "Transpose", ("flat11", "swap"), {}),
        Node("out5", "Identity", ("rows5",), {}),
        Node("out11", "Identity", ("rows11",), {}),
    )
    return GraphModel(nodes, constants, {"input": (1, 3, size, size)}, ("out5", "out11"))


def _converted(model: GraphModel) -> bytes:
    return convert.serialise(convert.Converter(model, PLAIN).run({"a": ("out5",), "b": ("out11",)}, {"x": "y"}))


def _pictures(*shape: int) -> Array:
    return np.random.default_rng(2).integers(0, 256, shape, np.uint8)


def _run(content: bytes, pictures: Array) -> list[Array]:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    results: list[Array] = session.run(["a", "b"], {"pictures": pictures})
    return results


def _expected(model: GraphModel, picture: Array) -> list[Array]:
    normal = (picture.astype(np.float32) - np.array(PLAIN.mean, np.float32)) / np.array(PLAIN.std, np.float32)
    results = reference.run(model, normal.transpose(2, 0, 1)[np.newaxis])
    return [results["out5"], results["out11"]]


def test_the_converted_graph_computes_what_the_source_does() -> None:
    model = small_model(64)
    picture = _pictures(64, 64, 3)
    for ours, expected in zip(_run(_converted(model), picture[np.newaxis]), _expected(model, picture), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-2)


def test_another_size_and_batch_give_what_a_source_of_that_size_would() -> None:
    content = _converted(small_model(64))
    pictures = _pictures(2, 96, 96, 3)
    results = _run(content, pictures)
    for index in range(2):
        for ours, expected in zip(results, _expected(small_model(96), pictures[index]), strict=True):
            np.testing.assert_allclose(ours[index : index + 1], expected, rtol=1e-4, atol=1e-2)


def test_the_same_source_gives_the_same_bytes() -> None:
    assert _converted(small_model()) == _converted(small_model())


def test_an_operation_the_converter_does_not_know_is_refused() -> None:
    model = small_model()
    strange = GraphModel((Node("odd", "Erf", ("input",), {}),), model.constants, model.inputs, ("odd",))
    with pytest.raises(convert.Unsupported, match="Erf"):
        convert.Converter(strange, PLAIN).run({"a": ("odd",)}, {})


def test_padding_that_no_convolution_can_take_in_is_refused() -> None:
    model = small_model()
    nodes = (Node("padded", "Pad", ("input", "pads"), {}), Node("leaky", "LeakyRelu", ("padded",), {"alpha": {"f": 0}}))
    strange = GraphModel(nodes, model.constants, model.inputs, ("leaky",))
    with pytest.raises(convert.Unsupported, match="Pad before"):
        convert.Converter(strange, PLAIN).run({"a": ("leaky",)}, {})
