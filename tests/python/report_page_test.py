"""The report page in a browser: it draws, sorts, filters, shows a clicked layer, changes its theme, and logs no error."""

import json
import re
import shutil
import subprocess
from html import unescape

import numpy as np
import pytest

import mxsim

BROWSER = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium (scripts/install-deps browser)")

LISTENER = """<script>window.faults = [];
window.addEventListener("error", (event) => faults.push(event.message));
for (const kind of ["error", "warn"]) console[kind] = (...parts) => faults.push(parts.join(" "));
window.addEventListener("securitypolicyviolation", (event) => faults.push(`policy: ${event.blockedURI}`));
</script>"""


def outcome(page, tmp_path, actions):
    """What the JavaScript function body `actions` returns at the end of the page."""
    text = page.read_text(encoding="utf-8")
    text = text.replace("<head>", "<head>" + LISTENER, 1)
    script = ("<script>window.addEventListener('load', () => { let result; try { result = (() => {" + actions + "})(); } "
              "catch (error) { faults.push(String(error)); } const out = document.createElement('pre'); out.id = 'outcome'; "
              "out.textContent = JSON.stringify({ result, faults }); document.body.append(out); });</script></body>")
    head, tail = text.rsplit("</body>", 1)
    test = tmp_path / "test.html"
    test.write_text(head + script + tail, encoding="utf-8")
    done = subprocess.run(
        [BROWSER, "--no-sandbox", "--disable-gpu", "--window-size=1200,2000", "--virtual-time-budget=10000", "--dump-dom", test.as_uri()],
        capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'<pre id="outcome">(.*?)</pre>', done.stdout, re.S)
    assert found, done.stderr[-2000:]
    answer = json.loads(unescape(found.group(1)))
    assert answer["faults"] == []
    return answer["result"]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    run = {"chip": "tiny-8x8", "workload": "tiny_cnn", "mode": "train", "batch": 2, "formats": {"default": "mxsf"}}
    mxsim.compare(run, ["bf16", "mxsf", "mxint8"], out=folder / "compare")
    mxsim.run(run, out=folder / "run", timeline=folder / "run" / "timeline.json")
    mxsim.explore("tiny_cnn", out=folder / "front").run()
    generator = np.random.default_rng(1)
    labels = generator.integers(0, 10, 96).astype(np.uint8)
    images = generator.normal(size=(96, 1, 28, 28)).astype(np.float32)
    mxsim.train("lenet5_28_train", (images[:64], labels[:64], images[64:], labels[64:]), formats=["bf16", "mxsf"], epochs=2, batch=32,
                out=folder / "training")
    return mxsim.report(folder / "compare", folder / "run", folder / "front", folder / "training", out=folder / "report.html")


def test_every_section_draws(page, tmp_path):
    found = outcome(page, tmp_path, """
        return { sections: [...document.querySelectorAll("section")].map((part) => part.id), charts: charts.length,
                 empty: charts.filter((made) => !made.data.datasets.some((set) => set.data.length)).length,
                 blank: [...document.querySelectorAll("canvas")].filter((canvas) => !canvas.width || !canvas.height).length,
                 links: [...document.querySelectorAll("nav a")].every((link) => document.querySelector(link.getAttribute("href"))) };""")
    assert found["sections"] == ["headline", "layers", "roofline", "units", "memory", "hypervolume-1", "points-1", "timeline-1",
                                 "training-1", "assumptions"] or set(found["sections"]) == {
        "headline", "layers", "roofline", "units", "memory", "hypervolume-1", "points-1", "timeline-1", "training-1", "assumptions"}
    assert found["charts"] >= 11 and found["empty"] == 0 and found["blank"] == 0 and found["links"]


def test_layers_are_sorted_filtered_and_shown(page, tmp_path):
    found = outcome(page, tmp_path, """
        const part = document.getElementById("layers");
        const rows = () => [...part.querySelectorAll("table tbody")][0].rows;
        const cells = (column) => [...rows()].map((row) => row.cells[column].textContent);
        const all = rows().length;
        const sorted = cells(2).map((text) => Number(text.replaceAll(",", "")));
        part.querySelectorAll("thead button")[0].click();
        const names = cells(0);
        const filter = document.getElementById("layer-filter");
        filter.value = "conv1"; filter.dispatchEvent(new Event("input"));
        const named = cells(0);
        const pass = part.querySelectorAll("select")[1];
        pass.value = "backward_weight"; pass.dispatchEvent(new Event("change"));
        const passes = cells(1);
        rows()[0].dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
        const details = document.getElementById("layer-details");
        return { all, sorted, names, named, passes, chosen: rows()[0].className, hidden: details.hidden, text: details.textContent };""")
    with open(page, encoding="utf-8") as file:
        text = re.search(r'id="results">(.*?)</script>', file.read(), re.S).group(1)
    first = json.loads(text)["documents"][0]["data"]["runs"][0]["report"]["layers"]
    assert found["all"] == len(first)
    assert found["sorted"] == sorted((layer["cycles"] for layer in first), reverse=True)
    assert found["names"] == sorted(found["names"], key=str.lower) or len(found["names"]) == len(first)
    assert found["named"] and all("conv1" in name for name in found["named"])
    assert set(found["passes"]) == {"backward weight"}
    assert found["chosen"] == "chosen" and not found["hidden"]
    assert "Mapping" in found["text"] and "loop order" in found["text"] and "lower bound" in found["text"]


def test_the_front_follows_the_chosen_columns_and_the_timeline_zooms(page, tmp_path):
    found = outcome(page, tmp_path, """
        const points = document.getElementById("points-1");
        const before = document.getElementById("front-1").textContent;
        const y = points.querySelectorAll("select")[1];
        y.value = [...y.options].find((option) => option.textContent === "area mm2").value;
        y.dispatchEvent(new Event("change"));
        const front = [...points.querySelectorAll("tbody tr")].filter((row) => row.cells[1].textContent === "front").length;
        const label = document.getElementById("timeline-1-window");
        const whole = label.textContent;
        document.querySelector("#timeline-1 [aria-label='zoom in']").click();
        const made = charts.find((each) => each.canvas.getAttribute("aria-label") === "Units over time");
        const width = made.options.scales.x.max - made.options.scales.x.min;
        return { before, after: document.getElementById("front-1").textContent, front, whole, zoomed: label.textContent, width,
                 bars: made.data.datasets.reduce((sum, set) => sum + set.data.length, 0) };""")
    assert re.match(r"\d+ of \d+ points on the front", found["before"])
    assert found["after"].startswith(f"{found['front']} of ")
    assert found["whole"] != found["zoomed"] and found["width"] > 0 and found["bars"] > 10


def test_the_theme_changes_charts_and_page(page, tmp_path):
    found = outcome(page, tmp_path, """
        const look = () => [document.documentElement.dataset.theme, Chart.defaults.color, getComputedStyle(document.body).backgroundColor];
        const before = look(); document.getElementById("theme").click(); return { before, after: look() };""")
    assert all(a != b for a, b in zip(found["before"], found["after"]))
