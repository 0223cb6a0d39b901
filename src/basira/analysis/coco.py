"""The 80 classes of COCO in the order every COCO model numbers them, and those that Basira looks for."""

from __future__ import annotations

from typing import Final

COCO_CLASSES: Final[tuple[str, ...]] = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
    "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow", "elephant",
    "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard",
    "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange", "broccoli",
    "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant", "bed", "dining table", "toilet",
    "tv", "laptop", "mouse", "remote", "keyboard", "cell phone", "microwave", "oven", "toaster", "sink",
    "refrigerator", "book", "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip

# What makes an event. Animals are here because they set off guards at night as people do, and because naming a dog
# keeps it from being taken for a person; bags and furniture are not: they are no reason to look by themselves.
WANTED_CLASSES: Final[tuple[str, ...]] = (
    "person", "bicycle", "car", "motorcycle", "bus", "truck", "train", "boat", "dog", "cat", "horse", "sheep", "cow",
)  # fmt: skip

# The model often calls one van both a car and a truck: these suppress one another, and one object keeps one event
# while its label wavers among them.
ALIKE_CLASSES: Final[tuple[frozenset[str], ...]] = (
    frozenset({"car", "bus", "truck", "train"}),
    frozenset({"bicycle", "motorcycle"}),
    frozenset({"dog", "cat", "horse", "sheep", "cow"}),
)
