"""Asking: in a channel, a thread, one's own chat, a form or from a message; and what comes back."""
