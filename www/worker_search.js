// A search of its own for `lookalike.js`, in a worker: fetches a gallery's files, and answers one question after the other.
// A request is `{ id, name, values }`, an answer `{ id, value }` or `{ id, error }`.
import start, { Search, read_entry } from "./worker_cpu.js";

const SIDE_BY_SIDE = 6; // cells that are fetched at once
let gallery; // the address of its folder
let entry;
let search;

async function file(name, cache) {
  const address = new URL(name, gallery);
  let response;
  try {
    response = await fetch(address, { cache });
  } catch {
    // A browser does not say which of the two it was.
    throw new Error(`${address} can't be reached: there is no network, or its host does not let this page read it (Access-Control-Allow-Origin)`);
  }
  if (!response.ok) throw new Error(`${address} is not there (${response.status})`);
  return new Uint8Array(await response.arrayBuffer());
}

async function bring(places) {
  for (let at = 0; at < places.length; at += SIDE_BY_SIDE) {
    const some = places.slice(at, at + SIDE_BY_SIDE);
    search.put(some, await Promise.all([...some].map((place) => file(entry.cells[place]))));
  }
}

const requests = {
  async open(address) {
    gallery = address;
    const bytes = await file("gallery.lka", "no-cache");
    entry = read_entry(bytes);
    const [encoder, probes] = await Promise.all([entry.encoder, entry.probes].map((name) => file(name)));
    search = await Search.open(bytes, encoder, probes);
    if (!entry.large) await bring([...entry.cells.keys()]);
    const { title, photos, tags } = entry;
    return { title, photos, tags };
  },
  async search(photo, count, exact) {
    return answer(await search.embed(photo), undefined, count, exact);
  },
  async neighbours(id, count, exact) {
    return answer(search.known(id), id, count, exact);
  },
};

async function answer(embedding, without, count, exact) {
  await bring(search.wanted(embedding, exact));
  return search.answer(embedding, without, count);
}

async function receive({ data: { id, name, values } }) {
  try {
    await ready;
    postMessage({ id, value: await requests[name](...values) });
  } catch (error) {
    postMessage({ id, error: String(error?.message ?? error) });
  }
}

// What comes while the program starts waits for it; the program listens for messages of the page's own, and that ends here.
const ready = start({ module_or_path: new URL("./worker_cpu_bg.wasm", import.meta.url) }).then(() => {
  onmessage = queue;
});
let last = Promise.resolve();
const queue = (event) => { last = last.then(() => receive(event)); };
onmessage = queue;
