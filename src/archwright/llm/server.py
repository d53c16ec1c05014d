"""Where a model server is, and what identifies us to it.

Secrets come from the address as it was typed or from the environment, and stay in this process.
"""

import ipaddress
import os
import ssl
import urllib.request
from urllib.parse import unquote

import httpx

from archwright.address import HIDDEN, without_secrets
from archwright.errors import ModelError

KEY_VARIABLES = ("ARCHWRIGHT_API_KEY", "OPENAI_API_KEY")
"""Environment variables that may hold the server's key, the first one set wins."""
_ENDPOINT = "/chat/completions"
CERTIFICATES = "SSL_CERT_FILE"
"""Environment variable that may name a file with the certificate of a server's authority."""
LOGIN_VARIABLE = "ARCHWRIGHT_API_LOGIN"
"""Environment variable that may hold USER:PASSWORD for a server that asks for a login."""


class Server:
    """A server's address, split into what is sent and what may be shown."""

    def __init__(self, address: str) -> None:
        """Read `address`, with its secrets; raises ModelError when they were taken out and are not given otherwise."""
        self.shown = without_secrets(address).rstrip("/")
        login, key = os.environ.get(LOGIN_VARIABLE, ""), _key()
        scheme, _, rest = address.partition("://")
        hidden = without_secrets(address).partition("://")[2]
        if hidden.startswith(f"{HIDDEN}@"):
            given, _, rest = rest.rpartition("@")
            login = login if given == HIDDEN else unquote(given)
        if (hidden.startswith(f"{HIDDEN}@") and not login) or f"={HIDDEN}" in rest:
            raise ModelError(
                f"the address {self.shown} had a password or key in it, which is never stored",
                f"give it again: --set llm.model=... with the whole address, or {LOGIN_VARIABLE}=USER:PASSWORD",
            )
        try:
            url = httpx.URL(f"{scheme}://{rest}")
        except httpx.InvalidURL as error:
            raise ModelError(
                f"{self.shown} is not an address: {error}", "write openai:http://HOST:PORT/v1#MODEL"
            ) from None
        self._base = url.copy_with(path=url.path.rstrip("/").removesuffix(_ENDPOINT))
        self.url = self.beside(_ENDPOINT)
        self.auth = httpx.BasicAuth(*login.partition(":")[::2]) if login else None
        self.headers = {"Authorization": f"Bearer {key}"} if key and not login else {}
        self.is_local = _is_loopback(url.host)
        values = [value for _, value in url.params.multi_items()] if f"={HIDDEN}" in self.shown else []
        self._secrets = sorted(
            {text for text in (key, login, login.partition(":")[2], *values) if len(text) > 3}, key=len
        )

    def beside(self, path: str) -> httpx.URL:
        """Return the address of something else at the same server: `/models`."""
        return self._base.copy_with(path=self._base.path.rstrip("/") + path)

    def hide(self, text: str) -> str:
        """Return `text` without any secret that the server, or a library, may have quoted."""
        for secret in reversed(self._secrets):
            text = text.replace(secret, HIDDEN)
        return text

    @property
    def certificates(self) -> ssl.SSLContext | bool:
        """Whom to trust, also on the loopback interface: the authorities of the file in SSL_CERT_FILE, or the usual."""
        file = os.environ.get(CERTIFICATES)
        try:
            return ssl.create_default_context(cafile=file) if file else True
        except (OSError, ssl.SSLError) as error:
            raise ModelError(f"{CERTIFICATES} names {file}, which cannot be read: {error}", "correct it") from None

    @property
    def proxy(self) -> str | None:
        """The proxy that the environment names for this server, without secrets; a loopback address has none."""
        if self.is_local or urllib.request.proxy_bypass(self.url.host):
            return None
        proxies = urllib.request.getproxies()
        found = proxies.get(self.url.scheme) or proxies.get("all")
        return without_secrets(found if "://" in found else f"http://{found}") if found else None

    @property
    def by_way_of(self) -> str:
        """What an error adds when a proxy stands between."""
        return f", through the proxy {self.proxy} of the environment" if self.proxy else ""

    def redirected(self, location: str) -> httpx.URL | None:
        """Return where a redirect leads, None when to another server: keys go to the given one alone."""
        try:
            target = self.url.join(location)
        except httpx.InvalidURL:
            return None
        same = (target.scheme, target.host, target.port) == (self.url.scheme, self.url.host, self.url.port)
        return target if same and location else None


def _key() -> str:
    return next((os.environ[name].strip() for name in KEY_VARIABLES if os.environ.get(name, "").strip()), "")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
