"""Finding a person who knows: offers, what they say to them, and what happens if nobody does anything."""
