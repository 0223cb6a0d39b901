"""What a camera is and how packets come out of it."""
