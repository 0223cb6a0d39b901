"""Reading footage back: tail, ranges, HLS, previews, export. The only way anything but the recorder touches footage."""
