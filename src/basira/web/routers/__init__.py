"""One router per noun. Each turns a request into one call of a room above, and its answer into a shape."""
