"""The object detector: a part of a picture in, boxes with a class and a score out."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import numpy as np
import onnxruntime
import structlog

from basira.analysis.adapters import Adapter, Tensor, choose_adapter
from basira.analysis.boxes import Box, Detection, suppress
from basira.analysis.coco import ALIKE_CLASSES, WANTED_CLASSES
from basira.analysis.pictures import Picture, Pixels, Region
from basira.base.errors import BasiraError
from basira.base.settings import Settings

_BUILT_IN: Final = Path(__file__).parent / "models"
LONGEST: Final = 416  # pixels of the canvas's longer side, where the model lets us choose
_ENLARGED_AT_MOST = 1.5
_OVERLAP = 0.6

log = structlog.get_logger()


class Detects(Protocol):
    """What the cascade needs of a detector."""

    name: str

    def detect(self, picture: Picture, region: Region, threshold: float, longest: int = LONGEST) -> list[Detection]:
        """Objects of the wanted classes inside ``region``; boxes in fractions of the whole picture, best first.

        ``longest``: how many pixels the longer side of the region needs; the cost grows with its square.
        """
        ...


class Detector:
    """One model in one ONNX Runtime session of one thread. Safe to share between threads."""

    def __init__(self, model: Path, providers: Sequence[str]) -> None:
        """Raises BasiraError ``detector_missing`` or ``detector_unsuitable``."""
        if not model.is_file():
            raise BasiraError("detector_missing", path=str(model))
        self.name = model.stem
        available = onnxruntime.get_available_providers()
        chosen = [provider for provider in providers if provider in available] or ["CPUExecutionProvider"]
        if missing := sorted(set(providers) - set(available)):
            log.warning("detector_provider_unavailable", missing=missing, using=chosen)
        options = onnxruntime.SessionOptions()
        # One thread each: cameras are many, so the parallelism is between them.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # Regions differ in size; patterns planned for each would be kept for ever.
        options.enable_mem_pattern = False
        options.log_severity_level = 3
        try:
            self._session: Any = onnxruntime.InferenceSession(str(model), options, providers=chosen)
            self._adapter: Adapter = choose_adapter(
                [_tensor(value) for value in self._session.get_inputs()],
                [_tensor(value) for value in self._session.get_outputs()],
                dict(self._session.get_modelmeta().custom_metadata_map),
            )
        except Exception as error:
            # Whatever is wrong with a file somebody chose, they are to read which file and why.
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise BasiraError("detector_unsuitable", path=str(model), reason=reason) from error
        wanted = [name in WANTED_CLASSES for name in self._adapter.classes]
        self._wanted = np.array(wanted)

    def detect(self, picture: Picture, region: Region, threshold: float, longest: int = LONGEST) -> list[Detection]:
        canvas, scale = self._letterbox(picture, region, longest)
        outputs = self._session.run(None, self._adapter.inputs(canvas))
        found = self._adapter.candidates(outputs, canvas, threshold)
        detections = [
            Detection(self._adapter.classes[number], float(score), _to_picture(box, region, scale, picture))
            for box, score, number in zip(found.boxes, found.scores, found.classes, strict=True)
            if self._wanted[number]
        ]
        return suppress([one for one in detections if one.box.area > 0], ALIKE_CLASSES, _OVERLAP)

    def _letterbox(self, picture: Picture, region: Region, longest: int) -> tuple[Pixels, float]:
        """The region on a canvas of a size the model takes, its proportions kept, the rest padded."""
        width, height = self._adapter.fixed_size or (longest, longest)
        scale = min(width / region.width, height / region.height, _ENLARGED_AT_MOST)
        wide = max(2, min(width, round(region.width * scale / 2) * 2))
        high = max(2, min(height, round(region.height * scale / 2) * 2))
        if self._adapter.fixed_size is None:
            width, height = -(-wide // 32) * 32, -(-high // 32) * 32
        canvas = np.full((height, width, 3), self._adapter.padding, np.uint8)
        canvas[:high, :wide] = picture.bgr(region, wide, high)
        return canvas, scale


def _to_picture(box: Any, region: Region, scale: float, picture: Picture) -> Box:
    x0, y0, x1, y1 = (float(side) / scale for side in box)
    return Box(
        (region.x0 + x0) / picture.width,
        (region.y0 + y0) / picture.height,
        (region.x0 + x1) / picture.width,
        (region.y0 + y1) / picture.height,
    ).clipped()


def _tensor(value: Any) -> Tensor:
    return Tensor(value.name, value.type, tuple(n if isinstance(n, int) else None for n in value.shape))


def model_path(detector: Literal["nanodet-g"] | Path, *, in_bytes: bool = False) -> Path:
    """The file of the built-in model (``in_bytes``: the one of eight bits), or the one the settings name."""
    if isinstance(detector, Path):
        return detector
    return _BUILT_IN / (f"{detector}-int8.onnx" if in_bytes else f"{detector}.onnx")


def multiplies_bytes(flags: str) -> bool:
    """Whether a processor with these flags (``/proc/cpuinfo``) is faster, and as exact, with models of eight bits."""
    return not {"avx512_vnni", "avx_vnni", "asimddp"}.isdisjoint(flags.split())


def _processor_flags() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return ""
    return next((line for line in lines if line.lower().startswith(("flags", "features"))), "")


@functools.lru_cache(maxsize=4)
def _shared(model: Path, providers: tuple[str, ...]) -> Detector:
    return Detector(model, providers)


def shared_detector(settings: Settings) -> Detector:
    """The settings' detector, one for the whole process: its weights are in memory once.

    The built-in one is taken in eight bits where that is faster and on the processor alone.
    """
    providers = tuple(settings.detector_providers)
    lighter = model_path(settings.detector, in_bytes=True)
    on_processor = providers == ("CPUExecutionProvider",) and multiplies_bytes(_processor_flags())
    return _shared(lighter if on_processor and lighter.is_file() else model_path(settings.detector), providers)
