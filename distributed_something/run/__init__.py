"""A run's identity: its monitor file, what it was started with, and its tagged resources."""
