"""`python -m cli`: how the supervisor starts its children with its own interpreter."""

from cli.main import app

app()
