// Starts the page. `?v=` of this script's own address goes to every file it loads: files of two builds never mix.
const { search } = new URL(import.meta.url);

// Where the browser has Trusted Types, words become a script's address for these two alone, and never HTML or code.
const ours = /^\.\/(sw|worker)\.js(\?|$)/;
self.trustedTypes?.createPolicy("default", { createScriptURL: (path) => (ours.test(path) ? path : null) });

try {
  const { default: start } = await import(`./page.js${search}`);
  await start({ module_or_path: new URL(`./page_bg.wasm${search}`, import.meta.url) });
  import(`./offline.js${search}`).catch(() => {});
} catch (error) {
  console.error(error);
  drop();
  const old = typeof WebAssembly !== "object" || error instanceof WebAssembly.CompileError;
  const status = document.getElementById("status");
  status.dataset.state = "failed";
  const sentence = old
    ? "This browser is too old for this page, or WebAssembly is switched off. Chrome 91, Firefox 114, Safari 16.4 and anything newer will do."
    : "The page could not be loaded completely. Check the connection, then reload.";
  status.textContent = sentence;
  const notice = document.getElementById("error");
  notice.querySelector("p").textContent = sentence;
  notice.hidden = false;
}

// The reload that follows does not trust what has been kept for offline.
async function drop() {
  const names = (await self.caches?.keys()) ?? [];
  for (const name of names) if (name.startsWith("lookalike ")) await caches.delete(name);
}
