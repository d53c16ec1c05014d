"""Addresses that people give us, and the secrets that may stand in them.

A password or key in an address (`http://USER:PASSWORD@HOST`, `?api-key=...`) is for the connection only: what is
stored, shown or raised has `***` in its place.
"""

import re

HIDDEN = "***"
_OPEN_PARAMETERS = {"api-version", "version"}
"""Names in an address' query whose values are no secrets."""


def without_secrets(address: str) -> str:
    """Return `address`, which may be any text, with `***` for the login and for the values of its query."""
    before, separator, rest = address.partition("://")
    if not separator:
        return address
    rest, hash_sign, model = rest.rpartition("#") if "#" in rest else (rest, "", "")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    # A password may itself contain `/`, `?` or `#`; then what stands before is no host with a port.
    if "@" in rest and ("@" in authority or not re.fullmatch(r"(\[[^]]*\]|[^:]*)(:\d*)?", authority)):
        rest = f"{HIDDEN}@{rest.rpartition('@')[2]}"
    path, question, query = rest.partition("?")
    if question:
        query = "&".join(_hidden_value(part) for part in query.split("&"))
    return f"{before}://{path}{question}{query}{hash_sign}{model}"


def _hidden_value(part: str) -> str:
    name, _, value = part.partition("=")
    return part if name.lower() in _OPEN_PARAMETERS or not value else f"{name}={HIDDEN}"
