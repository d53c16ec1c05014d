"""An adapter's card as a page to read: what it was made from, how, and what it then wrote."""

from collections.abc import Mapping
from typing import Any

from archwright.analysis.text import count, duration, share_of

SETTINGS = (
    *("rank", "alpha", "dropout", "layers", "lr", "epochs", "batch", "accumulation"),
    *("warmup_steps", "weight_decay", "max_grad_norm", "max_length"),
)
"""What of `tune` determines the weights of a run; the page says what it was, which need not be what was asked for."""

_TAUGHT = {
    "": "the prompt of a task with a PyTorch network",
    "delta": "a PyTorch network and the prompt of its task with a diff that improves it",
}
"""By generator, the usual one first."""


def render_card(card: Mapping[str, Any]) -> str:
    """Return the Markdown page of the adapter of a run of `archwright tune`."""
    data, lengths = card["data"], card["token_lengths"]
    settings = card["config"] | {"warmup_steps": card["warmup_steps"], "layers": card["config"]["layers"] or "all"}
    licences = ", ".join(f"{name} ({number:,} pairs)" for name, number in data["licences"].items())
    lines = [
        f"# LoRA adapter for {card['model']}",
        "",
        f"Teaches the model to answer {_TAUGHT.get(card.get('generator', ''), _TAUGHT[''])}. Made by Archwright:",
        "",
        f"    {card['command']}",
        "",
        "## Data",
        "",
        f"`{data['corpus']}`: {card['pairs']:,} training pairs, {card['held_out_pairs']:,} held out; "
        f"{card['left_out']:,} longer than {card['config']['max_length']:,} tokens were left out. "
        f"Tokens of a pair: {lengths['min']:,} to {lengths['max']:,}, median {lengths['median']:,}, "
        f"95th percentile {lengths['p95']:,}. SHA-256 of the pairs: `{data['digest']}`.",
        "",
        f"Licences of the programs: {licences or 'not recorded'}.",
        "",
        "## Training",
        "",
        f"Seed {card['seed']}, {card['steps']:,} steps, {card['tokens']:,} tokens "
        f"({card['completion_tokens']:,} in the loss), {duration(card['train_s'])}, "
        f"{duration(card['cpu_s'])} of CPU, on {card['device']} ({card['precision']}; threads: {card['threads']}). "
        + ("A new adapter." if card["init_adapter"] is None else f"Continues `{card['init_adapter']}`."),
        "",
        ", ".join(f"{name} {settings[name]}" for name in SETTINGS) + f", optimizer {card['optimizer']}.",
        "",
        ", ".join(f"{name} {number}" for name, number in card["versions"].items()) + ".",
        "",
        "## Figures",
        "",
        "Loss in nats per token of the answer. Valid: builds and runs forward on CIFAR-10's shape, sampled as written, "
        f"temperature {card['decoding']['temperature']}; Wilson 95 % intervals.",
        "",
        "| epoch | training loss | held-out loss | samples | valid | valid, within the budget |",
        "|---|---|---|---|---|---|",
        *(_row(epoch) for epoch in card["examined"]),
        "",
    ]
    return "\n".join(lines)


def _row(epoch: Mapping[str, Any]) -> str:
    held_out = "–" if epoch["held_out_loss"] is None else f"{epoch['held_out_loss']:.3f}"
    shares = [share_of(epoch["samples"], epoch[name]) for name in ("valid", "within_budget")]
    cells = (epoch["epoch"], f"{epoch['loss']:.3f}", held_out, count(epoch["samples"]), *shares)
    return "| " + " | ".join(map(str, cells)) + " |"
