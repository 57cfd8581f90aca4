"""Webhooks as a platform: what programs are told goes out signed, and what they ask for comes in signed."""
