"""In which precision a CPU multiplies."""

from collections.abc import Mapping
from typing import Any

import pytest
import torch

from archwright.llm import hardware

AVX512 = {"architecture": "x86_64", "avx512_f": True}


@pytest.mark.parametrize(
    ("cpu", "products"),
    [
        (AVX512 | {"cpu_name": "Intel Xeon", "avx512_bf16": True, "amx_bf16": True}, torch.bfloat16),
        (AVX512 | {"cpu_name": "AMD EPYC", "avx512_bf16": True, "amx_bf16": False}, torch.bfloat16),
        (AVX512 | {"cpu_name": "Intel Xeon", "avx512_bf16": True, "amx_bf16": False}, torch.float32),
        (AVX512 | {"cpu_name": "AMD EPYC", "avx512_bf16": False, "amx_bf16": False}, torch.float32),
        ({"architecture": "arm64"}, torch.float32),
    ],
)
def test_products_are_in_bfloat16_only_where_that_is_faster(
    cpu: Mapping[str, Any], products: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: cpu)
    assert hardware.detect_hardware() == hardware.Hardware("cpu", torch.float32, products)


@pytest.mark.skipif(torch.cpu.get_capabilities()["architecture"] != "x86_64", reason="units of x86")
def test_torch_still_names_the_units_by_which_we_choose() -> None:
    assert {"cpu_name", "avx512_bf16", "amx_bf16"} <= torch.cpu.get_capabilities().keys()
