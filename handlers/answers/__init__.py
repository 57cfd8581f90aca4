"""What people answer: several answers side by side, accepted, found helpful, commented, edited and shared."""
