"""Jobs of feedback."""
