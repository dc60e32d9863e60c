"""From a fleet file and config.py to the request that EC2 gets."""
