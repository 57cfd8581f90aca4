"""Work that people agreed on: who was asked to do it, what they said, and how far it is."""
