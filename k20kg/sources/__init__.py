"""Files, folders and the packaged graphs, as documents."""
