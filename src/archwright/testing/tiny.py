"""A model small enough for tests: a random Llama of two layers that loads, samples and learns in a second."""

from pathlib import Path

from archwright.llm.embedded import embedded_folder


def write_tiny_model(folder: Path, *, seed: int = 0) -> Path:
    """Write a transformers folder with random weights and the embedded model's tokenizer; return it.

    What it says makes no sense, but it answers differently to different prompts and can be taught. Give the folder as
    `llm.model`. Raises ModelError when the embedded model's package is missing.
    """
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    shape = LlamaConfig(
        vocab_size=49_152,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        initializer_range=0.5,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
        tie_word_embeddings=True,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        LlamaForCausalLM(shape).save_pretrained(folder)
    AutoTokenizer.from_pretrained(embedded_folder()).save_pretrained(folder)
    return folder
