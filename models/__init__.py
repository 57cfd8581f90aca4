"""Tables, their transitions, their queries and who may do what. No chat, no network but the database."""
