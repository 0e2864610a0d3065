"""What a project says of a target: where it is, what a file is called there, and how it is reached."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from feedsmith.publish.secret import Secret

IN_THE_OPEN = "secret_in_the_open"
"""Kind of a mistake whose line must not be shown, since a secret stands in it."""
SECRET_HEADERS = re.compile(r"auth|cookie|key|password|secret|signature|token", re.IGNORECASE)
"""Names of HTTP headers that hold secrets."""
USER_AND_PASSWORD = re.compile(r"//[^/@]*:[^/]*@")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
PLACEHOLDERS = ("feed", "channel", "market", "file", "number", "date", "time", "run")
"""What may stand in braces in the name at a target."""
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def _no_open_secret(value: Any) -> Any:
    if isinstance(value, str):
        problem = "a secret never stands in the project; write `{env: NAME}` or `{file: PATH}`"
        raise PydanticCustomError(IN_THE_OPEN, problem)  # type: ignore[arg-type, unused-ignore]
    return value


def _no_password(value: str | None) -> str | None:
    if value is not None and USER_AND_PASSWORD.search(value):
        problem = "the address holds a password; keep the user's name there, and write `password: {env: NAME}`"
        raise PydanticCustomError(IN_THE_OPEN, problem)  # type: ignore[arg-type, unused-ignore]
    if value is not None and "://" in value and not {"?", "#"}.isdisjoint(value):
        problem = "the address has a `?` or `#`; parameters go under `params`, where they may be secrets"
        raise PydanticCustomError(IN_THE_OPEN, problem)  # type: ignore[arg-type, unused-ignore]
    return value


def _no_open_header(value: Any) -> Any:
    """Headers that are no secrets may be written out."""
    for name, text in value.items() if isinstance(value, dict) else ():
        if isinstance(text, str) and SECRET_HEADERS.search(str(name)):
            problem = "a secret never stands in the project; write `{env: NAME}` or `{file: PATH}`"
            raise PydanticCustomError(IN_THE_OPEN, problem)  # type: ignore[arg-type, unused-ignore]
    return value


def _known_places(value: str) -> str:
    for name in PLACEHOLDER.findall(value):
        if name not in PLACEHOLDERS:
            raise ValueError(f"{{{name}}} is not known in a name; known: {', '.join(PLACEHOLDERS)}")
    return value


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) or value is None else [value]


def _pattern(value: str | None) -> str | None:
    try:
        re.compile(value or "")
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from error
    return value


Duration = Annotated[str, Field(pattern=r"^[0-9]+\s*[smhd]$")]
OwnSecret = Annotated[Secret, BeforeValidator(_no_open_secret, json_schema_input_type=Secret)]
Texts = Annotated[list[str], BeforeValidator(_listed, json_schema_input_type=str | list[str])]
Statuses = Annotated[list[int], BeforeValidator(_listed, json_schema_input_type=int | list[int])]
WithSecrets = Annotated[dict[str, Secret | str], BeforeValidator(_no_open_header)]


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExpectedAnswer(_Settings):
    """What a server's answer must be, for a delivery to count as done."""

    status: Statuses = Field([200, 201, 202, 204], description="Status codes; default: 200, 201, 202 and 204.")
    json_: str | None = Field(
        None, alias="json", description="Path of a value in an answer of JSON, such as `result.status`."
    )
    matches: Annotated[str | None, AfterValidator(_pattern)] = Field(
        None, description="Regular expression that this value, or without `json` the answer's text, must hold."
    )


class TargetSettings(_Settings):
    """A target. Which keys a place knows, `kinds.KINDS` says; `to` may come from a layer below."""

    to: Annotated[str | None, AfterValidator(_no_password)] = Field(
        None,
        description="The folder there, as an address or a path; a user's name may stand in it, a password never. "
        "An HTTP address that does not end in `/` is used as it is.",
    )
    name: Annotated[str, AfterValidator(_known_places)] = Field(
        "{file}", description=f"What the file is called there; known: {', '.join(f'`{{{n}}}`' for n in PLACEHOLDERS)}."
    )
    within: Duration = Field("10m", description="Time for one feed with all its tries: `90s`, `10m`, `1h`.")
    retries: int = Field(5, ge=0, le=100, description="Further tries after one that failed for now.")
    resend_after: Duration | None = Field(
        None, description="Send an unchanged feed again after this time; `0s`: each time. Default: never."
    )
    mode: str | None = Field(None, pattern="^0?[0-7]{3}$", description="Permissions of the file, such as `0644`.")
    rename: bool = Field(
        True, description="Written under a temporary name first, then renamed; `no` for servers that forbid that."
    )
    password: OwnSecret | None = Field(None, description="The user's password, a secret.")
    key: OwnSecret | None = Field(None, description="The user's private key in OpenSSH or PEM form, a secret.")
    passphrase: OwnSecret | None = Field(None, description="The passphrase of `key`, a secret.")
    host_key: Texts = Field([], description="Fingerprint of the server's key, `SHA256:…`, or several.")
    known_hosts: str | None = Field(
        None, description="File of known servers; default: `~/.ssh/known_hosts`. Not read where `host_key` is given."
    )
    tls: Literal["explicit", "implicit"] | None = Field(
        None, description="How encryption begins; default: `implicit` on port 990, else `explicit`."
    )
    ca: str | None = Field(None, description="File with the certificates to trust; default: those of the system.")
    insecure: bool = Field(False, description="Allow `ftp://` and `http://`, which anybody on the way can read.")
    endpoint: str | None = Field(None, description="Address of the service, where it is not the cloud's own.")
    region: str | None = Field(None, description="Region of the bucket.")
    access_key: OwnSecret | None = Field(None, description="Access key id; default: `AWS_ACCESS_KEY_ID`.")
    secret_key: OwnSecret | None = Field(None, description="Secret access key; default: `AWS_SECRET_ACCESS_KEY`.")
    session_token: OwnSecret | None = Field(None, description="Session token; default: `AWS_SESSION_TOKEN`.")
    service_account: OwnSecret | None = Field(
        None, description="A service account's key in JSON; default: what the machine's own login gives."
    )
    account: str | None = Field(None, description="Name of the storage account.")
    account_key: OwnSecret | None = Field(None, description="Key of the storage account.")
    sas: OwnSecret | None = Field(None, description="A shared access signature, in place of the key.")
    method: Literal["PUT", "POST"] = Field("PUT", description="The request; POST where `field` is given.")
    field: str | None = Field(None, description="Send the file as this field of a form (multipart).")
    headers: WithSecrets = Field({}, description="Headers; those that hold secrets as `{env: NAME}` or `{file: PATH}`.")
    params: dict[str, OwnSecret] = Field({}, description="Parameters of the address that are secrets.")
    token: OwnSecret | None = Field(None, description="Bearer token of the header `Authorization`.")
    expect: ExpectedAnswer = Field(ExpectedAnswer(), description="What the answer must be, a mapping.")

    @property
    def dated(self) -> bool:
        """Whether each delivery has a name of its own: then older files stay at the target."""
        return not {"date", "time", "run"}.isdisjoint(PLACEHOLDER.findall(self.name))

    @property
    def place(self) -> str:
        """Where files go, as deliveries are remembered by; never holds a secret."""
        return f"{self.endpoint} {self.to}" if self.endpoint else str(self.to)


def seconds(duration: str) -> int:
    """A duration in seconds.

    >>> seconds("10m"), seconds("2 d")
    (600, 172800)
    """
    return int(duration[:-1]) * UNITS[duration[-1]]
