// tests/viewers/sums.mjs - read every dataset of HDF5 files with h5wasm, as
// H5Web does, with no plugins: prints path, shape, type and sum as JSON.
import h5wasm from "h5wasm/node";

await h5wasm.ready;

function sumOf(value) {
  if (typeof value === "string" || value === null) {
    return value;
  }
  let sum = 0;
  for (const x of ArrayBuffer.isView(value) ? value : [value].flat(9)) {
    sum += Number(x);
  }
  return sum;
}

function read(group, out) {
  for (const name of group.keys()) {
    const item = group.get(name);
    if (item instanceof h5wasm.Group) {
      read(item, out);
    } else if (item instanceof h5wasm.Dataset) {
      out[item.path] = {
        shape: item.shape,
        type: item.dtype,
        filters: item.filters.map((filter) => filter.id),
        sum: sumOf(item.value),
      };
    } else {
      out[`${group.path}/${name}`] = { type: "nothing that can be read" };
    }
  }
  return out;
}

const all = {};
for (const path of process.argv.slice(2)) {
  const file = new h5wasm.File(path, "r");
  all[path] = read(file, {});
  file.close();
}
console.log(JSON.stringify(all));
