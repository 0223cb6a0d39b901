"""Packets to fragments to segments on disk, the index, gaps, retention, holds, check."""
