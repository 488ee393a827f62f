"""What Salesloop costs, measured: `python -m bench`, or `make bench`."""
