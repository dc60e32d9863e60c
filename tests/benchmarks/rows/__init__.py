"""One file for each question of documentation/performance.md; each has ``measure() -> list of findings``."""
