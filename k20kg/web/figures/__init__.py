"""Pictures: data → inline SVG text. Nothing in them is a style; every word is escaped."""
