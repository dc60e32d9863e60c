"""What the library and the worker read alike. Pure; imports nothing else of the worker."""
