"""Whether a freshly built detector does what its source does, and sees a person where there is one."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import onnxruntime
from matplotlib import cbook

from tools.detector import nanodet, reference
from tools.detector.tfjs import Array, GraphModel

TOLERANCE = 1e-3
SEEN = 0.5
PERSON = 0


class CheckFailed(Exception):
    """The built model must not be shipped."""


def check(content: bytes, source: GraphModel) -> str:
    """Raise CheckFailed, or return one line that says what was found."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    _check_shapes(session)
    portrait = _portrait(416)
    difference = _difference(session, source, portrait)
    if difference > TOLERANCE:
        raise CheckFailed(f"outputs differ from the source's by {difference:.2g}")
    return f"differs from its source by {difference:.1e}; {_check_sight(session, portrait)}"


def check_loosely(content: bytes) -> str:
    """The same for the model in eight bits, which need not agree with its source."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    _check_shapes(session)
    return _check_sight(session, _portrait(416))


def _check_sight(session: Any, portrait: Array) -> str:
    seen = float(_run(session, portrait)["scores"][0, :, PERSON].max())
    grey = float(_run(session, np.full((416, 416, 3), 114, np.uint8))["scores"].max())
    if seen < SEEN or grey > SEEN:
        raise CheckFailed(f"a person scores {seen:.2f}, a grey picture {grey:.2f}")
    return f"a person scores {seen:.2f}, nothing {grey:.2f}"


def _run(session: Any, *pictures: Array) -> dict[str, Array]:
    values = session.run(None, {"pictures": np.stack(pictures)})
    return dict(zip((output.name for output in session.get_outputs()), values, strict=True))


def _check_shapes(session: Any) -> None:
    random = np.random.default_rng(0)
    for batch, height, width in ((1, 416, 416), (2, 256, 416), (1, 64, 32)):
        pictures = random.integers(0, 256, (batch, height, width, 3), np.uint8)
        result = _run(session, *pictures)
        places = sum((height // stride) * (width // stride) for stride in nanodet.STRIDES)
        wanted = {"scores": (batch, places, 80), "distances": (batch, places, 4 * nanodet.BINS)}
        if {name: array.shape for name, array in result.items()} != wanted:
            raise CheckFailed(f"{ {name: array.shape for name, array in result.items()} }, expected {wanted}")
        if result["scores"].min() < 0 or result["scores"].max() > 1:
            raise CheckFailed("a score is not between 0 and 1")


def _difference(session: Any, source: GraphModel, picture: Array) -> float:
    expected = reference.run(source, nanodet.normalised(picture))
    ours = _run(session, picture)
    return max(
        float(np.abs(ours[name] - np.concatenate([expected[part] for part in parts], axis=1)).max())
        for name, parts in nanodet.HEADS.items()
    )


def _portrait(size: int) -> Array:
    """A photograph of a person that comes with matplotlib (Rear Admiral Grace Hopper; public domain)."""
    path = str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    picture = cv2.imread(path)
    if picture is None:
        raise CheckFailed(f"{path} cannot be read")
    scale = size / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    canvas = np.zeros((size, size, 3), np.uint8)
    canvas[: small.shape[0], : small.shape[1]] = small[:size, :size]
    return canvas
