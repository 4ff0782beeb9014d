"""Steps of every request: security headers, negotiation, formats, the response cache."""
