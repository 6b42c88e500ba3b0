"""A headless Chromium, spoken to over a pair of pipes (DevTools protocol)."""
import base64
import fcntl
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE_S = 60


def find_chromium():
    """The program, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def high(fd):
    """The same file at a number that is not 3 or 4."""
    copy = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(fd)
    return copy


class Browser:
    """One tab. Everything that it complains of is kept in `complaints`."""

    def __init__(self):
        self.complaints = []
        self.last = 0
        self.rest = b""
        self.session = None
        self.profile = tempfile.mkdtemp(prefix="ebb_browser_")
        self.process = self.start()
        self.open_tab()

    def start(self):
        to_read, self.to = map(high, os.pipe())
        self.come, to_write = map(high, os.pipe())

        def place():
            os.dup2(to_read, 3)
            os.dup2(to_write, 4)
        flags = ["--headless=new", "--remote-debugging-pipe", "--disable-gpu",
                 "--no-first-run", "--mute-audio", "--hide-scrollbars",
                 f"--user-data-dir={self.profile}"]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")
        process = subprocess.Popen(
            [find_chromium(), *flags, "about:blank"], preexec_fn=place,
            pass_fds=(3, 4), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        return process

    def close(self):
        try:
            self.session = None
            self.call("Browser.close")
            self.process.wait(20)
        except (OSError, RuntimeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.to)
        os.close(self.come)
        shutil.rmtree(self.profile, ignore_errors=True)

    def open_tab(self):
        tab = self.call("Target.createTarget", url="about:blank")
        self.session = self.call("Target.attachToTarget", flatten=True,
                                 targetId=tab["targetId"])["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def receive(self, until):
        """The next message; None when the time is up."""
        while b"\0" not in self.rest:
            wait = until - time.monotonic()
            if wait <= 0 or not select.select([self.come], [], [], wait)[0]:
                return None
            more = os.read(self.come, 1 << 20)
            if not more:
                raise RuntimeError("the browser has gone")
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def note(self, event):
        what, said = event.get("method"), event.get("params", {})
        if what == "Runtime.exceptionThrown":
            self.complaints.append(said["exceptionDetails"])
        elif what == "Runtime.consoleAPICalled" and \
                said["type"] in ("error", "warning", "assert"):
            self.complaints.append(said["args"])
        elif what == "Log.entryAdded" and \
                said["entry"]["level"] in ("error", "warning"):
            self.complaints.append(said["entry"])

    def call(self, method, **params):
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + PATIENCE_S
        while (answer := self.receive(until)) is not None:
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.note(answer)
        raise RuntimeError(f"{method}: no answer in {PATIENCE_S} s")

    def value(self, expression):
        """What an expression of the page's is."""
        done = self.call("Runtime.evaluate", expression=expression,
                         returnByValue=True)
        if "exceptionDetails" in done:
            raise RuntimeError(f"{expression}: {done['exceptionDetails']}")
        return done["result"].get("value")

    def wait_for(self, expression):
        """Until an expression is true."""
        until = time.monotonic() + PATIENCE_S
        while not self.value(expression):
            if time.monotonic() > until:
                raise RuntimeError(f"never true: {expression}")
            time.sleep(0.1)

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete'")

    def look(self, width, height, scheme="light", scale=1):
        """The size of the window, and whether people want it dark."""
        self.call("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=scale,
                  mobile=width < 640)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme}])

    def shoot(self, path, whole=False):
        """A picture of the window, or of the whole page."""
        shot = self.call("Page.captureScreenshot", format="png",
                         captureBeyondViewport=whole)
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))
