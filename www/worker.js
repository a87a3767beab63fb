// Starts an engine in a worker: `worker.js?v=<build>&engine=worker_cpu`.
const parameters = new URL(import.meta.url).searchParams;
const engine = parameters.get("engine");
const version = `?v=${parameters.get("v")}`;

try {
  const { default: start } = await import(`./${engine}.js${version}`);
  await start({ module_or_path: new URL(`./${engine}_bg.wasm${version}`, import.meta.url) });
} catch (error) {
  console.error(error);
  // Should the copy kept for offline be broken, the next start fetches another. First, for the page ends a worker that says this.
  await drop().catch(() => {});
  postMessage("not started"); // the page knows what to say
}

async function drop() {
  const names = (await self.caches?.keys()) ?? [];
  for (const name of names) if (name.startsWith("lookalike ")) await caches.delete(name);
}
