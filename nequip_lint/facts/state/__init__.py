"""What outlives the statement that sets it, and what is another one in each process."""
