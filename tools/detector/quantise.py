"""The detector in eight bits: less than half the time where the processor multiplies bytes (VNNI, dot product).

Convolutions only, weights per channel. The ranges of activations were measured once, on frames of none of the scenes
that the benchmark scores, and are kept in ``ranges.json``: so the build needs no footage and is the same everywhere.
``python -m tools.detector.quantise MODEL CLIP...`` measures them anew.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import av
import cv2
import numpy as np
import onnx
import onnxruntime
from onnx import ModelProto, TensorProto, helper
from onnxruntime.quantization import QuantType
from onnxruntime.quantization.calibrate import CalibrationMethod, TensorData, TensorsData
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer
from onnxruntime.quantization.shape_inference import quant_pre_process

RANGES: Final = Path(__file__).with_name("ranges.json")
_LONGEST: Final = 416
_CUTS: Final = (1.0, 0.6, 0.35)  # shares of a frame, as parts of the picture are looked at
_LIGHTS: Final = ((1.0, 0.0), (1.0, 3.0), (0.5, 6.0), (0.25, 6.0))  # gain and noise
_EVERY: Final = 6


def quantise(content: bytes) -> bytes:
    """The model in eight bits."""
    model = _prepared(content)
    ranges = json.loads(RANGES.read_text("utf-8"))
    data = {name: TensorData(lowest=np.float32(low), highest=np.float32(high)) for name, (low, high) in ranges.items()}
    quantizer = QDQQuantizer(
        model,
        per_channel=True,
        reduce_range=False,
        weight_qType=QuantType.QInt8,
        activation_qType=QuantType.QUInt8,
        tensors_range=TensorsData(CalibrationMethod.MinMax, data),
        nodes_to_quantize=[],
        nodes_to_exclude=[],
        op_types_to_quantize=["Conv"],
        extra_options={},
    )
    quantizer.quantize_model()
    quantised: bytes = quantizer.model.model.SerializeToString(deterministic=True)
    return quantised


def measure(content: bytes, clips: list[Path]) -> dict[str, tuple[float, float]]:
    """The least and the greatest value that goes into or comes out of each convolution."""
    model = _prepared(content)
    inner = {name for node in model.graph.node if node.op_type == "Conv" for name in (node.input[0], node.output[0])}
    del model.graph.output[:]
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in sorted(inner))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found: dict[str, tuple[float, float]] = {}
    for picture in _pictures(clips):
        for output, values in zip(session.get_outputs(), session.run(None, {"pictures": picture[None]}), strict=True):
            low, high = found.get(output.name, (0.0, 0.0))
            found[output.name] = min(low, float(values.min())), max(high, float(values.max()))
    return found


def _prepared(content: bytes) -> ModelProto:
    """The model with its nodes named and its constants folded, as ONNX Runtime's quantiser wants it."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "before.onnx"), Path(folder, "after.onnx")
        before.write_bytes(content)
        quant_pre_process(str(before), str(after), skip_symbolic_shape=True)
        return onnx.load(after)


def _pictures(clips: list[Path]) -> Iterator[Any]:
    random = np.random.default_rng(0)
    number = 0
    for clip in clips:
        with av.open(str(clip)) as container:
            for position, frame in enumerate(container.decode(video=0)):
                if position % _EVERY:
                    continue
                picture = frame.to_ndarray(format="bgr24")
                cut, (gain, noise) = _CUTS[number % len(_CUTS)], _LIGHTS[number % len(_LIGHTS)]
                high, wide = round(picture.shape[0] * cut), round(picture.shape[1] * cut)
                y, x = random.integers(0, picture.shape[0] - high + 1), random.integers(0, picture.shape[1] - wide + 1)
                scale = _LONGEST / max(high, wide)
                size = (round(wide * scale) // 32 * 32, round(high * scale) // 32 * 32)
                part = cv2.resize(picture[y : y + high, x : x + wide], size, interpolation=cv2.INTER_AREA)
                yield np.clip(part * gain + random.normal(0, noise, part.shape), 0, 255).astype(np.uint8)
                number += 1


def main() -> None:
    model, *clips = (Path(word) for word in sys.argv[1:])
    found = measure(model.read_bytes(), clips)
    RANGES.write_text(json.dumps({name: [round(v, 4) for v in found[name]] for name in sorted(found)}, indent=1) + "\n")


if __name__ == "__main__":
    main()
