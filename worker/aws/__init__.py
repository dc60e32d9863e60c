"""The worker's own way to AWS; the library uses the fast client, too."""
