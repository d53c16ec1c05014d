import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

RECIPES = Path(__file__).parents[2] / "recipes"


@pytest.fixture(scope="module")
def load_recipe() -> Iterator[Callable[[str], ModuleType]]:
    """Load a recipe by its name, as a script is: recipes import one another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(RECIPES))

        def load(name: str) -> ModuleType:
            spec = importlib.util.spec_from_file_location(f"{name}_recipe", RECIPES / f"{name}.py")
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            patch.setitem(sys.modules, module.__name__, module)  # for its dataclasses
            spec.loader.exec_module(module)
            return module

        yield load


@pytest.fixture(scope="module")
def recipe(request: pytest.FixtureRequest, load_recipe: Callable[[str], ModuleType]) -> ModuleType:
    """The recipe that the test module is named after."""
    return load_recipe(request.path.stem.removeprefix("test_"))
