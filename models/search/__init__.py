"""Finding what the company knows: PostgreSQL full text with a language per entry, readers' keys in the query."""
