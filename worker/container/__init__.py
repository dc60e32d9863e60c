"""What a container runs besides the workers: their supervisor, and the machine's name, alarm and health."""
