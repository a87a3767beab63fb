// One search program in a page of its own: how long it takes until it can be asked, and what it answers.
//
// ?program=NAME&from=index     opens the index kept/NAME, as any static host could have it; ours opens its gallery
// ?program=NAME&from=vectors   makes it from vectors.f32
// ?program=NAME&from=keep      makes it, and puts it there
// ?program=ours&from=nothing   nothing of our gallery is there when a question comes, which then fetches what it wants
import { bytes, gallery } from "./ours.js";

const WIDTH = 64;
const K = 10;
const WARMING = 20; // queries before the first that counts
const ALONE = 100; // questions to a gallery of which nothing is there
const SIDE_BY_SIDE = 6; // cells that are fetched at once, as the page does
const PART = 1000; // vectors between two breaths of the browser
// Of both graphs; an index of EdgeVec has one `ef` for good.
const [M, EF_CONSTRUCTION, EF] = [16, 200, [50, 200]];

const asked = new URLSearchParams(location.search);

async function rows(name) {
  const numbers = new Float32Array((await bytes(name)).buffer);
  return Array.from({ length: numbers.length / WIDTH }, (_, at) => numbers.slice(at * WIDTH, (at + 1) * WIDTH));
}

async function timed(run) {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

// Graphs take minutes, in which the page must still answer whoever drives the browser.
async function inParts(vectors, add) {
  for (let at = 0; at < vectors.length; at += PART) {
    add(vectors.slice(at, at + PART), at);
    await new Promise((resolve) => setTimeout(resolve));
  }
}

const settled = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

// hnswlib-wasm reads files from a database of the browser's, and from nowhere else.
async function idbfs(folder) {
  const request = indexedDB.open(folder, 21);
  request.onupgradeneeded = () => request.result.createObjectStore("FILE_DATA").createIndex("timestamp", "timestamp");
  const database = await settled(request);
  const store = (mode) => database.transaction("FILE_DATA", mode).objectStore("FILE_DATA");
  return {
    get: (path) => settled(store("readonly").get(path)),
    put: (path, contents) => settled(store("readwrite").put({ timestamp: new Date(), mode: 0o100666, contents }, path)),
    close: () => database.close(),
  };
}

// Each starts a program. `build` takes vectors, `load` the bytes that `save` gave; `search` is what is timed, `ids` reads
// its answer.
const programs = {
  async voy() {
    const glue = await import("./voy/voy_search_bg.js");
    const wasm = fetch("./voy/voy_search_bg.wasm");
    const { instance } = await WebAssembly.instantiateStreaming(wasm, { "./voy_search_bg.js": glue });
    glue.__wbg_set_wasm(instance.exports);
    const resource = (vector, at) => ({ id: String(at), title: "", url: "", embeddings: Array.from(vector) });
    let index;
    return {
      build(vectors) { index = new glue.Voy({ embeddings: vectors.map(resource) }); },
      save: () => index.serialize(),
      load(file) { index = glue.Voy.deserialize(new TextDecoder().decode(file)); },
      search: (query) => index.search(query, K),
      ids: ({ neighbors }) => neighbors.map(({ id }) => Number(id)),
    };
  },

  async hnswlib() {
    const { loadHnswlib, syncFileSystem } = await import("./hnswlib/dist/hnswlib.js");
    const library = await loadHnswlib();
    const [folder, name] = ["/hnswlib-index", "gallery"];
    const synced = async (way) => {
      await syncFileSystem(way);
      while (!library.EmscriptenFileSystemManager.isSynced()) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    const index = new library.HierarchicalNSW("l2", WIDTH, "");
    return {
      settings: EF.map((ef) => [`ef ${ef}`, () => index.setEfSearch(ef)]),
      build(vectors) {
        index.initIndex(vectors.length, M, EF_CONSTRUCTION, 100);
        return inParts(vectors, (part, first) => index.addPoints(part, part.map((_, at) => first + at), false));
      },
      async save() {
        await index.writeIndex(name);
        await synced("write");
        return (await (await idbfs(folder)).get(`${folder}/${name}`)).contents;
      },
      async load(file) {
        const store = await idbfs(folder);
        await store.put(`${folder}/${name}`, file);
        store.close();
        await synced("read");
        // It also says so of what it has synchronised before.
        while (!library.EmscriptenFileSystemManager.checkFileExists(name)) await new Promise((resolve) => setTimeout(resolve, 1));
        await index.readIndex(name, Number(asked.get("photos")));
      },
      search: (query) => index.searchKnn(query, K, undefined),
      ids: ({ neighbors }) => neighbors,
    };
  },

  // It can write its index, and not read what it has written: `load` refuses it (ERR_CORRUPTION).
  async edgevec() {
    const { default: start, EdgeVec, EdgeVecConfig } = await import("./edgevec/edgevec.js");
    await start();
    const config = new EdgeVecConfig(WIDTH);
    Object.assign(config, { metric: "l2", m: M, m0: 2 * M, ef_construction: EF_CONSTRUCTION, ef_search: EF[0] });
    const index = new EdgeVec(config);
    return {
      settings: [[`ef ${EF[0]}`, () => {}]],
      build: (vectors) => inParts(vectors, (part) => part.forEach((vector) => index.insert(vector))),
      search: (query) => index.search(query, K),
      ids: (found) => found.map(({ id }) => id - 1),
    };
  },

  async ours() {
    const { entry, cells, opened } = await gallery();
    const search = await opened();
    return {
      index: () => cells(entry.cells),
      load(files) { search.put(Uint32Array.from(files.keys()), files); },
      search: (query) => search.answer(query, undefined, K),
      ids: (found) => found.map(({ id }) => id),
    };
  },
};

async function whole(name, from) {
  const report = { asked: [] };
  const program = await programs[name]();
  if (from === "index") {
    const file = await (program.index?.() ?? bytes(`kept/${name}`));
    report.ready = await timed(() => program.load(file));
  } else {
    const vectors = await rows("vectors.f32");
    report.ready = await timed(() => program.build(vectors));
  }
  if (from === "keep") {
    const { ok } = await fetch(`kept/${name}`, { method: "PUT", body: await program.save() });
    if (!ok) throw new Error("the host could not keep the index");
    return report;
  }
  const queries = await rows("queries.f32");
  for (const [setting, set] of program.settings ?? [["", () => {}]]) {
    set();
    queries.slice(0, WARMING).forEach(program.search);
    const [times, found] = [[], []];
    for (const query of queries) {
      const start = performance.now();
      const answer = program.search(query);
      times.push(performance.now() - start);
      found.push(program.ids(answer));
    }
    report.asked.push({ setting, times, found });
  }
  return report;
}

async function alone() {
  const { entry, cells, opened } = await gallery();
  const [times, found, fetched] = [[], [], []];
  for (const query of (await rows("queries.f32")).slice(0, ALONE)) {
    const search = await opened();
    const start = performance.now();
    const wanted = [...search.wanted(query, false)];
    for (let at = 0; at < wanted.length; at += SIDE_BY_SIDE) {
      const places = wanted.slice(at, at + SIDE_BY_SIDE);
      search.put(Uint32Array.from(places), await cells(places.map((place) => entry.cells[place])));
    }
    const answer = search.answer(query, undefined, K);
    times.push(performance.now() - start);
    found.push(answer.map(({ id }) => id));
    fetched.push(wanted);
    search.free();
  }
  return { asked: [{ setting: "", times, found }], fetched };
}

try {
  const [name, from] = ["program", "from"].map((key) => asked.get(key));
  window.report = await (from === "nothing" ? alone() : whole(name, from));
} catch (error) {
  // Some programs throw what is no Error.
  window.failed = error?.stack ?? JSON.stringify(error) ?? String(error);
}
