"""The live page in a browser.

usage: test_page.py [--url URL] [--shots FOLDER] [unittest's own words]

Without a URL the page is that of the feeder ($EBB_FEEDER) with its synthetic
stream. Screenshots are kept where a folder is given.
"""
import argparse
import base64
import json
import os
import pathlib
import sys
import time
import unittest

from browser import Browser, find_chromium
from feeder import Feeder
from files import skip

if not find_chromium():
    skip("chromium is missing; tools/setup test installs it")

PHONE, DESK = (390, 844), (1440, 900)
# Pixels of a canvas that are drawn in a colour, not in grey.
COLOURED = """(canvas => {
  const {data} = canvas.getContext("2d")
    .getImageData(0, 0, canvas.width, canvas.height);
  let n = 0;
  for (let k = 0; k < data.length; k += 4) {
    const c = [data[k], data[k + 1], data[k + 2]];
    n += data[k + 3] > 0 && Math.max(...c) - Math.min(...c) > 40;
  }
  return n;
})"""
FRAMES = "Number(document.documentElement.dataset.frames || 0)"
STATE = "document.getElementById('state').dataset.state"
# A frame of few pixels: 1 is brighter, 5 darker; one layer, two classes.
SMALL = {
    "index": 10 ** 9, "t_us": 10 ** 12, "span_us": 10 ** 5, "events": 2,
    "image": {"width": 4, "height": 2, "shrink": 1,
              "pixels": base64.b64encode(bytes([1, 15, 3, 0xF0])).decode()},
    "layers": [{"name": "<b>one</b>", "n": 2, "spikes": 1, "bits": 16,
                "node": "AQA=", "dt": "AIA="}],
    "classes": {"name": ["<i>yes</i>", "no"], "probability": [0.75, None],
                "winner": 0, "confidence": 0.75},
    "work": {"synaptic_operations": 1, "neuron_updates": 2, "energy_j": None},
    "dropped": {"udp": 1, "gap": 2, "malformed": 3, "late": 4},
    "latency_s": {"p50": 0.001, "p99": None}, "realtime_ratio": None,
    "queue_depth": 5}
OPTIONS = argparse.Namespace(url=None, shots=None)


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.feeder = None
        if not OPTIONS.url:
            cls.feeder = Feeder()
            cls.addClassCleanup(cls.feeder.stop)
        cls.url = OPTIONS.url or cls.feeder.url
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.browser.complaints.clear()
        self.visit(*DESK)

    def visit(self, width, height, scheme="light"):
        self.browser.look(width, height, scheme)
        self.browser.open(self.url)
        self.frames(20)

    def frames(self, more):
        seen = self.browser.value(FRAMES)
        self.browser.wait_for(f"{FRAMES} >= {seen + more}")

    def coloured(self, selector):
        return self.browser.value(
            f"[...document.querySelectorAll('{selector}')].map({COLOURED})")

    def test_draws_without_complaint(self):
        self.frames(40)
        for selector, least in (("#image", 20), ("#lines", 200),
                                (".layer canvas", 1), (".tile canvas", 20)):
            for n in self.coloured(selector):
                self.assertGreaterEqual(n, least, selector)
        self.assertEqual(self.browser.complaints, [])

    def test_says_what_it_is_doing(self):
        self.assertEqual(self.browser.value(STATE), "live")
        before = float(self.browser.value(
            "document.getElementById('time').textContent"))
        self.frames(30)
        after = float(self.browser.value(
            "document.getElementById('time').textContent"))
        self.assertGreater(after, before)
        for name in ("ops", "power", "latency", "ratio", "drop-udp",
                     "event-rate"):
            text = self.browser.value(
                f"document.getElementById('{name}').textContent")
            self.assertRegex(text, r"\d", name)

    def test_pause_holds_the_picture(self):
        press = "document.getElementById('pause').click()"
        self.browser.value(press)
        time.sleep(0.5)
        held = self.browser.value(FRAMES)
        time.sleep(0.5)
        self.assertEqual(self.browser.value(FRAMES), held)
        self.assertEqual(self.browser.value(STATE), "paused")
        self.browser.value(press)
        self.frames(10)
        self.assertEqual(self.browser.value(STATE), "live")

    def give(self, **changes):
        """Show one frame, and nothing of the stream."""
        self.browser.value("paused || document.getElementById('pause').click()")
        self.browser.value(f"take({json.dumps(SMALL | changes)}), written = 0")
        self.browser.wait_for("!dirty && written > 0")

    def text(self, name):
        return self.browser.value(
            f"document.getElementById('{name}').textContent")

    def test_puts_pixels_where_they_belong(self):
        self.give()
        pixels = self.browser.value("""[...document.getElementById("image")
            .getContext("2d").getImageData(0, 0, 4, 2).data]""")
        brown = [k for k in range(8) if pixels[4 * k] > pixels[4 * k + 2] + 60]
        blue = [k for k in range(8) if pixels[4 * k + 2] > pixels[4 * k] + 60]
        self.assertEqual((brown, blue), ([1], [5]))

    def test_puts_spikes_where_they_belong(self):
        self.give()
        at = self.browser.value("""(() => {
            const {canvas} = layers[0], {width: w, height: h} = canvas;
            const {data} = canvas.strip.canvas.getContext("2d")
              .getImageData(0, 0, w, h);
            const found = [];
            for (let k = 0; k < w * h; k++)
              if (data[4 * k + 3] > 0) found.push([k % w, Math.floor(k / w)]);
            return {w, h, found, middle: canvas.strip.column(1e6 - 0.05)};
        })()""")
        self.assertEqual({x for x, _ in at["found"]}, {at["middle"]})
        rows = [y for _, y in at["found"]]
        self.assertLess(max(rows), at["h"] / 2)  # neuron 1 of 0 and 1: above

    def test_names_are_text_and_nothing_else(self):
        self.give()
        self.assertEqual(self.text("winner"), "<i>yes</i>")
        self.assertEqual(self.browser.value(
            "document.querySelector('.layer h3').textContent"), "<b>one</b>")
        self.assertEqual(self.browser.value(
            "document.querySelectorAll('main i i, h3 b').length"), 0)
        self.assertEqual(self.text("drop-late"), "4")

    def test_shows_what_there_is(self):
        self.give(image=None, layers=[],
                  classes={"name": [], "probability": [], "winner": None,
                           "confidence": None})
        shown = "!document.getElementById('{}').hidden"
        self.assertFalse(self.browser.value(shown.format("events")))
        self.assertFalse(self.browser.value(shown.format("class")))
        self.give()
        self.assertTrue(self.browser.value(shown.format("events")))
        self.assertTrue(self.browser.value(shown.format("class")))
        self.assertEqual(self.browser.complaints, [])

    def test_everything_has_a_name(self):
        nameless = self.browser.value(
            "[...document.querySelectorAll('canvas')].filter(c => "
            "!c.getAttribute('aria-label') && "
            "c.getAttribute('aria-hidden') !== 'true').length")
        self.assertEqual(nameless, 0)

    def test_fits_phones_and_desks_in_light_and_dark(self):
        for size in (PHONE, (768, 1024), DESK):
            for scheme in ("light", "dark"):
                with self.subTest(size=size, scheme=scheme):
                    self.visit(*size, scheme)
                    self.frames(330 if OPTIONS.shots else 5)
                    self.assertLessEqual(self.browser.value(
                        "document.documentElement.scrollWidth"), size[0])
                    self.shoot(f"{size[0]}x{size[1]}-{scheme}")

    def shoot(self, name):
        if OPTIONS.shots:
            folder = pathlib.Path(OPTIONS.shots)
            self.browser.shoot(folder / f"{name}.png")
            self.browser.shoot(folder / f"{name}-whole.png", whole=True)

    def test_follows_a_server_that_comes_back(self):
        if not self.feeder:
            self.skipTest("the server is not ours")
        self.feeder.stop()
        self.browser.wait_for(f"{STATE} === 'lost'")
        self.feeder.start()
        self.browser.wait_for(f"{STATE} === 'live'")
        self.frames(10)


class Memory(unittest.TestCase):
    def test_does_not_grow_with_frames(self):
        if OPTIONS.url:
            self.skipTest("the server is not ours")
        feeder = Feeder(rate=400, width=64, height=64)
        self.addCleanup(feeder.stop)
        browser = Browser()
        self.addCleanup(browser.close)
        browser.open(feeder.url)
        used = []
        for frames in (600, 1200):  # longer than the raster's window
            browser.wait_for(f"{FRAMES} >= {frames}")
            browser.call("HeapProfiler.collectGarbage")
            used.append(browser.call("Runtime.getHeapUsage")["usedSize"])
        self.assertLess(used[1], used[0] + 500_000, used)


def main():
    words = argparse.ArgumentParser()
    words.add_argument("--url")
    words.add_argument("--shots")
    words.parse_known_args(namespace=OPTIONS)
    _, rest = words.parse_known_args()
    if not OPTIONS.url and "EBB_FEEDER" not in os.environ:
        skip("neither --url nor $EBB_FEEDER says where the page is")
    if OPTIONS.shots:
        pathlib.Path(OPTIONS.shots).mkdir(parents=True, exist_ok=True)
    unittest.main(argv=sys.argv[:1] + rest)


if __name__ == "__main__":
    main()
