"""The facts of a packaged file that only rules about packaged files ask for."""
