"""Being added to places: what Agora says there first, and when it speaks there."""
