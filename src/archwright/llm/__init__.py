"""Language models: local weights, servers, recordings."""
