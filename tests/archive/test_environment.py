import json

from archwright import __version__
from archwright.archive.environment import LIBRARIES, describe_environment


def test_the_environment_is_json_and_names_versions_and_hardware() -> None:
    environment = describe_environment()
    assert json.loads(json.dumps(environment)) == environment
    assert environment["archwright"] == __version__
    assert environment["cores"]
    assert environment["memory_mb"]
    libraries = environment["libraries"]
    assert isinstance(libraries, dict)
    assert set(libraries) == set(LIBRARIES)
    assert libraries["torch"]
