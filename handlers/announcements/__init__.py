"""Announcements that can be answered: written once, read by everybody they are for, and what those say."""
