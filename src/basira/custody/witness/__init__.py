"""A small service that somebody else runs: it vouches for one history of each log, and keeps proof of any other."""
