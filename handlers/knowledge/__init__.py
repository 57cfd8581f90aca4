"""The knowledge store as people see it: entries, each on a page of its own."""
