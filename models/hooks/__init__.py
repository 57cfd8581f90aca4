"""Programs that are told of tasks and decisions, and those that bring tasks in."""
