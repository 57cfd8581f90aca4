"""Decisions that a thread makes together, and the log in which they are found."""
