"""GraphQL over HTTP and what stands around it: who asks, limits, health, files, the front page."""
