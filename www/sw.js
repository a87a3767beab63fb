// Answers for the network. It belongs to no build: a page names its own (`?v=<build>`), whose files are then kept whole, or
// not at all; those of the gallery are kept as they are seen. A worker of each build would have to take the place of the
// one before, and Chromium lets a reload that falls into that moment wait for minutes.
const { scope } = registration;
const ours = `lookalike ${scope} `;
// Files without a build in their address (samples, icons) are forgotten with the build.
const [GALLERY, CELLS, THUMBS, OTHERS] = ["gallery", "cells", "thumbs", "others"].map((part) => ours + part);
const LIMITS = { [GALLERY]: 64, [CELLS]: 2000, [THUMBS]: 3000 }; // 2,000 small cells are 20 MB, 3,000 thumbnails 30 MB
const FILES = ["boot.js", "folder.js", "offline.js", "page.js", "page_bg.wasm", "worker_cpu.js", "worker_cpu_bg.wasm", "style.css", "icon.svg", "manifest.json"];
const at = (path) => new URL(path, scope).href;
let puts = 0;
let keeping = Promise.resolve();

const isAbout = (url) => url.startsWith(at("about.html"));
const ofGallery = (url) => (url.endsWith(".webp") ? THUMBS : url.startsWith(at("gallery/cell-")) ? CELLS : GALLERY);

function cacheOf(url) {
  if (isAbout(url)) return GALLERY;
  if (url.startsWith(at("gallery/"))) return ofGallery(url);
  const [version] = url.match(/\?v=\w+/) ?? [];
  return version ? ours + version : OTHERS;
}

// The page of a build comes last into its cache: then it is whole.
async function keep(version) {
  const build = ours + version;
  const cache = await caches.open(build);
  if (await cache.match(scope)) return;
  // First: what comes while this build is being kept is its own.
  await caches.delete(OTHERS);
  const page = await fetch(scope, { cache: "no-cache" });
  // Published again meanwhile: the page of that build will ask for its own.
  if (!(await page.clone().text()).includes(`boot.js${version}"`)) throw new Error("another build");
  await cache.addAll([...FILES.map((file) => at(file + version)), at(`worker.js${version}&engine=worker_cpu`)]);
  await cache.put(scope, page);
  const old = (name) => name.startsWith(ours) && ![build, GALLERY, CELLS, THUMBS, OTHERS].includes(name);
  await Promise.all((await caches.keys()).filter(old).map((name) => caches.delete(name)));
}

async function put(url, response) {
  const cache = await caches.open(cacheOf(url));
  await cache.put(url, response);
  const limit = LIMITS[cacheOf(url)];
  if (limit && puts++ % 50 === 0) {
    const urls = await cache.keys(); // the oldest first
    for (const old of urls.slice(0, Math.max(0, urls.length - limit))) await cache.delete(old);
  }
}

// What never changes: from the cache, unless the page says that it is broken.
async function kept(request, event) {
  const cache = await caches.open(cacheOf(request.url));
  const found = request.cache !== "reload" && (await cache.match(request.url, { ignoreVary: true }));
  return found || fetched(request, event);
}

async function fetched(request, event) {
  const response = await fetch(request);
  // A full disk is no reason to withhold an answer. The page itself belongs to the build that is kept: another may be out.
  if (response.status === 200 && request.url !== scope) event.waitUntil(put(request.url, response.clone()).catch(() => {}));
  return response;
}

async function offline(request) {
  return (await caches.match(request.url)) ?? (request.mode === "navigate" ? caches.match(scope) : Response.error());
}

addEventListener("activate", (event) => event.waitUntil(clients.claim()));
// The build to keep, and what its page had loaded before this worker was there.
addEventListener("message", (event) => {
  const { version, seen } = event.data;
  keeping = keeping.then(() => keep(version)).catch(() => {});
  const urls = seen.filter((url) => url.startsWith(scope));
  event.waitUntil(keeping.then(() => Promise.allSettled(urls.map((url) => kept(new Request(url), event)))));
});
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(scope)) return;
  const isNavigation = request.mode === "navigate";
  if (isNavigation && !isAbout(request.url)) event.respondWith(fetch(request).catch(() => offline(request)));
  else if (isNavigation || request.cache === "no-cache") event.respondWith(fetched(request, event).catch(() => offline(request)));
  else event.respondWith(kept(request, event));
});
