"""Commands, and the supervisor that runs recorder, analysis and web as separate processes."""
