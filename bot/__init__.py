"""The chat runtime: what comes in, what goes out, and how it is said. It knows no feature."""
