"""Announcements that can be answered: what is written, whom it reaches, and what comes back."""
