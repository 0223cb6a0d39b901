"""Clock, identifiers, settings, errors and their messages. No I/O; imported by every room."""
