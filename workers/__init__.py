"""What happens by itself: the durable engine over arq, and a few lines for each kind of job."""
