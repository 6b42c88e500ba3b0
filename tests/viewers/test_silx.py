"""silx shows a trace: its overview first, and every state as NXdata."""
import unittest

from files import Files, SHORT, TICKS, skip

try:
    import h5py
    import numpy
    from silx.io import nxdata
except ImportError:
    skip("python3-silx is missing; tools/setup test installs it")

HIDDEN, OUTPUT, CHANNELS = 30, 20, 20
ALL = numpy.arange(TICKS)
SOME = numpy.arange(0, TICKS, 7)
FEW = [3, 4, 5, 6, 7, 8, 19]
# The width of a bin is a power of two, the least with at most 2000 bins.
BINS = -(-TICKS // 2)
# What was recorded: neurons and ticks of each state.
FULL = {"hidden/V": (range(HIDDEN), ALL), "output/V": (range(OUTPUT), ALL),
        "output/R": (range(OUTPUT), ALL), "output/I": (range(OUTPUT), ALL),
        "hidden_output/F": (range(HIDDEN), ALL)}
RECORDED = {"full.trace.h5": FULL, "latest.trace.h5": FULL,
            "part.trace.h5": {"hidden/V": (FEW, SOME), "hidden/R": (FEW, SOME),
                              "input_hidden/F": (FEW, SOME)}}


class Silx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = Files()
        cls.addClassCleanup(cls.files.remove)

    def each(self):
        for name, states in RECORDED.items():
            with h5py.File(self.files.folder / name) as file:
                yield file, states

    def test_opens_at_the_overview(self):
        for file, _ in self.each():
            data = nxdata.get_default(file)
            self.assertIsNotNone(data)
            self.assertEqual(data.issues, [])
            self.assertTrue(data.is_valid)
            self.assertTrue(data.is_image)
            self.assertEqual(data.group.name, "/entry/overview")
            self.assertEqual(data.signal_name,
                             "rate (spikes per neuron and tick)")
            self.assertEqual(data.axes_dataset_names, ["neuron", "tick"])
            self.assertEqual(data.signal.shape,
                             (CHANNELS + HIDDEN + OUTPUT, BINS))

    def test_overview_counts_every_spike(self):
        for file, _ in self.each():
            spikes = sum(len(train["ticks"])
                         for train in file["spikes"].values())
            rate = nxdata.get_default(file).signal
            cell = 1 * TICKS / rate.shape[1]  # neurons times ticks
            self.assertAlmostEqual(rate[()].sum(dtype=float) * cell, spikes, 2)
            self.assertGreater(spikes, TICKS)

    def test_a_short_overview_is_the_raster(self):
        with h5py.File(self.files.folder / "short.trace.h5") as file:
            raster = numpy.zeros((CHANNELS + HIDDEN + OUTPUT, SHORT))
            first = {"input": 0, "hidden": CHANNELS,
                     "output": CHANNELS + HIDDEN}
            for name, train in file["spikes"].items():
                raster[first[name] + train["node_ids"][()].astype(int),
                       train["ticks"][()]] += 1
            rate = nxdata.get_default(file).signal
            self.assertTrue(numpy.array_equal(rate, raster))

    def test_every_state_is_a_group_of_lines(self):
        for file, states in self.each():
            for name, (neurons, ticks) in states.items():
                data = nxdata.NXdata(file["entry"][name])
                self.assertEqual(data.issues, [], name)
                self.assertTrue(data.is_valid, name)
                self.assertEqual(data.interpretation, "spectrum")
                self.assertEqual(data.signal_dataset_name, name[-1])
                self.assertEqual(data.axes_dataset_names, ["neuron", "tick"])
                self.assertEqual(data.signal.shape, (len(neurons), len(ticks)))
                self.assertEqual(list(data.axes[0]), list(neurons))
                self.assertTrue(numpy.array_equal(data.axes[1], ticks))
                self.assertTrue(numpy.isfinite(data.signal[()]).all())

    def test_nothing_else_is_recorded(self):
        for file, states in self.each():
            found = {f"{place}/{state}" for place in file["entry"]
                     for state in file["entry"][place] if len(state) == 1}
            self.assertEqual(found, set(states))

    def test_the_latest_format_holds_the_same(self):
        with h5py.File(self.files.folder / "full.trace.h5") as one, \
                h5py.File(self.files.folder / "latest.trace.h5") as other:
            for name in FULL:
                a, b = (file["entry"][name][name[-1]][()]
                        for file in (one, other))
                self.assertTrue(numpy.array_equal(a, b), name)


if __name__ == "__main__":
    unittest.main()
