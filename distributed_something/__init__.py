"""Run one Dockerized tool on many inputs in the cloud: the library behind run.py."""

__version__ = "0.1.0"
