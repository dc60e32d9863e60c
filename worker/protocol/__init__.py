"""Rules shared by the library and the worker. Pure; imports nothing else of the worker."""
