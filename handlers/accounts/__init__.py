"""One person on several platforms: both accounts say so, and either may take it back."""
