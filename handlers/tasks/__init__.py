"""Tasks: asked for, answered, followed through, listed, handed over."""
