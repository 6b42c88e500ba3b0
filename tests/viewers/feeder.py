"""The test program that serves the live page of a synthetic stream."""
import os
import subprocess
import urllib.parse


class Feeder:
    """Serves until stop(); start() again is at the same address."""

    def __init__(self, rate=30, width=128, height=128):
        self.words = [str(word) for word in (rate, width, height)]
        self.port = "0"
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [os.environ["EBB_FEEDER"], *self.words, self.port],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        self.port = str(urllib.parse.urlparse(self.url).port)

    def stop(self):
        """How it ended; 0 is well."""
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(20)
        self.process.stdout.close()
        return self.process.returncode
