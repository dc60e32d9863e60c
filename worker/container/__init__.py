"""What runs in a container beside the workers: their supervisor, and the machine's name, alarm and health."""
