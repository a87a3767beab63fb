// The search of a Lookalike gallery for your own page; `lookalike.d.ts` says what there is. No photo leaves the device.
const LINKS = ["https:", "http:", "mailto:"];

class Gallery {
  #worker;
  #address;
  #waiting = new Map();
  #last = 0;
  #failed;
  #started = false;

  constructor(address) {
    this.#address = new URL(address, document.baseURI);
    if (!this.#address.pathname.endsWith("/")) this.#address.pathname += "/";
    this.#worker = new Worker(new URL("./worker_search.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => this.#fail(new Error(event.message || "The search could not be started: a file of the site is missing."));
  }

  async begin(signal) {
    Object.assign(this, await this.#ask("open", [this.#address.href], signal));
    return this;
  }

  search(photo, { count = 6, exact = false, signal } = {}) {
    if (!(photo instanceof Blob)) return Promise.reject(new TypeError("search() takes a File or another Blob"));
    return this.#results("search", [photo, count, exact], signal);
  }

  neighbours(id, { count = 6, exact = false, signal } = {}) {
    return this.#results("neighbours", [id, count, exact], signal);
  }

  close() {
    this.#worker.terminate();
    this.#fail(new DOMException("The gallery has been closed.", "AbortError"));
  }

  async #results(name, values, signal) {
    const found = await this.#ask(name, values, signal);
    return found.map((result) => ({
      ...result,
      link: this.#link(result.link),
      thumbnail: new URL(result.thumbnail, this.#address).href,
    }));
  }

  // Links within the site are those of the folder around the gallery's.
  #link(link) {
    if (!link) return "";
    const site = new URL("../", this.#address);
    const url = URL.canParse(link, site) ? new URL(link, site) : undefined;
    return LINKS.includes(url?.protocol) ? url.href : "";
  }

  #ask(name, values, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.#failed) return reject(this.#failed);
      const id = ++this.#last;
      this.#waiting.set(id, { resolve, reject });
      // The worker may still be at it; nobody waits for what it finds.
      signal?.addEventListener("abort", () => { this.#waiting.delete(id); reject(signal.reason); }, { once: true });
      this.#worker.postMessage({ id, name, values });
    });
  }

  #receive(data) {
    if (data instanceof Uint8Array) {
      // The program's own words: that it has started, then that it has stopped.
      if (this.#started) this.#fail(new Error("The search has stopped, by a mistake in its program or for want of memory."));
      this.#started = true;
      return;
    }
    const { resolve, reject } = this.#waiting.get(data.id) ?? {};
    this.#waiting.delete(data.id);
    if ("error" in data) reject?.(new Error(data.error));
    else resolve?.(data.value);
  }

  #fail(error) {
    this.#failed ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

export async function open(address, { signal } = {}) {
  const gallery = new Gallery(address);
  try {
    return await gallery.begin(signal);
  } catch (error) {
    gallery.close();
    throw error;
  }
}
