"""The web: the playground, a chat platform of its own in the browser, and Agora's pages."""
