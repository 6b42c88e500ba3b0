"""A file of each kind, made with the program, for the viewers to open."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIP = 77  # what meson takes for "skipped"
EXPERIMENT = """\
seed: 3
network:
  neurons: {tau_theta: 8}
  kernel: {shape: dual_exponential, tau_m: 8, tau_s: 2, per_axon: true}
  populations:
    - {name: input, size: 20, input: true}
    - {name: hidden, size: 30}
    - {name: output, size: 20}
data:
  patterns: drawings
  drawings: {count: 3, trains: 20, ticks: 40, density: 0.03}
  train: 32
  test: 3
training:
  epochs: 1
  batch: 16
  loss:
    kind: van_rossum
    kernel: {shape: dual_exponential, tau_m: 8, tau_s: 2}
  optimiser: {kind: adamw, rate: 0.01}
"""
TICKS = 2500  # more than two of the writer's blocks, and not whole ones
SHORT = 300  # every tick is a bin of the overview
NETWORK = "runs/tiny/best.net.h5"


def skip(reason):
    """End the test as skipped, and say how it would run."""
    print(f"SKIPPED: {reason}")
    sys.exit(SKIP)


class Files:
    """A folder of files, until remove()."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ebb_viewers_"))
        try:
            self.make()
        except BaseException:
            self.remove()
            raise

    def remove(self):
        shutil.rmtree(self.folder)

    def ebb(self, *words):
        subprocess.run([os.environ["EBB"], *words], cwd=self.folder,
                       check=True, stdout=subprocess.DEVNULL)

    def make(self):
        (self.folder / "tiny.yaml").write_text(EXPERIMENT)
        events = "".join(f"{t},{t * 7 % 20}\n" for t in range(TICKS))
        (self.folder / "events.csv").write_text(events)
        self.ebb("train", "tiny.yaml")
        self.ebb("patterns", "-o", "drawn.h5", "--trains", "20", "--ticks",
                 "40", "--density", "0.03")
        self.record("full.trace.h5", "V@hidden,V,R,I@output,F@hidden:output")
        self.record("part.trace.h5", "V,R@hidden,F@input:hidden", "--every",
                    "7", "--neurons", "3:9,19")
        self.ebb("run", NETWORK, "events.csv", "--until", str(SHORT), "-o",
                 "short.trace.h5")
        self.ebb("run", NETWORK, "tiny.yaml", "--record", "all", "-o",
                 "all.trace.h5")
        self.ebb("grad", NETWORK, "all.trace.h5", "tiny.yaml", "-o",
                 "tiny.grad.h5")
        self.in_latest_format("full.trace.h5", "latest.trace.h5")

    def record(self, name, what, *options):
        self.ebb("run", NETWORK, "events.csv", "--until", str(TICKS),
                 "--record", what, *options, "-o", name)

    def in_latest_format(self, name, copy):
        """The same in HDF5's format of 1.10, as a recorder may write it."""
        subprocess.run(["h5repack", "--low=2", "--high=2", name, copy],
                       cwd=self.folder, check=True)
        with open(self.folder / copy, "rb") as file:
            superblock = file.read(9)[8]
        assert superblock == 3, f"{copy} has superblock {superblock}, not 3"

    def paths(self):
        """Every HDF5 file of the folder."""
        return sorted(self.folder.rglob("*.h5"))
