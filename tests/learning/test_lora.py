"""What an adapter is trained on and what it then knows."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from archwright.config import TuneConfig
from archwright.errors import TuningError
from archwright.learning.lora import LoraJob, train_adapter
from archwright.learning.trainer import IGNORED, CompletionTrainer, encode_pair
from archwright.learning.tuning import adapter_digest
from archwright.llm.adapters import WEIGHTS, read_taught, with_adapter
from archwright.llm.hardware import Hardware, MixedLinear, set_product_precision
from archwright.llm.local import load_network, load_tokenizer, render_prompt
from archwright.llm.model import Prompt
from archwright.llm.pairs import Pair, make_pair

PLAIN = Hardware("cpu", torch.float32, torch.float32)
Train = Callable[..., Path]


@pytest.fixture
def train(tiny: Path, pairs: list[Pair], quick: TuneConfig, tmp_path: Path) -> Train:
    """Trains an adapter of the tiny model in this process and returns its folder."""

    def run(
        name: str = "adapter",
        taught: list[Pair] | None = None,
        init: Path | None = None,
        config: TuneConfig = quick,
        seed: int = 1,
        report: Callable[[int, int, float, float], None] = lambda *values: None,
    ) -> Path:
        job = LoraJob(
            model="tiny",
            source=str(tiny),
            init_adapter=init,
            pairs=pairs if taught is None else taught,
            config=config,
            seed=seed,
            scratch=tmp_path / "scratch",
        )
        train_adapter(job, tmp_path / name, report)
        return tmp_path / name

    return run


def loss_of(folder: Path | None, tiny: Path, pair: Pair) -> float:
    """Return the mean loss per counted token of `pair`, computed the plain way."""
    network = load_network(tiny, "tiny", PLAIN)
    model = with_adapter(network, folder) if folder else network
    row = encode_pair(load_tokenizer(tiny, "tiny"), pair)
    with torch.inference_mode():
        loss = model(input_ids=torch.tensor([row.input_ids]), labels=torch.tensor([row.labels])).loss
    return float(loss)


def test_a_taught_program_has_no_control_token(tiny: Path) -> None:
    tokenizer = load_tokenizer(tiny, "tiny")
    row = encode_pair(tokenizer, make_pair(Prompt("", "hi"), "x = '<|im_end|>'\n"))
    counted = [label for label in row.labels if label != IGNORED]
    assert [token for token in counted if token in tokenizer.all_special_ids] == [tokenizer.eos_token_id]
    assert tokenizer.decode(counted).startswith("```python\nx = '<|im_end|>'")


def test_the_loss_counts_the_completion_and_the_end_token_only(tiny: Path, pairs: list[Pair]) -> None:
    tokenizer = load_tokenizer(tiny, "tiny")
    row = encode_pair(tokenizer, pairs[0])
    prompt = render_prompt(tokenizer, pairs[0].prompt)
    assert row.input_ids[: len(prompt)] == prompt
    assert row.labels[: len(prompt)] == [IGNORED] * len(prompt)
    assert row.labels[len(prompt) :] == row.input_ids[len(prompt) :]
    assert tokenizer.decode(row.labels[len(prompt) :]) == pairs[0].completion + "<|im_end|>"


def test_a_prompt_is_rendered_by_the_models_own_template(tiny: Path, pairs: list[Pair]) -> None:
    tokenizer = load_tokenizer(tiny, "tiny")
    assert tokenizer.decode(render_prompt(tokenizer, pairs[0].prompt)) == (
        "<|im_start|>system\nYou design networks.<|im_end|>\n"
        "<|im_start|>user\nDesign a network.<|im_end|>\n<|im_start|>assistant\n"
    )


def test_the_first_loss_is_that_of_the_bare_model(train: Train, tiny: Path, pairs: list[Pair]) -> None:
    card = json.loads((train(taught=pairs[:1]) / "card.json").read_text("utf-8"))
    assert card["first_loss"] == pytest.approx(loss_of(None, tiny, pairs[0]), rel=0.02)


@pytest.mark.parametrize("batch", [1, 3])
def test_training_teaches_the_pairs(batch: int, train: Train, tiny: Path, pairs: list[Pair], quick: TuneConfig) -> None:
    folder = train(config=quick.model_copy(update={"batch": batch, "epochs": 6}))
    for pair in pairs:
        assert loss_of(folder, tiny, pair) < 0.9 * loss_of(None, tiny, pair)


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(train: Train) -> None:
    first, second, other = train("first"), train("second"), train("other", seed=2)
    assert adapter_digest(first) == adapter_digest(second) != adapter_digest(other)
    assert (first / "adapter_config.json").read_bytes() == (second / "adapter_config.json").read_bytes()


def test_a_continued_adapter_holds_what_the_earlier_one_was_taught(train: Train, tiny: Path, quick: TuneConfig) -> None:
    prompt = Prompt("", "Write.")
    old, new = make_pair(prompt, "alpha = beta\n" * 3), make_pair(prompt, "gamma(delta)\n" * 3)
    first = train("first", [old], config=quick.model_copy(update={"epochs": 8}))
    second = train("second", [new], init=first, config=quick.model_copy(update={"lr": 1e-9, "warmup_steps": 0}))
    assert loss_of(first, tiny, old) < 0.7 * loss_of(None, tiny, old)
    # A lesson that hardly changes anything must leave everything taught before in the one folder that is used next.
    assert loss_of(second, tiny, old) == pytest.approx(loss_of(first, tiny, old), rel=1e-3)
    third = train("third", [old, new], init=first, config=quick.model_copy(update={"epochs": 8}))
    for pair in (old, new):
        assert loss_of(third, tiny, pair) < 0.7 * loss_of(None, tiny, pair)
    assert json.loads((third / "card.json").read_text("utf-8"))["init_adapter"] == "first"
    assert read_taught(third) == [old.completion, new.completion]


def test_pairs_that_are_too_long_are_left_out_and_counted(
    train: Train, pairs: list[Pair], quick: TuneConfig, tiny: Path
) -> None:
    long = make_pair(pairs[0].prompt, "x = 1\n" * 100)
    limit = max(len(encode_pair(load_tokenizer(tiny, "tiny"), pair).input_ids) for pair in pairs)
    folder = train(taught=[*pairs, long], config=quick.model_copy(update={"max_length": max(64, limit)}))
    card = json.loads((folder / "card.json").read_text("utf-8"))
    assert (card["pairs"], card["left_out"]) == (3, 1)
    assert read_taught(folder) == [pair.completion for pair in pairs]


def test_nothing_short_enough_is_an_error_that_names_the_setting(
    train: Train, pairs: list[Pair], quick: TuneConfig
) -> None:
    long = make_pair(pairs[0].prompt, "x = 1\n" * 100)
    with pytest.raises(TuningError, match=r"tune\.max_length"):
        train(taught=[long], config=quick.model_copy(update={"max_length": 64}))


def test_a_continued_adapter_keeps_its_form_and_its_card_says_so(train: Train, quick: TuneConfig) -> None:
    first = train("first", config=quick.model_copy(update={"layers": 1}))
    asked = quick.model_copy(update={"rank": 8, "alpha": 1, "dropout": 0.5, "lr": 0.01})
    second = train("second", init=first, config=asked)
    settings = json.loads((second / "adapter_config.json").read_text("utf-8"))
    assert (settings["r"], settings["lora_alpha"], settings["lora_dropout"]) == (quick.rank, quick.alpha, quick.dropout)
    config = json.loads((second / "card.json").read_text("utf-8"))["config"]
    kept = {"rank": quick.rank, "alpha": quick.alpha, "dropout": quick.dropout, "layers": 1}
    assert config == asked.model_dump(mode="json") | kept


def layers_in(folder: Path) -> set[str]:
    return {name.split(".layers.")[1].partition(".")[0] for name in load_file(folder / WEIGHTS)}


def test_a_continued_adapter_keeps_its_layers(train: Train, quick: TuneConfig) -> None:
    first = train("first", config=quick.model_copy(update={"layers": 1}))
    second = train("second", init=first)
    assert layers_in(first) == layers_in(second) == {"0"}
    settings = json.loads((second / "adapter_config.json").read_text("utf-8"))
    assert settings["layers_to_transform"] == [0]


def test_weights_are_kept_in_half_precision_and_continued_in_single(
    train: Train, quick: TuneConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = train("first")
    assert {weights.dtype for weights in load_file(first / WEIGHTS).values()} == {torch.float16}
    seen = set()
    compute_loss = CompletionTrainer.compute_loss

    def watch(trainer: CompletionTrainer, model: torch.nn.Module, *rest: object, **more: object) -> torch.Tensor:
        seen.update(weights.dtype for weights in model.parameters() if weights.requires_grad)
        return compute_loss(trainer, model, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(CompletionTrainer, "compute_loss", watch)
    second = train("second", init=first, config=quick.model_copy(update={"lr": 1e-9, "warmup_steps": 0}))
    assert seen == {torch.float32}
    # Steps far below the rounding of float16 leave what was read exactly as it was.
    assert (second / WEIGHTS).read_bytes() == (first / WEIGHTS).read_bytes()


def test_a_folder_without_an_adapter_cannot_be_continued(train: Train, tmp_path: Path) -> None:
    with pytest.raises(TuningError, match="holds no adapter"):
        train(init=tmp_path)


def test_steps_are_reported_with_their_loss(train: Train, quick: TuneConfig) -> None:
    seen: list[tuple[int, int, float, float]] = []
    train(config=quick.model_copy(update={"accumulation": 2}), report=lambda *values: seen.append(values))
    assert [(step, steps) for step, steps, _, _ in seen] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert all(math.isfinite(loss) and loss > 0 and speed > 0 for _, _, loss, speed in seen)


def test_an_adapter_folder_holds_four_files_and_no_path_of_this_machine(
    train: Train, tiny: Path, tmp_path: Path
) -> None:
    folder = train()
    assert sorted(path.name for path in folder.iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "card.json",
        "taught.jsonl.gz",
    ]
    for path in folder.glob("*.json"):
        text = path.read_text("utf-8")
        assert str(tiny) not in text
        assert str(tmp_path) not in text


def test_the_card_says_how_it_was_made(train: Train, quick: TuneConfig) -> None:
    card = json.loads((train() / "card.json").read_text("utf-8"))
    assert (card["model"], card["seed"], card["pairs"], card["steps"]) == ("tiny", 1, 3, 6)
    assert card["config"] == quick.model_dump(mode="json")
    assert card["versions"]["torch"] == torch.__version__
    assert card["tokens"] > card["completion_tokens"] > 0


def test_every_linear_layer_but_the_output_is_adapted(train: Train) -> None:
    config = json.loads((train() / "adapter_config.json").read_text("utf-8"))
    assert config["target_modules"] == ["down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"]


def test_only_the_first_layers_are_adapted_where_so_many_are_asked_for(train: Train, quick: TuneConfig) -> None:
    folder = train(config=quick.model_copy(update={"layers": 1}))
    assert json.loads((folder / "adapter_config.json").read_text("utf-8"))["layers_to_transform"] == [0]
    assert layers_in(folder) == {"0"}


def test_products_run_in_their_own_precision_and_trained_weights_keep_theirs() -> None:
    network = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Linear(8, 8))
    network[0].requires_grad_(False)
    x = torch.randn(2, 8)
    expected = network(x)
    set_product_precision(network, torch.bfloat16)
    assert all(isinstance(layer, MixedLinear) for layer in network)
    assert [layer.weight.dtype for layer in network] == [torch.bfloat16, torch.float32]
    y = network(x)
    y.sum().backward()
    assert y.dtype == torch.float32
    assert torch.allclose(y, expected, atol=0.05)
    assert network[1].weight.grad is not None
    assert network[1].weight.grad.dtype == torch.float32
