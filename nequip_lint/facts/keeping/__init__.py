"""What objects keep and functions give back, and what a load makes of it."""
