"""A model behind any OpenAI-compatible server: vLLM, llama.cpp, Ollama, commercial ones.

Requests run side by side up to a limit, with waits that double after each failure of the server. The first request
runs alone, so that only it pays when the server's dialect has to be learned (`parameters`). Most servers accept a seed
and some honour it, so a study that samples from a server is resumed without loss but not bit for bit.
"""

import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread

import httpx

from archwright.address import without_secrets
from archwright.errors import ModelError
from archwright.llm.answers import ServerError, WebPage, read_completion
from archwright.llm.messages import Unreadable
from archwright.llm.model import REFUSED_IN_VAIN, Completion, Decoding, FinishReason, Prompt, refused
from archwright.llm.parameters import Parameters
from archwright.llm.pauses import asked_pause_s
from archwright.llm.saying import (
    is_about_account,
    is_about_address,
    is_about_model,
    is_about_prompt,
    model_names,
    said_by,
)
from archwright.llm.server import CERTIFICATES, KEY_VARIABLES, Server
from archwright.llm.transfer import LARGEST_ANSWER, Reply, TooLargeError, TooSlowError, exchange
from archwright.llm.usage import estimated_tokens
from archwright.untrusted import plain_text

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 60.0
"""A server that asks for a longer pause ends the run, which can be resumed."""
MOST_ADAPTATIONS = 12
_TRANSIENT = {408, 409, 425, 429}
_REFUSALS = {400, 403, 413, 422, 451}
"""Statuses that may be about one prompt."""


class _Retry(Exception):
    """A request that may succeed later: what went wrong, and how long the server asked to wait."""

    def __init__(self, what: str, wait_s: float | None = None) -> None:
        super().__init__(what)
        self.wait_s = wait_s


class OpenAIModel:
    """Chat completions over HTTP.

    Token counts are the server's, or our estimate of what it leaves out. Redirects to another server are not followed:
    the key never goes anywhere but to the given one; a proxy of the environment is used except for loopback addresses.
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
        extra: Mapping[str, object] | None = None,
        omit: Sequence[str] = (),
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Talk to `model` at `url` (its base, such as `http://localhost:8000/v1`); connects on the first request."""
        self._server = Server(url)
        self._url = self._server.url
        self._model = model
        self._timeout_s = timeout_s
        self._retries = retries
        self._concurrency = concurrency
        self._first_wait_s = first_wait_s
        self._parameters = Parameters(extra, omit)
        self._is_understood = False  # whether the server ever answered or refused a prompt for its own sake
        self._has_answered = False
        self._refused = 0
        self._first = Lock()
        try:
            self._client = httpx.Client(
                headers=self._server.headers,
                auth=self._server.auth,
                timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, 10.0)),
                # One connection for each request, so that a deadline can end it.
                limits=httpx.Limits(max_connections=concurrency, max_keepalive_connections=0),
                transport=transport,
                trust_env=not self._server.is_local,
                verify=self._server.certificates,
            )
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            raise ModelError(
                f"no connection can be made{self._server.by_way_of}: {self._server.hide(str(error))}",
                "correct the proxy variables of the environment, or name the host in NO_PROXY",
            ) from None

    @property
    def name(self) -> str:
        """The model's specification, as given in `llm.model`, without secrets."""
        return f"openai:{self._server.shown}#{self._model}"

    @property
    def adapter(self) -> str | None:
        """None: adapters are the server's business."""
        return None

    @property
    def adaptations(self) -> tuple[str, ...]:
        """What was learned about the server's parameters, in words."""
        return self._parameters.adaptations

    def complete(self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]) -> list[Completion]:
        """Return one completion per prompt, in order; raises ModelError when one cannot be had after all retries."""
        started = time.perf_counter()
        completions = dict(self.stream(prompts, decoding, seeds))
        share_s = (time.perf_counter() - started) / max(1, len(prompts))
        return [replace(completions[number], wall_s=share_s) for number in range(len(prompts))]

    def stream(
        self, prompts: Sequence[Prompt], decoding: Decoding, seeds: Sequence[int]
    ) -> Iterator[tuple[int, Completion]]:
        """Yield each prompt's position and completion as it comes.

        When a request fails for good, no other is begun, those in flight are waited for and yielded, and ModelError
        is raised at the end: what was answered is never lost.
        """
        if len(prompts) != len(seeds):
            raise ValueError(f"{len(prompts)} prompts but {len(seeds)} seeds")
        numbers: SimpleQueue[int] = SimpleQueue()
        answers: SimpleQueue[tuple[int, Completion] | Exception | None] = SimpleQueue()
        stop = Event()

        def work() -> None:
            try:
                while not stop.is_set():
                    number = numbers.get_nowait()
                    started = time.perf_counter()
                    answer = self._complete_one(prompts[number], decoding, seeds[number], stop)
                    answers.put((number, replace(answer, wall_s=time.perf_counter() - started)))
            except Empty:
                pass
            except Exception as error:  # noqa: BLE001  # handed to the caller below, whatever it is
                stop.set()
                answers.put(error)
            finally:
                answers.put(None)

        for number in range(len(prompts)):
            numbers.put(number)
        workers = min(self._concurrency, len(prompts))
        # Daemons, so that Ctrl-C does not have to wait for requests still in flight.
        for _ in range(workers):
            Thread(target=work, name="openai", daemon=True).start()
        failure: Exception | None = None
        in_vain: list[tuple[int, Completion]] = []
        try:
            while workers:
                answer = answers.get()
                if answer is None:
                    workers -= 1
                elif isinstance(answer, Exception):
                    failure = failure or answer
                elif answer[1].finish_reason is FinishReason.REFUSED:
                    in_vain.append(answer)
                else:
                    self._has_answered = True
                    yield answer
        finally:
            stop.set()
        self._refused += len(in_vain)
        if failure is None and in_vain and not self._has_answered:
            self._refuse_to_go_on([completion.note for _, completion in in_vain])
        yield from in_vain
        if failure is not None:
            raise failure

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _refuse_to_go_on(self, said: Sequence[str]) -> None:
        """Raise ModelError when a server that never answered refuses what cannot be due to single prompts."""
        if self._refused >= REFUSED_IN_VAIN or not all(map(is_about_prompt, said)):
            raise self._error(f"refused the request: {said[0]}", self._advice(said[0]))

    def _complete_one(self, prompt: Prompt, decoding: Decoding, seed: int, stop: Event) -> Completion:
        if self._is_understood:
            return self._retried(prompt, decoding, seed, stop)
        with self._first:
            if not self._is_understood:
                if stop.is_set():
                    raise self._error("was not asked again", "see the first error")
                answer = self._retried(prompt, decoding, seed, stop)
                self._is_understood = True
                return answer
        return self._retried(prompt, decoding, seed, stop)

    def _retried(self, prompt: Prompt, decoding: Decoding, seed: int, stop: Event) -> Completion:
        jitter = random.Random(seed)
        for attempt in range(self._retries + 1):
            try:
                return self._adapted(prompt, decoding, seed)
            except _Retry as failure:
                last = failure
            if last.wait_s is not None and last.wait_s > LONGEST_WAIT_S:
                raise self._error(f"asks for a pause of {last.wait_s:,.0f} s: {last}", "go on when it is over")
            if attempt == self._retries or stop.wait(self._wait_s(attempt, last.wait_s, jitter)):
                break
        raise self._error(
            f"did not answer after {attempt + 1} attempts: {last}",
            "check that it runs and is reachable; llm.retries, llm.timeout_s and llm.concurrency can be changed",
        )

    def _wait_s(self, attempt: int, asked_s: float | None, jitter: random.Random) -> float:
        """Return how long to wait: what the server asked for, else doubling, never in step with other requests."""
        doubled = self._first_wait_s * 2**attempt
        return min(asked_s if asked_s is not None else doubled * jitter.uniform(0.5, 1.0), LONGEST_WAIT_S)

    def _adapted(self, prompt: Prompt, decoding: Decoding, seed: int) -> Completion:
        """Return the answer to a prompt, with other parameters when the server refuses some."""
        for _ in range(MOST_ADAPTATIONS):
            sent = self._parameters.of(decoding, seed)
            reply = self._send({"model": self._model, "messages": self._parameters.messages(prompt), **sent})
            is_refusal = reply.status in (400, 422)
            if not (is_refusal and self._parameters.adapt(sent, reply.content)) and not (
                reply.status == 500 and self._parameters.adapt_roles(reply.content)
            ):
                break
        completion = self._completion_in(reply)
        if completion.is_estimated and not completion.prompt_tokens:
            return replace(completion, prompt_tokens=estimated_tokens(str(prompt)))
        return completion

    def _send(self, body: dict[str, object]) -> Reply:
        try:
            reply = exchange(self._client, self._url, body, self._timeout_s)
            if reply.status in (301, 302, 303, 307, 308):
                location = reply.headers.get("Location", "")
                target = self._server.redirected(location)
                if target is None or target == self._url:
                    shown = plain_text(without_secrets(location))[:300].removesuffix("/chat/completions")
                    raise self._error(f"redirects to {shown or 'nowhere'}", "give that address in llm.model")
                self._url = target
                reply = exchange(self._client, target, body, self._timeout_s)
        except (TooSlowError, httpx.TimeoutException):
            raise _Retry(f"it took too long (llm.timeout_s){self._server.by_way_of}") from None
        except TooLargeError:
            raise self._error(
                f"sent more than {LARGEST_ANSWER:,} bytes for one answer", "no completion is so long: check the address"
            ) from None
        except (httpx.TransportError, httpx.StreamError, httpx.DecodingError) as error:
            said = plain_text(self._server.hide(str(error) or type(error).__name__))[:300]
            if "CERTIFICATE_VERIFY_FAILED" in said:
                raise self._error(f"cannot be trusted: {said}", f"name its authority in {CERTIFICATES}") from None
            raise _Retry(f"{said}{self._server.by_way_of}") from None
        return reply

    def _completion_in(self, reply: Reply) -> Completion:
        """Return the completion in a reply, or the refusal of this prompt; raises for all that is neither."""
        code, said = reply.status, ""
        if 200 <= code < 300:
            try:
                return read_completion(reply.content, reply.headers.get("Content-Type", ""))
            except WebPage as page:
                raise self._error(
                    f"answered with a web page{self._server.by_way_of}: {self._server.hide(str(page))}",
                    "check the address: something else, such as a sign-in, stands before the server",
                ) from None
            except Unreadable as reason:
                said = self._server.hide(str(reason))
                if is_about_account(said):
                    raise self._error(f"does not answer: {said}", self._advice(said)) from None
                raise _Retry(said) from None
            except ServerError as error:
                said = self._server.hide(error.said)
                code = httpx.codes.NOT_FOUND if is_about_address(said) else error.code
        said = said or self._server.hide(said_by(reply.content)) or httpx.codes.get_reason_phrase(code)
        numbered = f"HTTP {code}: {said}" if code >= 400 else said
        is_of_all = code == httpx.codes.FORBIDDEN or is_about_account(said) or is_about_model(said)
        if (code in _REFUSALS or code < 400) and (is_about_prompt(said) or not (code < 400 or is_of_all)):
            return refused(numbered)
        wait_s = asked_pause_s(reply.headers, said, reply.content)
        if (code in _TRANSIENT or code >= 500 or code < 400) and (wait_s is not None or not is_about_account(said)):
            raise _Retry(numbered, wait_s)
        raise self._error(f"refused the request{self._server.by_way_of}: {numbered}", self._advice(said, code))

    def _error(self, what: str, remedy: str) -> ModelError:
        return ModelError(f"the server at {self._server.shown} {what}", remedy)

    def _advice(self, said: str, code: int = 400) -> str:
        """Return what to do about a refusal; where the model or the address is wrong, with what the server has."""
        if is_about_account(said):
            return "pay, wait for the next period, or use another key; llm.model may name another server"
        if re.search(r"context|max_(?:new_)?tokens", said):
            return "lower llm.max_new_tokens or quote fewer networks (llm.examples)"
        if code == httpx.codes.NOT_FOUND or is_about_model(said):
            for path in ("", "/v1"):
                if models := self._models(path):
                    return f"write openai:{self._server.shown}{path}#MODEL; the models there are {', '.join(models)}"
        keys = " or ".join(KEY_VARIABLES)
        return f"check the address, the model's name and the key ({keys}); llm.extra and llm.omit change what is sent"

    def _models(self, path: str) -> list[str]:
        """Return the first names of models that the server lists under `path`; none when it does not say."""
        try:
            reply = exchange(self._client, self._server.beside(f"{path}/models"), None, min(self._timeout_s, 5.0))
            return model_names(reply.content) if reply.status == httpx.codes.OK else []
        except (TooSlowError, TooLargeError, httpx.TransportError, httpx.StreamError, httpx.DecodingError):
            return []
