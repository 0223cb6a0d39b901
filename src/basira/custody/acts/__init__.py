"""Acts of people, written down before they are served; the log takes them from here."""
