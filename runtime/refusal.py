"""The one way for the machine's part of Salesloop to say no: a text for people, and an exit code for scripts."""


class CannotRun(Exception):
    """Settings or the machine do not allow it; the text says why, and what to do."""

    exit_code = 1
