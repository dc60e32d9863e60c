"""The program that runs in the container: polls the queue, runs the tool, puts its results away.

It knows nothing of the library behind run.py, since it is copied into an image alone. The library uses
only worker/protocol/ and worker/aws/, and lets a rehearsal load a tool.py as the worker does.
"""
