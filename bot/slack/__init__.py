"""Slack as a platform: what reaches Agora from there, and what it does there."""
