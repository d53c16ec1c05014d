"""A model behind any OpenAI-compatible server: vLLM, llama.cpp, Ollama, commercial ones.

Requests run side by side up to a limit, with waits that double after each failure of the server. Most servers accept
a seed and some honour it, so a study that samples from a server is resumed without loss but not bit for bit.
"""

import os
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from email.utils import parsedate_to_datetime
from queue import Empty, SimpleQueue
from threading import Event, Thread

import httpx

from archwright.errors import ModelError
from archwright.llm.model import Completion, Decoding, FinishReason, Prompt

KEY_VARIABLES = ("ARCHWRIGHT_API_KEY", "OPENAI_API_KEY")
"""Environment variables that may hold the server's key, the first one set wins."""
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 60.0
SEED_RANGE = 2**31
"""Servers read the seed as a signed 32-bit number."""


class _Retry(Exception):
    """A request that may succeed later: what went wrong, and how long the server asked to wait."""

    def __init__(self, what: str, wait_s: float | None = None) -> None:
        super().__init__(what)
        self.wait_s = wait_s


class OpenAIModel:
    """Chat completions over HTTP.

    Token counts are the server's; they are 0 when it reports none. Redirects are not followed, so the key never goes
    anywhere but to the given address.
    """

    def __init__(
        self,
        url: str,
        model: str,
        *,
        timeout_s: float = 120.0,
        retries: int = 5,
        concurrency: int = 4,
        first_wait_s: float = FIRST_WAIT_S,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Talk to `model` at `url` (its base, such as `http://localhost:8000/v1`); connects on the first request."""
        self._url = url.rstrip("/")
        self._model = model
        self._retries = retries
        self._concurrency = concurrency
        self._first_wait_s = first_wait_s
        key = next((os.environ[name] for name in KEY_VARIABLES if os.environ.get(name)), None)
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, 10.0)),
            limits=httpx.Limits(max_connections=concurrency),
            transport=transport,
        )

    @property
    def name(self) -> str:
        """The model's specification, as given in `llm.model`."""
        return f"openai:{self._url}#{self._model}"

    @property
    def adapter(self) -> str | None:
        """None: adapters are the server's business."""
        return None

    def complete(self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]) -> list[Completion]:
        """Return one completion per prompt, in order; raises ModelError when one cannot be had after all retries."""
        if len(prompts) != len(seeds):
            raise ValueError(f"{len(prompts)} prompts but {len(seeds)} seeds")
        started = time.perf_counter()
        numbers: SimpleQueue[int] = SimpleQueue()
        answers: SimpleQueue[tuple[int, Completion | Exception]] = SimpleQueue()
        stop = Event()

        def work() -> None:
            while not stop.is_set():
                try:
                    number = numbers.get_nowait()
                except Empty:
                    return
                try:
                    answers.put((number, self._complete_one(prompts[number], decoding, seeds[number], stop)))
                except Exception as error:  # noqa: BLE001  # handed to the caller below, whatever it is
                    answers.put((number, error))

        for number in range(len(prompts)):
            numbers.put(number)
        # Daemons, so that neither Ctrl-C nor the first error has to wait for requests still in flight.
        for _ in range(min(self._concurrency, len(prompts))):
            Thread(target=work, name="openai", daemon=True).start()
        completions: dict[int, Completion] = {}
        try:
            while len(completions) < len(prompts):
                number, answer = answers.get()
                if isinstance(answer, Exception):
                    raise answer
                completions[number] = answer
        finally:
            stop.set()
        share_s = (time.perf_counter() - started) / max(1, len(prompts))
        return [replace(completions[number], wall_s=share_s) for number in range(len(prompts))]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _complete_one(self, prompt: Prompt, decoding: Decoding, seed: int, stop: Event) -> Completion:
        body = self._body(prompt, decoding, seed)
        jitter = random.Random(seed)
        for attempt in range(self._retries + 1):
            try:
                return self._ask(body)
            except _Retry as failure:
                last = failure
            if attempt == self._retries or stop.wait(self._wait_s(attempt, last.wait_s, jitter)):
                break
        raise ModelError(
            f"the server at {self._url} did not answer after {self._retries + 1} attempts: {last}",
            "check that it runs and is reachable; llm.retries, llm.timeout_s and llm.concurrency can be changed",
        )

    def _wait_s(self, attempt: int, asked_s: float | None, jitter: random.Random) -> float:
        """Return how long to wait: what the server asked for, else doubling, never in step with other requests."""
        doubled = self._first_wait_s * 2**attempt
        return min(asked_s if asked_s is not None else doubled * jitter.uniform(0.5, 1.0), LONGEST_WAIT_S)

    def _body(self, prompt: Prompt, decoding: Decoding, seed: int) -> dict[str, object]:
        messages = [{"role": "user", "content": prompt.user}]
        if prompt.system:
            messages.insert(0, {"role": "system", "content": prompt.system})
        # `top_k` is not part of the protocol and strict servers refuse it; the open ones that know it are the ones
        # that run on people's own machines, and they ignore what they do not know.
        extra = {"top_k": decoding.top_k} if decoding.top_k and not self._url.startswith("https://api.") else {}
        return {
            "model": self._model,
            "messages": messages,
            "temperature": decoding.temperature,
            "top_p": decoding.top_p,
            "max_tokens": decoding.max_new_tokens,
            "seed": seed % SEED_RANGE,
            **extra,
        }

    def _ask(self, body: dict[str, object]) -> Completion:
        try:
            response = self._client.post(f"{self._url}/chat/completions", json=body)
        except httpx.TimeoutException:
            raise _Retry("it took too long (llm.timeout_s)") from None
        except httpx.TransportError as error:
            raise _Retry(str(error) or type(error).__name__) from None
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.status_code >= 500:
            raise _Retry(
                f"HTTP {response.status_code}: {_server_message(response)}",
                _retry_after_s(response.headers.get("Retry-After")),
            )
        if response.status_code != httpx.codes.OK:
            said = f"HTTP {response.status_code}: {_server_message(response)}"
            raise ModelError(
                f"the server at {self._url} refused the request: {said}",
                f"check the address, the model's name and the key ({' or '.join(KEY_VARIABLES)})",
            )
        return _read(response)


def _read(response: httpx.Response) -> Completion:
    try:
        answer = response.json()
        choice = answer["choices"][0]
        text = choice["message"]["content"] or ""
        usage = answer.get("usage") or {}
        was_cut = choice.get("finish_reason") == "length"
        reason = FinishReason.LENGTH if was_cut else FinishReason.STOP
        return Completion(
            text=str(text),
            prompt_tokens=int(usage.get("prompt_tokens") or 0),
            completion_tokens=int(usage.get("completion_tokens") or 0),
            finish_reason=reason if text.strip() else FinishReason.EMPTY,
            wall_s=0.0,
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        raise _Retry("its answer was not a chat completion (cut off, or not JSON)") from None


def _server_message(response: httpx.Response) -> str:
    """Return what the server says is wrong, shortened."""
    try:
        error = response.json()["error"]
        message = error["message"] if isinstance(error, dict) else error
    except (ValueError, LookupError, TypeError):
        message = response.text
    text = " ".join(str(message).split())
    return text[:300] or response.reason_phrase


def _retry_after_s(header: str | None) -> float | None:
    """Return the seconds of a `Retry-After` header, which is a number or a date."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None
