"""What administrators do: so far, on the command line."""
