"""Rehearsals on this computer: an emulated AWS, and processes as machines."""
