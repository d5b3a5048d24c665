"""How files are written: beside their place, the same bytes each time, and moved there in one step."""
