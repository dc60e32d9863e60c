"""The worker for images that have Python 2.7 and nothing newer: the same protocol as worker/, and the same tests."""
