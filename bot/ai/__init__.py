"""Models: what asks them, and what keeps asking from harming anybody. The only place that imports ``openai``."""
