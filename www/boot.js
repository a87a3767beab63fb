// Starts the page. `?v=` of this script's own address goes to every file it loads: files of two builds never mix.
const { search } = new URL(import.meta.url);

// Where the browser has Trusted Types, words become a script's address for these two alone, and never HTML or code.
const ours = /^\.\/(sw|worker)\.js(\?|$)/;
self.trustedTypes?.createPolicy("default", { createScriptURL: (path) => (ours.test(path) ? path : null) });

// The beginning of a program that returns 128 bits: `undefined` without WebAssembly, `false` without its SIMD.
const able = self.WebAssembly?.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123));

try {
  if (!able) throw new Error("no SIMD");
  const { default: start } = await import(`./page.js${search}`);
  await start({ module_or_path: new URL(`./page_bg.wasm${search}`, import.meta.url) });
  for (const extra of ["offline", "folder"]) import(`./${extra}.js${search}`).catch(() => {});
} catch (error) {
  console.error(error);
  drop().catch(() => {});
  const sentence =
    able === false
      ? "This page computes with WebAssembly's SIMD, which this browser or this device's processor lacks. Try a newer browser, then another device."
      : able
        ? "The page could not be loaded completely. Check the connection, then reload."
        : "This browser is too old for this page, or WebAssembly is switched off. Chrome 91, Firefox 114, Safari 16.4 and anything newer will do.";
  const [status, notice] = ["status", "error"].map((id) => document.getElementById(id));
  status.dataset.state = "failed";
  status.textContent = notice.querySelector("p").textContent = sentence;
  notice.hidden = false;
}

// The reload that follows does not trust what has been kept for offline.
async function drop() {
  const names = (await self.caches?.keys()) ?? [];
  for (const name of names) if (name.startsWith("lookalike ")) await caches.delete(name);
}
