"""Every HDF5 file keeps the rules by which H5Web, silx and HDFView show it.

Types that all of them know, filters that need no plugin, links that all can
follow, and NXdata as NeXus wants it. What a viewer itself makes of the files
is for test_silx.py and test_h5wasm.py.
"""
import unittest

from files import Files, skip

try:
    import h5py
except ImportError:
    skip("python3-h5py is missing; tools/setup test installs it")

DEFLATE_AND_SHUFFLE = {1, 2}
LARGEST_CHUNK = 1 << 20
LARGEST_ATTRIBUTE = 1 << 16
TEXT_ATTRIBUTES = ("NX_class", "default", "signal", "interpretation", "units",
                   "long_name", "format", "target")


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def links(group, path=""):
    """Path and link of everything in a file, each once."""
    for name in group:
        yield f"{path}/{name}", group.get(name, getlink=True)
        if isinstance(group[name], h5py.Group):
            yield from links(group[name], f"{path}/{name}")


def type_problem(type_id):
    """What is wrong with a type, or nothing."""
    kind = type_id.get_class()
    size = type_id.get_size()
    if kind == h5py.h5t.STRING:
        return "" if not type_id.is_variable_str() else "text of no length"
    if kind == h5py.h5t.INTEGER and size in (1, 2, 4, 8):
        little = type_id.get_order() == h5py.h5t.ORDER_LE or size == 1
        return "" if little else "big-endian"
    if kind == h5py.h5t.FLOAT and size in (4, 8):
        return "" if type_id.get_order() == h5py.h5t.ORDER_LE else "big-endian"
    return f"class {kind} of {size} bytes"


def filters(dataset):
    plan = dataset.id.get_create_plist()
    return {plan.get_filter(k)[0] for k in range(plan.get_nfilters())}


def dataset_problems(dataset):
    yield type_problem(dataset.id.get_type())
    if not filters(dataset) <= DEFLATE_AND_SHUFFLE:
        yield f"filters {filters(dataset)}"
    if dataset.id.get_create_plist().get_external_count():
        yield "stored outside of the file"
    if dataset.is_virtual:
        yield "virtual"
    if dataset.chunks:
        size = dataset.dtype.itemsize
        for side in dataset.chunks:
            size *= side
        if size > LARGEST_CHUNK:
            yield f"chunks of {size} bytes"


def attribute_problems(item):
    for name in item.attrs:
        attribute = item.attrs.get_id(name)
        yield type_problem(attribute.get_type())
        if attribute.get_storage_size() >= LARGEST_ATTRIBUTE:
            yield f"@{name} is too large"
        if name in TEXT_ATTRIBUTES and (
                attribute.shape != () or
                attribute.get_type().get_class() != h5py.h5t.STRING):
            yield f"@{name} is no scalar text"


def axis_problems(group, name, length):
    if name == ".":
        return
    axis = group.get(name)
    if "/" in name or not isinstance(axis, h5py.Dataset):
        yield f"axis '{name}' is no dataset of the group"
    elif axis.ndim != 1 or axis.dtype.kind not in "iuf":
        yield f"axis '{name}' is no list of numbers"
    elif axis.shape[0] not in (length, length + 1):
        yield f"axis '{name}' has {axis.shape[0]} values for {length}"
    elif not {"long_name", "units"} <= set(axis.attrs):
        yield f"axis '{name}' does not say what it is"


def nxdata_problems(group):
    name = text(group.attrs.get("signal", ""))
    signal = group.get(name) if name and "/" not in name else None
    if not isinstance(signal, h5py.Dataset):
        yield f"signal '{name}' is no dataset of the group"
        return
    if signal.dtype.kind not in "iuf":
        yield f"signal '{name}' holds no numbers"
    if text(signal.attrs.get("interpretation", "")) not in ("spectrum",
                                                            "image"):
        yield f"signal '{name}' does not say: lines or image"
    if "long_name" not in signal.attrs:
        yield f"signal '{name}' has no long_name"
    axes = group.attrs.get("axes")
    if axes is None or axes.ndim != 1 or len(axes) != signal.ndim:
        yield f"axes {axes} of a signal of rank {signal.ndim}"
        return
    for axis, length in zip(axes, signal.shape):
        yield from axis_problems(group, text(axis), length)


class Layout(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = Files()
        cls.addClassCleanup(cls.files.remove)

    def each(self, kind=".h5"):
        for path in self.files.paths():
            if path.name.endswith(kind):
                with h5py.File(path) as file:
                    yield file

    def none(self, problems, item):
        found = [problem for problem in problems if problem]
        self.assertEqual(found, [], f"{item.file.filename}: {item.name}")

    def test_links_are_hard(self):
        for file in self.each():
            for path, link in links(file):
                self.assertIsInstance(link, h5py.HardLink, path)

    def test_types_filters_and_chunks_are_known_everywhere(self):
        for file in self.each():
            file.visititems(
                lambda _, item: self.none(dataset_problems(item), item)
                if isinstance(item, h5py.Dataset) else None)

    def test_attributes_are_small_and_text_is_scalar(self):
        for file in self.each():
            self.none(attribute_problems(file), file)
            file.visititems(
                lambda _, item: self.none(attribute_problems(item), item))

    def test_every_nxdata_of_a_trace_is_whole(self):
        for file in self.each(".trace.h5"):
            groups = []
            file.visititems(
                lambda _, item: groups.append(item)
                if text(item.attrs.get("NX_class", "")) == "NXdata" else None)
            self.assertGreaterEqual(len(groups), 1)
            for group in groups:
                self.none(nxdata_problems(group), group)

    def test_a_trace_opens_at_its_overview(self):
        for file in self.each(".trace.h5"):
            entry = file[text(file.attrs["default"])]
            plot = entry[text(entry.attrs["default"])]
            classes = [text(at.attrs["NX_class"])
                       for at in (file, entry, plot)]
            self.assertEqual(classes, ["NXroot", "NXentry", "NXdata"])


if __name__ == "__main__":
    unittest.main()
