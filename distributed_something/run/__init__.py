"""A run's identity: its monitor file, what it was started with, and what carries its tag in the account."""
