"""One file for each AWS resource. They know `session` and nothing of each other."""
