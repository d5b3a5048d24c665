"""Graphs of imports: as a tree, for Graphviz, for Mermaid."""
