"""The terminal: the console, sanitized text, plurals, signals."""
