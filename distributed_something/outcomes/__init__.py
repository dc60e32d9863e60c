"""The outcomes of jobs: the log of attempts, and the dead-letter queue."""
