"""The checks of `check`, one file per subject. Each yields all of its findings."""
