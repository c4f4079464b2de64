"""What is trained: programs that make the models the package carries."""
