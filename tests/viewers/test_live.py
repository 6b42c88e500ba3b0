"""The stream of the live page is what its header says: whole events, JSON, and
arrays that unpack to what is in the frame."""
import base64
import http.client
import json
import os
import struct
import unittest
import urllib.parse

from feeder import Feeder
from files import skip

if "EBB_FEEDER" not in os.environ:
    skip("$EBB_FEEDER does not say where the feeder is")

FRAMES = 40


def listen(url):
    connection = http.client.HTTPConnection(urllib.parse.urlparse(url).netloc,
                                            timeout=30)
    connection.request("GET", "/live")
    return connection.getresponse()


def read_event(stream):
    """Fields of the next event that has any; comments are passed over."""
    fields = {}
    while True:
        line = stream.readline().decode()
        if not line:
            raise EOFError("the stream has ended")
        line = line.rstrip("\n")
        if not line and fields:
            return fields
        if line and not line.startswith(":"):
            name, value = line.split(": ", 1)
            fields[name] = value


def frames(url, n):
    stream = listen(url)
    assert read_event(stream) == {"retry": "1000"}
    for _ in range(n):
        event = read_event(stream)
        assert event["event"] == "frame", event
        frame = json.loads(event["data"])
        assert str(frame["index"]) == event["id"]
        yield frame
    stream.close()


def pixels(image):
    """Pixel -> (on, off)."""
    data = base64.b64decode(image["pixels"], validate=True)
    found, at, k = {}, -1, 0
    while k < len(data):
        gap = shift = 0
        while True:
            gap |= (data[k] & 127) << shift
            shift += 7
            k += 1
            if data[k - 1] < 128:
                break
        at += gap + 1
        found[at] = (data[k] & 15, data[k] >> 4)
        k += 1
    return found


def numbers(text, letter):
    data = base64.b64decode(text, validate=True)
    return struct.unpack(f"<{len(data) // struct.calcsize(letter)}{letter}",
                         data)


class Live(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.feeder = Feeder(rate=100)
        cls.frames = list(frames(cls.feeder.url, FRAMES))
        cls.ended = cls.feeder.stop()

    def test_the_server_ends_well(self):
        self.assertEqual(self.ended, 0)

    def test_frames_come_in_order_without_gaps(self):
        first = self.frames[0]
        for k, frame in enumerate(self.frames):
            self.assertEqual(frame["index"], first["index"] + k)
            self.assertEqual(frame["t_us"],
                             first["t_us"] + k * frame["span_us"])

    def test_pixels_add_up_to_the_events(self):
        for frame in self.frames:
            image = frame["image"]
            self.assertEqual((image["width"], image["height"]), (128, 128))
            self.assertEqual(image["shrink"], 1)
            found = pixels(image)
            self.assertLess(max(found), 128 * 128)
            self.assertEqual(sum(map(sum, found.values())), frame["events"])

    def test_input_spikes_are_the_pixels(self):
        for frame in self.frames:
            layer = frame["layers"][0]
            self.assertEqual((layer["name"], layer["n"], layer["bits"]),
                             ("input", 2 * 128 * 128, 16))
            seen = {}
            for node in numbers(layer["node"], "H"):
                on, off = seen.get(node // 2, (0, 0))
                seen[node // 2] = (on + node % 2, off + 1 - node % 2)
            self.assertEqual(seen, pixels(frame["image"]))

    def test_layers_have_as_many_times_as_nodes(self):
        for frame in self.frames:
            names = [layer["name"] for layer in frame["layers"]]
            self.assertEqual(names, ["input", "hidden1", "hidden2", "output"])
            for layer in frame["layers"]:
                nodes = numbers(layer["node"], "H")
                self.assertEqual(len(nodes), layer["spikes"])
                self.assertEqual(len(numbers(layer["dt"], "H")), len(nodes))
                self.assertTrue(all(node < layer["n"] for node in nodes))

    def test_the_winner_is_the_most_probable(self):
        for frame in self.frames:
            classes = frame["classes"]
            best = max(classes["probability"])
            self.assertAlmostEqual(sum(classes["probability"]), 1, places=6)
            self.assertEqual(len(classes["name"]), 11)
            self.assertEqual(classes["probability"][classes["winner"]], best)
            self.assertEqual(classes["confidence"], best)

    def test_a_frame_of_128_by_128_pixels_is_small(self):
        sizes = [len(json.dumps(frame)) for frame in self.frames]
        self.assertLess(max(sizes), 16384)


if __name__ == "__main__":
    unittest.main()
