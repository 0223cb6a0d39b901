"""NanoDet-g: which outputs of the source make which of ours, and what the model says of itself."""

from __future__ import annotations

import json
from typing import Final

import numpy as np
from onnx import ModelProto

from basira.analysis.coco import COCO_CLASSES
from tools.detector import convert, package
from tools.detector.tfjs import Array, GraphModel

# Pictures are BGR, as the network was trained.
PREPROCESSING: Final = convert.Preprocessing(mean=(103.53, 116.28, 123.675), std=(57.375, 57.12, 58.395))
STRIDES: Final = (8, 16, 32)
BINS: Final = 11
# In the order of STRIDES, told apart by their lengths in the source's signature (2704, 676, 169 places).
HEADS: Final[dict[str, tuple[str, ...]]] = {
    "scores": ("Identity", "Identity_1", "Identity_2"),
    "distances": ("Identity_3", "Identity_4", "Identity_5"),
}
METADATA: Final = {
    "basira.family": "nanodet",
    "basira.name": "nanodet-g",
    "basira.strides": json.dumps(STRIDES),
    "basira.bins": json.dumps(BINS),
    "basira.classes": json.dumps(COCO_CLASSES),
    "basira.source": package.NAME,
    "basira.notice": "NanoDet, Copyright RangiLyu, Apache-2.0; packaged by Vladimir Mandic, MIT",
}


def build(source: GraphModel) -> ModelProto:
    """The detector as Basira ships it: fp32, any batch, height and width in multiples of 32."""
    return convert.Converter(source, PREPROCESSING).run(HEADS, METADATA)


def normalised(picture: Array) -> Array:
    """What the source wants for one BGR picture (H, W, 3): NCHW float32, mean and deviation taken out."""
    mean, std = np.array(PREPROCESSING.mean, np.float32), np.array(PREPROCESSING.std, np.float32)
    values: Array = (picture.astype(np.float32) - mean) / std
    return values.transpose(2, 0, 1)[np.newaxis]
