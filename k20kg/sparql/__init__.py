"""Questions in SPARQL, asked of the packaged data, files, a store on disk or an endpoint."""
