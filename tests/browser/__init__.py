"""A package, so that pytest ends the Chromium of its `browser` fixture with the last test of this folder."""
