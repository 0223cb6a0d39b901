"""Reading back what was recorded. The only way anything outside the recorder touches footage."""
