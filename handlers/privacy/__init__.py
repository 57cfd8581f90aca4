"""What Agora holds of a person: shown, given as a file, and erased."""
