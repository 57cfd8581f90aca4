"""What Agora says of itself: help, status, and the first words in somebody's own chat."""
