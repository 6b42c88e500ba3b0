"""h5wasm, the reader within H5Web, reads every dataset without a plugin, and
what it reads adds up to what HDF5's own library reads."""
import json
import pathlib
import shutil
import subprocess
import unittest

from files import Files, skip

try:
    import h5py
    import numpy
except ImportError:
    skip("python3-h5py is missing; tools/setup test installs it")

HERE = pathlib.Path(__file__).parent
if not shutil.which("node"):
    skip("node is missing; tools/setup test installs it")
if not (HERE / "node_modules" / "h5wasm").is_dir():
    skip("h5wasm is missing; tools/setup test installs it")


def read_with_h5wasm(paths):
    """What sums.mjs prints: file -> dataset -> shape, filters and sum."""
    done = subprocess.run(["node", HERE / "sums.mjs", *paths], check=True,
                          stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def datasets(file):
    found = {}
    file.visititems(lambda _, item: found.update({item.name: item})
                    if isinstance(item, h5py.Dataset) else None)
    return found


class H5wasm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = Files()
        cls.addClassCleanup(cls.files.remove)
        cls.read = read_with_h5wasm(cls.files.paths())

    def test_is_the_version_of_the_lock_file(self):
        wanted = json.loads((HERE / "package.json").read_text())
        there = json.loads(
            (HERE / "node_modules/h5wasm/package.json").read_text())
        self.assertEqual(there["version"], wanted["dependencies"]["h5wasm"])

    def test_reads_files_of_every_kind(self):
        names = {path.name for path in self.files.paths()}
        self.assertTrue({"best.net.h5", "drawn.h5", "full.trace.h5",
                         "latest.trace.h5", "tiny.grad.h5"} <= names, names)
        self.assertEqual(len(self.read), len(self.files.paths()))

    def test_reads_all_datasets_and_the_same_numbers(self):
        for path in self.files.paths():
            with h5py.File(path) as file:
                self.same(path.name, self.read[str(path)], datasets(file))

    def same(self, name, read, wanted):
        self.assertEqual(set(read), set(wanted), name)
        for path, dataset in wanted.items():
            with self.subTest(file=name, dataset=path):
                values = dataset[()]
                size = float(numpy.abs(values.astype(float)).sum())
                self.assertEqual(tuple(read[path]["shape"]), dataset.shape)
                self.assertLessEqual(set(read[path]["filters"]), {1, 2})
                self.assertAlmostEqual(read[path]["sum"],
                                       float(values.sum(dtype=float)),
                                       delta=1e-9 * size)


if __name__ == "__main__":
    unittest.main()
