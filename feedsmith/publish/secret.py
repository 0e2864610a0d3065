"""Secrets of targets: where each one lies, and how it is kept out of every text that leaves the process."""

import os
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote, quote_plus

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from feedsmith.errors import TargetClosedError
from feedsmith.issues import Place

STARS = "***"
SHORTEST = 4
"""Characters of a secret that is looked for inside texts: a shorter one would also hide words that mean nothing."""


class Secret(BaseModel):
    """Where a secret lies: in a variable of the environment, or in a file of its own. It holds no secret itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    env: str | None = Field(None, description="Name of the environment variable.", pattern="^[A-Za-z_][A-Za-z0-9_]*$")
    file: str | None = Field(None, description="Path of a file that holds nothing else; relative to the project.")

    @model_validator(mode="after")
    def _one_place(self) -> "Secret":
        if (self.env is None) == (self.file is None):
            raise ValueError("a secret lies in one place: `{env: NAME}` or `{file: PATH}`")
        return self

    def reveal(self, folder: Path) -> SecretStr:
        """The secret itself; its `repr` and its text are stars.

        Args:
            folder: the project's; a file's path is relative to it.

        Raises:
            TargetClosedError: the variable is not set, the file cannot be read, or there is nothing in it.
        """
        text = self._from_environment(self.env) if self.env is not None else self._from_file(folder / str(self.file))
        if not text:
            raise TargetClosedError(Place(self.shown), "holds nothing", "put the secret there")
        return SecretStr(text)

    @property
    def shown(self) -> str:
        """The place, for messages."""
        return f"environment variable {self.env}" if self.env is not None else str(self.file)

    def _from_environment(self, name: str) -> str:
        if name not in os.environ:
            hint = f"set {name} where feedsmith runs, then run `feedsmith publish`"
            raise TargetClosedError(Place(self.shown), "is not set", hint)
        return os.environ[name]

    def _from_file(self, path: Path) -> str:
        try:
            return path.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            problem = f"the secret cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}"
            hint = "let the user that runs feedsmith read the file, then run `feedsmith publish`"
            raise TargetClosedError(Place(self.shown), problem, hint) from error


class Veil:
    """Takes secrets out of texts that others wrote: a server's answer, a library's message.

    >>> veil = Veil()
    >>> veil.add("p ss/1")
    >>> veil("login p ss/1 or p%20ss%2F1 failed")
    'login *** or *** failed'
    """

    def __init__(self) -> None:
        self._forms: set[str] = set()

    def add(self, *secrets: str) -> None:
        """Hide these from now on: as they are, as in addresses, and in base64."""
        for secret in secrets:
            coded = secret.encode()
            forms = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}
            forms |= {b64encode(coded).decode(), urlsafe_b64encode(coded).decode()}
            self._forms |= {form for form in forms if len(form) >= SHORTEST}

    def __call__(self, text: str) -> str:
        """The text with stars in place of every secret."""
        for form in sorted(self._forms, key=len, reverse=True):
            text = text.replace(form, STARS)
        return text
