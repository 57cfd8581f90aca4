"""Texts of people in their readers' languages, by a model, for whoever asks for it."""
