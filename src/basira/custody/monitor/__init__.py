"""Watching somebody else's log: all of it, from outside, against every witness and against one's own memory."""
