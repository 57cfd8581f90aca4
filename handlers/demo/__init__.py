"""The demo company: what a newcomer meets before their own company is in."""
