"""The live page in a browser.

usage: test_page.py [--url URL] [--shots FOLDER] [unittest's own words]

Without a URL the page is that of the feeder ($EBB_FEEDER) with its synthetic
stream. Screenshots are kept where a folder is given.
"""
import argparse
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
