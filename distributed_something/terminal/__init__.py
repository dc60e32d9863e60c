"""What a person sees and types: the console, text made safe to show, signals."""
