// Our program and a gallery, from the folder `ours`, as `lookalike.js` uses them.
export async function bytes(name) {
  const response = await fetch(name);
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

export async function gallery() {
  const { default: start, Search, read_entry } = await import("./ours/worker_cpu.js");
  await start({ module_or_path: new URL("./ours/worker_cpu_bg.wasm", import.meta.url) });
  onmessage = null; // it waits for what a page says to its worker, and this is no worker
  const file = (name) => bytes(`./ours/gallery/${name}`);
  const head = await file("gallery.lka");
  const entry = read_entry(head);
  const [encoder, probes] = await Promise.all([file(entry.encoder), file(entry.probes)]);
  return { entry, cells: (names) => Promise.all(names.map(file)), opened: () => Search.open(head, encoder, probes) };
}
