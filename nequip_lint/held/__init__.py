"""What the objects hold that a packaged model is made of."""
