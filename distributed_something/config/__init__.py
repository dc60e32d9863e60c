"""config.py: its variables, their validators and defaults, and the loader that executes it."""
