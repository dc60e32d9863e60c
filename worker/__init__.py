"""The program that runs in the container: polls the queue, runs the tool, puts its results away.

It knows nothing of the library behind run.py, since it is copied into an image alone. The library uses four
of its modules, which are pure: placeholders, command_line, upload_flags, strict_json.
"""
