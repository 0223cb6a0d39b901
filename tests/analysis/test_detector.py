"""The detector on the built-in model, and on stand-ins for other families of models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import onnx
import pytest
from matplotlib import cbook
from onnx import TensorProto, helper, numpy_helper

from basira.analysis.boxes import Box, overlap
from basira.analysis.detector import Detector, model_path, multiplies_bytes
from basira.analysis.pictures import Picture
from basira.base.errors import BasiraError

CPU = ["CPUExecutionProvider"]
WHOLE = Box(0, 0, 1, 1)


def picture_of(bgr: Any) -> Picture:
    return Picture(av.VideoFrame.from_ndarray(bgr, "bgr24").reformat(format="yuv420p"), 0)


@pytest.fixture(scope="module")
def portrait() -> Any:
    """A photograph of a person, 512 × 600, that comes with matplotlib."""
    picture = cv2.imread(str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)))
    assert picture is not None
    return picture[:, : picture.shape[1] // 2 * 2]


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(model_path("nanodet-g"), CPU)


@pytest.fixture(scope="module")
def in_bytes() -> Detector:
    return Detector(model_path("nanodet-g", in_bytes=True), CPU)


def test_eight_bits_see_what_all_bits_see(detector: Detector, in_bytes: Detector, portrait: Any) -> None:
    picture = picture_of(portrait)
    one, other = (each.detect(picture, picture.region(WHOLE), 0.4)[0] for each in (detector, in_bytes))
    assert (one.label, other.label) == ("person", "person")
    assert overlap(one.box, other.box) > 0.9
    assert abs(one.score - other.score) < 0.1


def test_eight_bits_are_for_processors_that_multiply_bytes() -> None:
    assert multiplies_bytes("flags : fpu avx2 avx512f avx512_vnni")
    assert multiplies_bytes("Features : fp asimd asimdhp asimddp")
    assert not multiplies_bytes("flags : fpu avx2 avx512f")


def test_a_person_is_found_where_the_person_is(detector: Detector, portrait: Any) -> None:
    picture = picture_of(portrait)
    found = detector.detect(picture, picture.region(WHOLE), 0.4)
    assert [one.label for one in found] == ["person"]
    assert found[0].score > 0.7
    assert found[0].box.area > 0.5


def test_a_box_is_told_in_fractions_of_the_whole_picture_whatever_part_was_looked_at(
    detector: Detector, portrait: Any
) -> None:
    wide = np.full((720, 1920, 3), 128, np.uint8)
    wide[60:660, 1300:1812] = portrait
    picture = picture_of(wide)
    (person,) = detector.detect(picture, picture.region(Box(0.6, 0, 1, 1)), 0.4)
    assert 0.66 < person.box.x0 < 0.72
    assert 0.9 < person.box.x1 < 0.96


def test_nothing_is_found_in_a_grey_picture(detector: Detector) -> None:
    picture = picture_of(np.full((480, 640, 3), 128, np.uint8))
    assert detector.detect(picture, picture.region(WHOLE), 0.3) == []


def test_a_missing_model_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(BasiraError, match="is not there") as refused:
        Detector(tmp_path / "none.onnx", CPU)
    assert refused.value.code == "detector_missing"


def test_a_file_that_is_no_model_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(BasiraError, match=r"notes\.onnx") as refused:
        Detector(path, CPU)
    assert refused.value.code == "detector_unsuitable"


def test_a_model_of_no_known_family_is_refused_with_its_outputs(tmp_path: Path) -> None:
    path = constant_model(tmp_path, {"picture": [1, 3, 416, 416]}, {"logits": np.zeros((1, 1000), np.float32)})
    with pytest.raises(BasiraError, match="no known family"):
        Detector(path, CPU)


def constant_model(folder: Path, inputs: dict[str, Sequence[int]], outputs: dict[str, Any]) -> Path:
    """A model that says ``outputs`` whatever it is shown."""
    types = {"orig_target_sizes": TensorProto.INT64}
    graph = helper.make_graph(
        [helper.make_node("Identity", [f"{name} value"], [name]) for name in outputs],
        "constant",
        [helper.make_tensor_value_info(name, types.get(name, TensorProto.FLOAT), s) for name, s in inputs.items()],
        [
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
            for name, array in outputs.items()
        ],
        [numpy_helper.from_array(array, f"{name} value") for name, array in outputs.items()],
    )
    path = folder / "constant.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def one_object(model: Path) -> tuple[str, float, Box]:
    picture = picture_of(np.full((416, 832, 3), 100, np.uint8))  # letterboxed to half its size
    detector = Detector(model, CPU)
    (found,) = detector.detect(picture, picture.region(WHOLE), 0.4)
    return found.label, found.score, found.box


def test_a_yolox_export_is_understood(tmp_path: Path) -> None:
    rows = np.zeros((1, 52 * 52 + 26 * 26 + 13 * 13, 85), np.float32)
    place = 52 * 52 + 5 * 26 + 10  # stride 16, row 5, column 10
    rows[0, place, :5] = [0.5, 0.5, np.log(4), np.log(2), 0.9]
    rows[0, place, 5 + 2] = 1.0
    label, score, box = one_object(constant_model(tmp_path, {"images": [1, 3, 416, 416]}, {"output": rows}))
    assert (label, round(score, 3)) == ("car", 0.9)
    assert box == pytest.approx(((168 - 32) / 416, (88 - 16) / 208, (168 + 32) / 416, (88 + 16) / 208), abs=1e-3)


def test_an_rf_detr_export_is_understood(tmp_path: Path) -> None:
    boxes = np.full((1, 3, 4), 0.5, np.float32)
    boxes[0, 1] = [0.25, 0.25, 0.1, 0.2]
    logits = np.full((1, 3, 91), -9, np.float32)
    logits[0, 1, 18] = 3.0  # COCO number 18 is a dog
    model = constant_model(tmp_path, {"input": [1, 3, 416, 416]}, {"dets": boxes, "labels": logits})
    label, score, box = one_object(model)
    assert (label, round(score, 2)) == ("dog", 0.95)
    assert box == pytest.approx((0.2, 0.3, 0.3, 0.7), abs=1e-3)


def test_a_d_fine_export_is_understood(tmp_path: Path) -> None:
    outputs = {
        "labels": np.array([[0, 56]], np.int64),
        "boxes": np.array([[[41.6, 20.8, 83.2, 104.0], [0, 0, 9, 9]]], np.float32),
        "scores": np.array([[0.8, 0.9]], np.float32),
    }
    model = constant_model(tmp_path, {"images": [1, 3, 416, 416], "orig_target_sizes": [1, 2]}, outputs)
    label, score, box = one_object(model)
    assert (label, round(score, 2)) == ("person", 0.8)
    assert box == pytest.approx((0.1, 0.1, 0.2, 0.5), abs=1e-3)
