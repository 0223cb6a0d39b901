"""Cursor, gate, detector, tracker, events: what was in the picture, said as an opinion with a score."""
