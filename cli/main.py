"""`salesloop`: the command line. Each command has a file of its own, and loads what it needs when it runs."""

import typer

from cli.audit import audit
from cli.demo.command import demo
from cli.doctor import doctor
from cli.import_ import import_
from cli.jobs import jobs
from cli.migrate import migrate
from cli.migration import migration
from cli.schema import schema
from cli.serve import serve
from cli.token import token
from cli.up import up
from cli.user import user
from cli.work import work

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

for command in (up, serve, work, demo, migrate, schema, token, doctor):
    app.command()(command)
app.command(hidden=True)(migration)
app.command("import")(import_)
app.add_typer(user, name="user")
app.add_typer(jobs, name="jobs")
app.add_typer(audit, name="audit")
