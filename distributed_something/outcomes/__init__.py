"""What became of the jobs: the log of attempts, and the dead-letter queue."""
