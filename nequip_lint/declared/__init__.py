"""What projects and installed distributions declare, read from their files and never run."""
