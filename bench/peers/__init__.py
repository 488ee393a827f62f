"""What others would build over the same tables, to measure ourselves against."""
