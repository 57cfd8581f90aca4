"""Who knows: what people's work says about it, learned from this company's own history as it goes."""
