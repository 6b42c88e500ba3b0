"""The live page of `ebb serve` in a browser, while `ebb play` plays a clip of
an event camera to it: DVS128 Gesture's where it is beside the source tree, else
a bar that moves.

usage: test_served.py [--shots FOLDER] [unittest's own words]
"""
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

from browser import find_chromium
from files import skip
import test_page

EBB = os.environ["EBB"]
SOURCE = pathlib.Path(__file__).resolve().parents[2]
CLIPS = SOURCE.parent / "shared/data/dvs128-gesture-clips"
EXPERIMENT = """
seed: 1
network:
  neurons: {lambda: 0, tau_theta: 4, v_th: 0.1}
  kernel: {shape: dual_exponential, tau_m: 4, tau_s: 1, input_lag: 0}
  input: [2, 128, 128]
  layers: 8C7s4p3-8C3s2p1-2
data: {dataset: clips.data.h5}
training:
  epochs: 6
  batch: 2
  loss: {kind: rate}
  optimiser: {kind: adam, rate: 0.01}
"""


def draw_bar(path, down):
    """A bar that moves over the sensor in a second, down or to the right."""
    chance = random.Random(down)
    lines = ["# geometry:128,128", "t,x,y,p"]
    for t in range(0, 1_000_000, 1000):
        edge = t * 128 // 1_000_000
        for back in (0, 6):
            for _ in range(12):
                along, across = chance.randrange(30, 98), max(edge - back, 0)
                x, y = (along, across) if down else (across, along)
                lines.append(f"{t + chance.randrange(900)},{x},{y},{back == 0:d}")
    path.write_text("\n".join(lines) + "\n")


class Served(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def ebb(self, *words):
        done = subprocess.run([EBB, *map(str, words)], cwd=self.folder,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def clips(self):
        if (CLIPS / "2.bs2").exists():
            return CLIPS / "1.bs2", CLIPS / "2.bs2"
        both = self.folder / "right.csv", self.folder / "down.csv"
        for down, path in enumerate(both):
            draw_bar(path, down)
        return both

    def learn(self):
        clips = self.clips()
        (self.folder / "clips.txt").write_text(
            "".join(f"{path} {k}\n" for k, path in enumerate(clips)))
        (self.folder / "clips.yaml").write_text(EXPERIMENT)
        self.ebb("dataset", "clips.txt", "-o", "clips.data.h5", "--tick",
                 "10ms", "--ticks", 100, "--once", "--width", 128,
                 "--height", 128)
        self.ebb("train", "clips.yaml", "-o", "run")
        return clips

    def serve(self):
        """Addresses of events and of the page."""
        server = subprocess.Popen(
            [EBB, "serve", "run/checkpoint.net.h5", "--listen",
             "udp://127.0.0.1:0", "--http", "0", "--classes", "clap,wave"],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        self.server = server
        self.addCleanup(self.stop, server)
        said = ""
        while "ready" not in said:
            line = server.stderr.readline()
            self.assertNotEqual(line, "", said)
            said += line
        return (re.search(r"udp://\S+", said)[0],
                re.search(r"http://\S+", said)[0])

    @staticmethod
    def stop(process):
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=30)

    def test_page_shows_a_clip_that_is_played(self):
        clip = self.learn()[1]
        events, page = self.serve()
        player = subprocess.Popen(
            [EBB, "play", clip, "--to", events, "--loop", "100000"],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.stop, player)
        test_page.OPTIONS.url = page
        names = ["test_draws_without_complaint", "test_says_what_it_is_doing",
                 "test_fits_phones_and_desks_in_light_and_dark"]
        suite = unittest.TestSuite(test_page.Page(name) for name in names)
        result = unittest.TextTestRunner(stream=sys.stderr).run(suite)
        self.assertTrue(result.wasSuccessful())
        self.assertEqual(result.testsRun, len(names))
        self.assertIsNone(player.poll())
        self.assertIsNone(self.server.poll())


def main():
    if not find_chromium():
        skip("chromium is missing; tools/setup test installs it")
    rest = sys.argv[1:]
    if rest[:1] == ["--shots"]:
        test_page.OPTIONS.shots = rest[1]
        pathlib.Path(rest[1]).mkdir(parents=True, exist_ok=True)
        rest = rest[2:]
    unittest.main(argv=sys.argv[:1] + rest)


if __name__ == "__main__":
    main()
