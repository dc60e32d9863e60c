"""From a job file to the queue; `generate` makes job files."""
