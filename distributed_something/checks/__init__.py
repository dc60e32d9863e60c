"""What `check` looks at, one file a subject; each yields findings, and none of them stops at the first."""
