"""The report in a real browser: headless Chromium, two widths, light and dark."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from archwright.analysis.report import write_report

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
if not (shutil.which("chromium") and shutil.which("chromedriver")):
    pytest.skip("Chromium and its driver are not installed", allow_module_level=True)

PHONE, DESK = (390, 844), (1280, 900)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator["webdriver.Chrome"]:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    profile = tmp_path_factory.mktemp("chromium")
    for word in (
        *("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "no-first-run", "disable-sync"),
        *("disable-background-networking", "disable-component-update", f"user-data-dir={profile}"),
    ):
        options.add_argument(f"--{word}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture
def page(browser: "webdriver.Chrome", full_study: Path) -> str:
    address = write_report(full_study).html.as_uri()
    browser.get_log("performance")
    browser.get(address)
    return address


def look(browser: "webdriver.Chrome", size: tuple[int, int], scheme: str) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False},
    )
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK])
def test_it_is_readable_at_every_width_and_in_both_schemes(
    browser: "webdriver.Chrome", page: str, size: tuple[int, int], scheme: str
) -> None:
    look(browser, size, scheme)

    overflow = browser.execute_script(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    back, ink = browser.execute_script(
        "const style = getComputedStyle(document.body); return [style.backgroundColor, style.color]"
    )

    assert overflow <= 0  # wide tables scroll inside their panels
    assert (brightness(back) > brightness(ink)) == (scheme == "light")
    assert abs(brightness(back) - brightness(ink)) > 400


def brightness(colour: str) -> int:
    return sum(int(word) for word in colour[colour.index("(") + 1 : -1].split(",")[:3])


def test_it_renders_without_a_word_in_the_console_and_without_a_request(browser: "webdriver.Chrome", page: str) -> None:
    requests = [
        event["params"]["request"]["url"]
        for entry in browser.get_log("performance")
        if (event := json.loads(entry["message"])["message"])["method"] == "Network.requestWillBeSent"
        and event["params"]["documentURL"] == page  # the browser's own first page may still be loading
    ]

    assert browser.get_log("browser") == []
    assert set(requests) == {page}


def test_charts_and_graphs_have_a_size_and_every_program_opens(browser: "webdriver.Chrome", page: str) -> None:
    look(browser, DESK, "light")
    browser.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")

    sizes = browser.execute_script(
        "return [...document.querySelectorAll('svg')].map(e => [e.getBoundingClientRect().width, "
        "e.getBoundingClientRect().height])"
    )

    assert len(sizes) >= 7
    assert all(width > 100 and height > 50 for width, height in sizes)
    assert browser.execute_script("return [...document.querySelectorAll('h2')].map(e => e.textContent)")[:2] == [
        "In short",
        "Curves",
    ]


def test_hostile_text_of_programs_and_prompts_stays_text(browser: "webdriver.Chrome", page: str) -> None:
    assert browser.execute_script("return document.scripts.length") == 0
    assert "<script>alert(1)</script>" in browser.execute_script("return document.body.textContent")
