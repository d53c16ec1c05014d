"""A model small enough for tests: a random Llama of two layers that loads, samples and learns in a moment."""

import json
import shutil
from pathlib import Path

from archwright.llm.embedded import embedded_folder

VOCABULARY = 2_048
"""Of the embedded model's tokens, the first so many: control tokens, bytes, and the most frequent pieces."""


def write_tiny_model(folder: Path, *, seed: int = 0, pad: int = 2) -> Path:
    """Write a transformers folder with random weights and the start of the embedded model's vocabulary; return it.

    What it says makes no sense, but it answers differently to different prompts and can be taught. Any text can be
    written with its tokens, in half as many again as the embedded model's. Give the folder as `llm.model`. The
    embedding of `pad` is zero and cannot be taught to be written: as long as that is the token 2, no answer ends by
    itself. Raises ModelError when the embedded model's package is missing.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    shape = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        initializer_range=0.5,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=pad,
        tie_word_embeddings=True,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        LlamaForCausalLM(shape).save_pretrained(folder)
    for name in ("tokenizer_config.json", "chat_template.jinja"):
        shutil.copyfile(embedded_folder() / name, folder / name)
    tokenizer = json.loads((embedded_folder() / "tokenizer.json").read_text("utf-8"))
    pieces = tokenizer["model"]
    pieces["vocab"] = {piece: number for piece, number in pieces["vocab"].items() if number < VOCABULARY}
    pieces["merges"] = [pair for pair in pieces["merges"] if "".join(pair) in pieces["vocab"]]
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), "utf-8")
    return folder
