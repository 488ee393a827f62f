"""Jobs of access: mails with links by which people choose a password."""

from dataclasses import dataclass
from datetime import timedelta

from domain.access.links import Purpose, make_link
from domain.access.queries import user_named
from domain.jobs.rules import Backoff, Rate
from workers.kinds import RunningJob, job

SUBJECTS = {
    Purpose.INVITATION: "Your access to Salesloop",
    Purpose.RESET: "A new password for Salesloop",
}
TEXTS = {
    Purpose.INVITATION: "Welcome, {name}.\n\nChoose your password here, within 7 days:\n\n{link}\n\n"
    "The link is good once.\n",
    Purpose.RESET: "Somebody, you we hope, asked for a new password for {name}.\n\nChoose it here, within an hour:\n\n"
    "{link}\n\nThe link is good once. If it was not you, do nothing: your password stays as it is.\n",
}


@dataclass(frozen=True)
class Mail:
    """What kind of link is mailed, and to which address."""

    purpose: Purpose
    email: str


@job(
    "access.mail",
    description="Mails somebody a link by which they choose a password; nothing where nobody has the address.",
    max_attempts=5,
    backoff=Backoff(first_seconds=5),
    timeout=timedelta(minutes=1),
    rate=Rate(5, 1),
)
async def mail(running: RunningJob, payload: Mail) -> dict[str, bool]:
    """This will make the link as it is sent, so that no secret of it is ever stored; tried again, it makes another."""
    user = await user_named(payload.email)
    if user is None:
        return {"sent": False}
    outside = running.outside()
    link = await make_link(user, payload.purpose, key=outside.token_key, at=running.now())
    text = TEXTS[payload.purpose].format(name=user.name, link=f"{outside.public_url}/password#{link.text}")
    await outside.send(user.email, SUBJECTS[payload.purpose], text)
    return {"sent": True}
