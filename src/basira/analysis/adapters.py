"""How each family of models wants its picture and says what it saw.

The family is told by the model's own metadata (ours) or by the shapes of its inputs and outputs, so that an export
of YOLOX, RF-DETR or D-FINE needs no more than its file name in the settings.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from basira.analysis.coco import COCO_CLASSES

Array = NDArray[Any]

_STRIDES: Final = (8, 16, 32)
# COCO numbers its 80 classes up to 90 and leaves these out.
_UNUSED_IDS: Final = frozenset({0, 12, 26, 29, 30, 45, 66, 68, 69, 71, 83})
_IMAGENET_MEAN: Final = np.array([0.485, 0.456, 0.406], np.float32)
_IMAGENET_STD: Final = np.array([0.229, 0.224, 0.225], np.float32)


class Tensor(NamedTuple):
    """An input or output as the session describes it; free dimensions are None."""

    name: str
    type: str
    shape: tuple[int | None, ...]


class Candidates(NamedTuple):
    """What a model said, best class of each: pixel boxes (N, 4) of the canvas, scores (N), class numbers (N)."""

    boxes: Array
    scores: Array
    classes: Array


class Adapter(Protocol):
    """One family. ``fixed_size`` is (width, height), or None when the model takes any multiple of 32."""

    @property
    def classes(self) -> tuple[str, ...]: ...

    @property
    def fixed_size(self) -> tuple[int, int] | None: ...

    @property
    def padding(self) -> int: ...

    def inputs(self, canvas: Array) -> dict[str, Array]:
        """The feed for one BGR canvas (H, W, 3)."""
        ...

    def candidates(self, outputs: list[Array], canvas: Array, threshold: float) -> Candidates: ...


@dataclass(frozen=True)
class NanoDet:
    """The built-in model (tools/detector): scores already sigmoid, box sides as distributions over bins."""

    classes: tuple[str, ...]
    strides: tuple[int, ...]
    bins: int
    input_name: str
    fixed_size: tuple[int, int] | None = None
    padding: int = 0

    def inputs(self, canvas: Array) -> dict[str, Array]:
        return {self.input_name: canvas[np.newaxis]}

    def candidates(self, outputs: list[Array], canvas: Array, threshold: float) -> Candidates:
        scores, distances = outputs[0][0], outputs[1][0]
        best = scores.max(axis=1)
        kept = np.flatnonzero(best >= threshold)
        places = _places(canvas.shape[0], canvas.shape[1], self.strides)[kept]
        # A side is the expectation of its distribution, in strides.
        raised = np.exp(distances[kept].reshape(-1, 4, self.bins).astype(np.float64))
        sides = raised @ np.arange(self.bins) / raised.sum(axis=2) * places[:, 2:]
        centre = (places[:, :2] + 0.5) * places[:, 2:]
        boxes = np.concatenate([centre - sides[:, :2], centre + sides[:, 2:]], axis=1)
        return Candidates(boxes, best[kept], scores[kept].argmax(axis=1))


@dataclass(frozen=True)
class Yolox:
    """A YOLOX export: BGR 0…255, one output of (centre, log size, objectness, classes) for each place."""

    input_name: str
    fixed_size: tuple[int, int] | None
    classes: tuple[str, ...] = COCO_CLASSES
    padding: int = 114

    def inputs(self, canvas: Array) -> dict[str, Array]:
        return {self.input_name: canvas.transpose(2, 0, 1)[np.newaxis].astype(np.float32)}

    def candidates(self, outputs: list[Array], canvas: Array, threshold: float) -> Candidates:
        rows = outputs[0][0]
        scores = rows[:, 4:5] * rows[:, 5:]
        best = scores.max(axis=1)
        kept = np.flatnonzero(best >= threshold)
        places = _places(canvas.shape[0], canvas.shape[1], _STRIDES)[kept]
        centre = (rows[kept, :2] + places[:, :2]) * places[:, 2:]
        half = np.exp(rows[kept, 2:4]) * places[:, 2:] / 2
        boxes = np.concatenate([centre - half, centre + half], axis=1)
        return Candidates(boxes, best[kept], scores[kept].argmax(axis=1))


@dataclass(frozen=True)
class RfDetr:
    """An RF-DETR export: RGB by ImageNet's mean; boxes as fractions (centre, size), logits by COCO number."""

    input_name: str
    fixed_size: tuple[int, int]
    boxes_first: bool
    classes: tuple[str, ...] = COCO_CLASSES
    padding: int = 0

    def inputs(self, canvas: Array) -> dict[str, Array]:
        rgb = (canvas[:, :, ::-1].astype(np.float32) / 255 - _IMAGENET_MEAN) / _IMAGENET_STD
        return {self.input_name: rgb.transpose(2, 0, 1)[np.newaxis]}

    def candidates(self, outputs: list[Array], canvas: Array, threshold: float) -> Candidates:
        boxes, logits = (outputs[0][0], outputs[1][0]) if self.boxes_first else (outputs[1][0], outputs[0][0])
        scores = (1 + np.tanh(logits / 2)) / 2
        if logits.shape[1] >= 91:
            scores = scores[:, [number for number in range(91) if number not in _UNUSED_IDS]]
        best = scores.max(axis=1)
        kept = np.flatnonzero(best >= threshold)
        size = np.array([canvas.shape[1], canvas.shape[0]])
        centre, half = boxes[kept, :2] * size, boxes[kept, 2:] * size / 2
        boxes = np.concatenate([centre - half, centre + half], axis=1)
        return Candidates(boxes, best[kept], scores[kept].argmax(axis=1))


@dataclass(frozen=True)
class DFine:
    """A D-FINE or RT-DETR export with its own decoding: RGB 0…1 and the canvas's size in; labels, boxes, scores out."""

    input_name: str
    size_name: str
    outputs: tuple[str, ...]
    fixed_size: tuple[int, int]
    classes: tuple[str, ...] = COCO_CLASSES
    padding: int = 0

    def inputs(self, canvas: Array) -> dict[str, Array]:
        rgb = canvas[:, :, ::-1].transpose(2, 0, 1)[np.newaxis].astype(np.float32) / 255
        return {self.input_name: rgb, self.size_name: np.array([[canvas.shape[1], canvas.shape[0]]], np.int64)}

    def candidates(self, outputs: list[Array], canvas: Array, threshold: float) -> Candidates:
        named = dict(zip(self.outputs, (output[0] for output in outputs), strict=True))
        kept = np.flatnonzero((named["scores"] >= threshold) & (named["labels"] < len(self.classes)))
        return Candidates(named["boxes"][kept], named["scores"][kept], named["labels"][kept].astype(np.int64))


def choose_adapter(inputs: list[Tensor], outputs: list[Tensor], metadata: dict[str, str]) -> Adapter:
    """The adapter that fits. Raises ValueError with the reason when none does."""
    if metadata.get("basira.family") == "nanodet":
        return NanoDet(
            classes=tuple(json.loads(metadata["basira.classes"])),
            strides=tuple(json.loads(metadata["basira.strides"])),
            bins=int(json.loads(metadata["basira.bins"])),
            input_name=inputs[0].name,
        )
    picture = inputs[0]
    if len(picture.shape) != 4 or picture.shape[1] not in (3, None) or picture.type != "tensor(float)":
        raise ValueError(f"its first input is {picture.type} {picture.shape}, not a float picture (1, 3, H, W)")
    height, width = picture.shape[2:]
    size = None if height is None or width is None else (width, height)
    names = {output.name for output in outputs}
    if {"labels", "boxes", "scores"} <= names and len(inputs) == 2:
        return DFine(picture.name, inputs[1].name, tuple(output.name for output in outputs), size or (640, 640))
    if len(outputs) == 1 and len(outputs[0].shape) == 3 and outputs[0].shape[2] == 5 + len(COCO_CLASSES):
        places = outputs[0].shape[1]
        if size is None or places is None or places == len(_places(size[1], size[0], _STRIDES)):
            return Yolox(picture.name, size)
        raise ValueError(f"it has {places} places where YOLOX has {len(_places(size[1], size[0], _STRIDES))}")
    widths = [output.shape[-1] for output in outputs]
    if len(outputs) >= 2 and sorted(widths[:2], key=lambda n: n or 0)[0] == 4 and set(widths[:2]) & {80, 90, 91}:
        return RfDetr(picture.name, size or (560, 560), boxes_first=widths[0] == 4)
    raise ValueError(f"its outputs {[(output.name, output.shape) for output in outputs]} are of no known family")


@lru_cache(maxsize=64)
def _places(height: int, width: int, strides: tuple[int, ...]) -> Array:
    """Column, row and stride of every place, as the networks order them. Not to be written to."""
    grids = []
    for stride in strides:
        rows, columns = np.mgrid[: height // stride, : width // stride]
        grids.append(np.stack([columns.ravel(), rows.ravel(), np.full(rows.size, stride)], axis=1))
    return np.concatenate(grids)
