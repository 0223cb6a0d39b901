"""Who may come in: passwords, sessions, CSRF, rate limits."""
