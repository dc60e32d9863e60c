"""Sends the jobs of a job file to the queue; `generate` writes job files."""
