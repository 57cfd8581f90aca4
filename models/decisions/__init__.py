"""What people decide together: the options, who has a voice, and what came of it, with its reasons."""
