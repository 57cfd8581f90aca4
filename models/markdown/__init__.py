"""Markdown texts: their structure, and the passages they are cut into."""
