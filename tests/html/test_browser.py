"""The HTML leaderboard in a real browser, headless: `nox -s browser`.

Screenshots are left in the folder that AD_SCREENSHOTS names.
"""

import os
import shutil
from pathlib import Path

import pytest

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: nox -s browser"
)
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
WIDTHS = {"wide": 1600, "narrow": 375}


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(page, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "board.html"
    path.write_text(page, encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def visit(browser, address):
    """Open the page; at the end nothing may have been asked of the network or complained of."""
    contexts, requests, complaints = [], [], []

    def visit(scheme="light", width="wide", address=address):
        size = {"width": WIDTHS[width], "height": 900}
        context = browser.new_context(viewport=size, color_scheme=scheme)
        contexts.append(context)
        tab = context.new_page()
        tab.on("request", lambda request: requests.append(request.url))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("dialog", lambda dialog: complaints.append(dialog.message))
        tab.goto(address)
        return tab

    yield visit
    for context in contexts:
        context.close()
    assert len(requests) == len(contexts), requests
    assert complaints == []


def names(tab, table="#table-0"):
    return tab.locator(f"{table} tbody tr:visible th .name").all_text_contents()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_can_be_read(visit, scheme, width, tmp_path):
    tab = visit(scheme, width)
    assert tab.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width]
    paper, ink = tab.evaluate(
        "(() => { const style = getComputedStyle(document.body);"
        " return [style.backgroundColor, style.color].map("
        "(one) => one.match(/[0-9]+/g).map(Number)); })()"
    )
    assert abs(sum(paper) - sum(ink)) > 450
    assert (sum(paper) > sum(ink)) == (scheme == "light")
    folder = Path(os.environ.get("AD_SCREENSHOTS") or tmp_path)
    shot = folder / f"board-{scheme}-{width}.png"
    tab.screenshot(path=shot, full_page=True)
    assert shot.stat().st_size > 10_000


def test_columns_sort_both_ways_and_what_is_missing_comes_last(visit):
    tab = visit()
    header = tab.locator("#table-0 th", has_text="mean rank")
    button = header.get_by_role("button")
    before = names(tab)
    button.click()
    assert header.get_attribute("aria-sort") == "ascending"
    assert names(tab) == before
    button.press("Enter")
    assert header.get_attribute("aria-sort") == "descending"
    values = [
        one.get_attribute("data-value") for one in tab.locator("#table-0 td:nth-child(4)").all()
    ]
    assert values[-1] == "", "slow is not ranked"
    numbers = [float(one) for one in values[:-1]]
    assert numbers == sorted(numbers, reverse=True)
    other = tab.locator("#table-0 th", has_text="detector").first
    other.get_by_role("button").click()
    assert header.get_attribute("aria-sort") == "none"
    assert names(tab)[-3:] == ["hungry", "random", "slow"]


def test_filters_leave_what_matches(visit):
    tab = visit()
    search = tab.locator("input[data-rows=table-0]")
    search.fill("detector_0")
    assert len(names(tab)) == 7
    search.fill("nothing like it")
    assert names(tab) == []
    assert tab.locator("#board .none").is_visible()
    search.fill("")
    assert len(names(tab)) == 13
    tab.locator("input[data-rows=failed]").fill("oom")
    assert tab.locator("#failed tbody tr:visible").count() == 2
    tab.locator("input[data-rows=heat-0]").fill("set_03")
    assert names(tab, "#heat-0") == ["adbench/set_03"]


def test_another_metric_shows_its_own_board(visit):
    tab = visit()
    tab.select_option("#metric", label="pr_auc")
    assert tab.locator("#board h2").text_content() == "Leaderboard by pr_auc"
    assert tab.locator("#table-1").is_visible()
    assert not tab.locator("#table-0").is_visible()
    tab.select_option("#metric", label="f1")
    assert tab.get_by_text("No ranks: there is no data set").is_visible()


def test_a_cell_opens_its_runs_and_hostile_text_stays_text(visit, made):
    tab = visit()
    tab.locator("#heat-0 td.gap button", has_text="error").click()
    shown = tab.locator("#runs-dialog")
    assert shown.is_visible()
    assert tab.locator("#runs-title").text_content() == f"{made['HOSTILE']} on adbench/set_15"
    status, message = made["FAILURES"][made["HOSTILE"]]
    text = shown.text_content()
    assert text.count(f": {status}") >= 2, "two seeds"
    for part in (
        message,
        'File "numpy/linalg/_linalg.py", line 1',
        "a machine, 2 CPUs",
        "OMP_NUM_THREADS",
    ):
        assert part in text
    tab.keyboard.press("Escape")
    assert not shown.is_visible()
    tab.locator("#failed button[data-cell]").first.click()
    assert shown.is_visible()
    shown.get_by_role("button", name="Close").click()
    assert not shown.is_visible()


def test_the_heat_map_is_one_stop_and_arrows_walk_in_it(visit):
    tab = visit()
    first = tab.locator("#heat-0 td button").first
    assert tab.locator("#heat-0 button[tabindex='0']").count() == 1
    first.focus()
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowRight")
    focused = tab.evaluate("document.activeElement.dataset.cell")
    assert focused.endswith("-1")
    assert focused != first.get_attribute("data-cell")
    tab.keyboard.press("Enter")
    assert tab.locator("#runs-title").text_content().endswith("on adbench/set_01")
    assert "roc_auc" in tab.locator("#runs-body").text_content()


def test_the_stop_of_a_filtered_heat_map_is_in_what_is_left(visit):
    tab = visit()
    tab.locator("input[data-rows=heat-0]").fill("set_03")
    (stop,) = tab.locator("#heat-0 button[tabindex='0']").all()
    assert stop.is_visible()
    assert stop.get_attribute("data-cell").endswith("-3")


def test_two_hundred_detectors_on_sixty_data_sets(visit, made, tmp_path):
    from ad_core.results import to_html

    path = tmp_path / "big.html"
    path.write_text(to_html(made["records"](200, 60, 1), {"roc_auc": True}), encoding="utf-8")
    tab = visit(address=path.as_uri())
    assert len(names(tab)) == 200
    tab.locator("#table-0 th", has_text="fit s").get_by_role("button").click()
    tab.locator("#heat-0 td button").nth(5000).click()
    assert tab.locator("#runs-dialog").is_visible()
    assert tab.evaluate("document.documentElement.scrollWidth") <= WIDTHS["wide"]
