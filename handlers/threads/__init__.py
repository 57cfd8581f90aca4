"""What becomes of a question's thread: followed, reopened, withdrawn, closed as a duplicate."""
