"""Why something was left out of an import. Every reader here raises these and nothing else."""


class NotTaken(Exception):
    """One file, thread or folder that was not taken.

    `path` is where it is, relative to what is imported; `why` is plain English for the report.
    """

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)
        self.path = path
        self.why = why

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"


class Skipped(NotTaken):
    """Left out as a matter of course: a picture, a redirect, a private channel."""


class Refused(NotTaken):
    """Left out because it is broken, too large, or looks like an attack: somebody should look at it."""
