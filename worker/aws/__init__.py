"""The worker's access to AWS; the library uses the fast client, too."""
