"""Turns a fleet file and config.py into the request sent to EC2."""
