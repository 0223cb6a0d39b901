"""The HTTP and WebSocket face of the rooms above. No logic of its own."""
