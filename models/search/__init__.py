"""Finding what the company knows: an index in each process that follows PostgreSQL, readers' keys in the query."""
