// Answers for the network, `sw.js?v=<build>`: the build's files are kept whole, those of the gallery as they are seen.
const version = location.search;
const { scope } = registration;
const [BUILD, GALLERY, CELLS, THUMBS] = [version, "gallery", "cells", "thumbs"].map((part) => `lookalike ${scope} ${part}`);
const LIMITS = { [GALLERY]: 64, [CELLS]: 2000, [THUMBS]: 3000 }; // 2,000 small cells are 20 MB, 3,000 thumbnails 30 MB
const FILES = ["boot.js", "offline.js", "page.js", "page_bg.wasm", "worker_cpu.js", "worker_cpu_bg.wasm", "style.css", "icon.svg", "manifest.json"];
const at = (path) => new URL(path, scope).href;
let puts = 0;

const isAbout = (url) => url.startsWith(at("about.html"));
const ofGallery = (url) => (url.endsWith(".jpg") ? THUMBS : url.startsWith(at("gallery/cell-")) ? CELLS : GALLERY);
const cacheOf = (url) => (isAbout(url) ? GALLERY : url.startsWith(at("gallery/")) ? ofGallery(url) : BUILD);

async function install() {
  const page = await fetch(scope, { cache: "no-cache" });
  // Published again meanwhile: the worker of that build will come.
  if (!(await page.clone().text()).includes(`boot.js${version}"`)) throw new Error("another build");
  const cache = await caches.open(BUILD);
  await cache.addAll([...FILES.map((file) => at(file + version)), at(`worker.js${version}&engine=worker_cpu`)]);
  await cache.put(scope, page);
  await skipWaiting();
}

async function activate() {
  const old = (name) => name.startsWith(`lookalike ${scope} `) && ![BUILD, GALLERY, CELLS, THUMBS].includes(name);
  await Promise.all((await caches.keys()).filter(old).map((name) => caches.delete(name)));
  await clients.claim();
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

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(activate()));
// What a page had loaded before this worker was there.
addEventListener("message", (event) => {
  const ours = event.data.filter((url) => url.startsWith(scope));
  event.waitUntil(Promise.allSettled(ours.map((url) => kept(new Request(url), event))));
});
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(scope)) return;
  const isNavigation = request.mode === "navigate";
  if (isNavigation && !isAbout(request.url)) event.respondWith(fetch(request).catch(() => offline(request)));
  else if (isNavigation || request.cache === "no-cache") event.respondWith(fetched(request, event).catch(() => offline(request)));
  else event.respondWith(kept(request, event));
});
