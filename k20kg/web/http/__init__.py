"""What every request passes: security headers, negotiation, formats, the response cache."""
