"""What people give, and thanks for it."""
