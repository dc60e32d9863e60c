"""The embedded default: an emulated AWS, and machines that are processes on this computer."""
