"""How many tokens a server says that it read and wrote, under all the names that there are."""

from archwright.llm.messages import count

_COUNTS = (
    ("prompt_tokens", "input_tokens", "promptTokenCount", "prompt_eval_count", "inputTokens", "promptTokens",
     "prompt_n"),
    ("completion_tokens", "output_tokens", "candidatesTokenCount", "eval_count", "outputTokens", "completionTokens",
     "predicted_n"),
    ("total_tokens", "totalTokenCount", "totalTokens"),
)  # fmt: skip
"""Names of what was read, written, and both: OpenAI, Anthropic, Gemini, Ollama, Bedrock, SDKs, llama.cpp."""
_USAGE = ("usage", "usageMetadata", "x_groq", "timings")
BYTES_PER_TOKEN = 3
"""Rather too many tokens than too few: programs have three to four bytes in a token."""


def estimated_tokens(text: str) -> int:
    """Return about how many tokens `text` has."""
    return -(-len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN)


def tokens_in(answer: dict[str, object], said: str) -> tuple[int, int, bool]:
    """Return the tokens read and written, reasoning included, and whether one of them has to be estimated.

    What was written is estimated here, by what was `said`; the prompt, 0 here, where it was sent. Some servers leave
    the reasoning out of what was written and count it in the total, or by itself alone; some leave what was cached out
    of what was read; some count one side alone.
    """
    usage = next((found for name in _USAGE if isinstance(found := answer.get(name), dict)), answer)
    usage = inner if isinstance(inner := usage.get("usage", usage.get("tokens")), dict) else usage
    read, written, total = (max(count(usage.get(name)) for name in names) for names in _COUNTS)
    if "input_tokens" in usage:
        read += sum(count(usage.get(name)) for name in ("cache_read_input_tokens", "cache_creation_input_tokens"))
    details = usage.get("completion_tokens_details", usage.get("output_tokens_details"))
    reasoning = count(details.get("reasoning_tokens")) if isinstance(details, dict) else 0
    if reasoning > written:
        written += reasoning
    written = max(written, total - read if read else 0)
    is_counted = bool(written or not said)
    written = written if is_counted else estimated_tokens(said)
    read = read or max(0, total - written)
    return read, written, not (read and is_counted)


def usage_in(event: dict[str, object]) -> dict[str, object]:
    """Return the counts in an event; Anthropic tells what was read at the start and what was written at the end."""
    found: dict[str, object] = {}
    for part in (event, event.get("message"), event.get("response"), event.get("x_groq")):
        if isinstance(part, dict):
            found |= {name: part[name] for names in _COUNTS for name in names if name in part}
            for usage in map(part.get, _USAGE):
                found |= usage if isinstance(usage, dict) else {}
    return {name: value for name, value in found.items() if value}
