"""8-bit products: near the ones in float, and of every row alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from archwright.config import LlmConfig
from archwright.errors import ModelError, UsageError
from archwright.llm import local
from archwright.llm.adapters import shipped_adapter, with_new_adapter
from archwright.llm.embedded import EMBEDDED_NAME
from archwright.llm.hardware import Hardware
from archwright.llm.int8 import Int8Linear, has_int8, set_int8_products
from archwright.llm.local import LocalModel, load_tokenizer, render_prompt
from archwright.llm.model import Decoding, FinishReason, Prompt
from archwright.llm.registry import check_model
from archwright.llm.sampling import sample
from archwright.prompts import DUAL_TASK_SPECS, render_full
from archwright.task import Budget
from archwright.testing.models import LanguageModelContract

PLAIN = Hardware("cpu", torch.float32, torch.float32)
SAMPLED = Decoding(temperature=1.0, top_k=50, top_p=0.95, max_new_tokens=10)
needs_int8 = pytest.mark.skipif(not has_int8(), reason="8-bit products need an x86 CPU and no GPU")


@pytest.fixture(scope="module")
def model(tiny_folder: Path) -> Iterator[LocalModel]:
    model = LocalModel(tiny_folder, name="tiny", batch=4, hardware=PLAIN, engine="int8")
    yield model
    model.close()


@needs_int8
class TestContract(LanguageModelContract):
    @pytest.fixture
    def model(self, model: LocalModel) -> LocalModel:
        return model


def products(linear: nn.Linear, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    with torch.inference_mode():
        return linear(rows), Int8Linear(linear)(rows)


@needs_int8
def test_products_are_near_those_in_float_with_bias_and_outliers() -> None:
    torch.manual_seed(0)
    rows = torch.randn(2, 5, 64)
    rows[0, 0, 3] = 1e4  # The first token of a chat reaches this far.
    exact, rounded = products(nn.Linear(64, 32), rows)
    error = (rounded - exact).norm(dim=-1) / exact.norm(dim=-1)
    assert rounded.shape == exact.shape
    assert float(error.max()) < 0.05


@needs_int8
def test_a_row_is_the_same_whatever_its_neighbours() -> None:
    torch.manual_seed(0)
    layer = Int8Linear(nn.Linear(64, 32, bias=False))
    rows = torch.randn(9, 64) * torch.logspace(-3, 3, 9)[:, None]
    together = layer(rows)
    assert all(torch.equal(layer(rows[place : place + 1])[0], together[place]) for place in range(9))


@needs_int8
def test_a_long_prompt_takes_nothing_from_its_neighbours(model: LocalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    short, long = Prompt("", "Say hello."), Prompt("", "Say hello. " * 20)
    alone = [model.complete([prompt], SAMPLED, [1])[0] for prompt in (short, long)]
    assert model._network is not None
    monkeypatch.setattr(model._network.config, "max_position_embeddings", alone[1].prompt_tokens)
    beside = model.complete([long, short], SAMPLED, [1, 1])
    assert [each.finish_reason is FinishReason.REFUSED for each in beside] == [True, False]
    assert beside[1].text == alone[0].text


@needs_int8
def test_nothing_comes_of_nothing() -> None:
    assert not Int8Linear(nn.Linear(8, 4, bias=False))(torch.zeros(2, 8)).any()


@needs_int8
def test_extreme_products_do_not_spill() -> None:
    linear = nn.Linear(512, 4, bias=False)
    nn.init.ones_(linear.weight)
    exact, rounded = products(linear, torch.full((3, 512), 7.0))
    torch.testing.assert_close(rounded, exact)


@needs_int8
def test_an_answer_is_that_of_its_seed_alone_and_in_company(model: LocalModel) -> None:
    prompts = [Prompt("", "Say hello."), Prompt("Be kind.", "Say something else, please."), Prompt("", "Say hello.")]
    together = [each.text for each in model.complete(prompts, SAMPLED, [5, 6, 7])]
    alone = [model.complete([prompt], SAMPLED, [seed])[0].text for prompt, seed in zip(prompts, (5, 6, 7), strict=True)]
    assert together == alone
    assert len(set(together)) == 3


@needs_int8
def test_a_lesson_is_merged_before_weights_are_rounded(tiny_folder: Path, tmp_path: Path) -> None:
    from peft import LoraConfig

    model = LocalModel(tiny_folder, name="tiny", hardware=PLAIN, engine="int8")
    torch.manual_seed(1)
    network = local.load_network(tiny_folder, "tiny", PLAIN)
    lora = LoraConfig(r=4, lora_alpha=64, target_modules="all-linear", init_lora_weights=False)
    with_new_adapter(network, lora).save_pretrained(str(tmp_path))
    bare = model.complete([Prompt("", "Say hello.")], SAMPLED, [1])[0].text
    model.use_adapter("first", tmp_path)
    assert model.complete([Prompt("", "Say hello.")], SAMPLED, [1])[0].text != bare
    assert model._network is not None
    kinds = {type(layer) for layer in model._network.modules()}
    assert Int8Linear in kinds
    assert nn.Linear not in kinds


def test_a_machine_without_8_bit_products_says_what_to_do(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "has_int8", lambda: False)
    with pytest.raises(ModelError, match=r"llm\.engine"):
        LocalModel(tiny_folder, name="tiny", hardware=PLAIN, engine="int8")


def test_a_server_takes_no_engine() -> None:
    with pytest.raises(UsageError, match="engine of its own"):
        check_model(LlmConfig(model="openai:http://localhost:1/v1#m", engine="int8"))


@needs_int8
@pytest.mark.slow
def test_the_embedded_model_says_nearly_the_same(embedded: Path) -> None:
    tokenizer = load_tokenizer(embedded, EMBEDDED_NAME)
    adapter = shipped_adapter(EMBEDDED_NAME)
    assert adapter is not None
    networks = []
    for engine in ("transformers", "int8"):
        model = LocalModel(embedded, name=EMBEDDED_NAME, hardware=PLAIN, engine=engine)
        model.use_adapter("shipped", adapter)
        networks.append(model._network)
    exact, rounded = networks
    assert exact is not None
    assert rounded is not None
    # What it was taught to answer: 99 % agree here; of prompts it does not know, fewer than 95 %.
    cifar10 = next(spec for spec in DUAL_TASK_SPECS if spec.name == "cifar10")
    prompt = render_prompt(tokenizer, render_full(cifar10, Budget(), "compact"))
    greedy = Decoding(0.0, 0, 1.0, 128)
    answer = sample(exact, [prompt], [0], greedy, frozenset({tokenizer.eos_token_id}), lambda tokens: False)[0].tokens
    with torch.inference_mode():
        tokens = torch.tensor([prompt + answer])
        said = [network(tokens).logits[0, len(prompt) - 1 : -1].argmax(-1) for network in (exact, rounded)]
    assert float((said[0] == said[1]).float().mean()) > 0.95


def test_only_plain_linear_layers_are_replaced() -> None:
    if not has_int8():
        pytest.skip("8-bit products need an x86 CPU and no GPU")
    network = nn.Sequential(nn.Embedding(4, 8), nn.Linear(8, 8), nn.LayerNorm(8))
    set_int8_products(network)
    assert [type(layer) for layer in network] == [nn.Embedding, Int8Linear, nn.LayerNorm]
