// <lookalike-search gallery="site/gallery/">: a photo in, the most similar photos of a gallery out. No photo leaves the device.
import { open } from "./lookalike.js";

// What people read; an attribute of the same name says it otherwise.
const WORDS = {
  choose: "Choose a photo",
  hint: "or drop one here, or paste it. It stays on this device.",
  opening: "Getting ready…",
  searching: "Looking for similar photos…",
  found: "Most similar to",
  yours: "your photo",
  nothing: "There is no other photo.",
  more: "More like this:",
  leads: "Open the link of",
  failed: "That did not work:",
};

const STYLE = `
  :host { display: block; font: inherit; color: inherit; container-type: inline-size; }
  :host([hidden]), [hidden] { display: none !important; }
  .box { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; padding: 1rem; border: 1px dashed var(--lookalike-line, color-mix(in srgb, currentColor 40%, transparent)); border-radius: var(--lookalike-radius, 0.75rem); }
  .box.over { border-style: solid; border-color: var(--lookalike-accent, #0b6e5f); }
  .choose { padding: 0.6rem 1.2rem; border: 0; border-radius: 999px; background: var(--lookalike-accent, #0b6e5f); color: var(--lookalike-on-accent, #fff); font: inherit; font-weight: 600; cursor: pointer; }
  button:focus-visible, a:focus-visible { outline: 3px solid var(--lookalike-accent, currentColor); outline-offset: 2px; }
  p { margin: 0; }
  .status { min-height: 1.5em; margin-block: 0.75rem; }
  ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(9rem, 45cqi), 1fr)); gap: 1rem; margin: 0; padding: 0; list-style: none; }
  li { min-width: 0; overflow-wrap: anywhere; }
  li button { display: block; width: 100%; padding: 0; border: 0; border-radius: var(--lookalike-radius, 0.75rem); overflow: hidden; background: none; cursor: pointer; }
  img { display: block; width: 100%; height: auto; aspect-ratio: 1; object-fit: cover; }
  img { background: color-mix(in srgb, currentColor 8%, transparent); }
  .title { display: block; margin-block-start: 0.4rem; }
  .similarity { font-size: 0.85em; opacity: 0.8; font-variant-numeric: tabular-nums; }
  a { color: inherit; }
`;
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);

function element(name, part, text = "") {
  const made = document.createElement(name);
  made.className = part;
  made.setAttribute("part", part);
  made.textContent = text;
  return made;
}

export class LookalikeSearch extends HTMLElement {
  static observedAttributes = ["gallery", ...Object.keys(WORDS)];
  #parts = {};
  #gallery;
  #asked = new AbortController();

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    root.adoptedStyleSheets = [sheet];
    const parts = (this.#parts = {
      box: element("div", "box"),
      choose: element("button", "choose"),
      file: element("input", "file"),
      hint: element("p", "hint"),
      status: element("p", "status"),
      results: element("ul", "results"),
    });
    Object.assign(parts.choose, { type: "button", onclick: () => parts.file.click() });
    Object.assign(parts.file, { type: "file", accept: "image/*", hidden: true, onchange: () => this.#give(parts.file.files) });
    parts.status.setAttribute("role", "status");
    parts.box.append(parts.choose, parts.file, parts.hint);
    root.append(parts.box, parts.status, parts.results);
    this.addEventListener("paste", (event) => this.#give(event.clipboardData?.files));
    for (const name of ["dragenter", "dragover", "dragleave", "drop"]) this.addEventListener(name, (event) => this.#drag(event));
    this.#say();
  }

  connectedCallback() {
    this.#say();
  }

  disconnectedCallback() {
    this.#close();
  }

  attributeChangedCallback(name, before, now) {
    if (name === "gallery" && before !== now) this.#close();
    this.#say();
  }

  /** The photos most similar to a picture; shown, and returned. */
  search(photo) {
    const name = photo.name || this.#words("yours");
    return this.#show(name, (gallery, signal) => gallery.search(photo, { count: this.#count, signal }));
  }

  /** The photos most similar to a result. */
  neighbours({ id, title }) {
    return this.#show(title, (gallery, signal) => gallery.neighbours(id, { count: this.#count, signal }));
  }

  get #count() {
    return Math.max(1, Math.min(60, Number.parseInt(this.getAttribute("count"), 10) || 6));
  }

  #words(name) {
    return this.getAttribute(name) ?? WORDS[name];
  }

  #say() {
    this.#parts.choose.textContent = this.#words("choose");
    this.#parts.hint.textContent = this.#words("hint");
    this.#parts.results.setAttribute("aria-label", this.#words("found"));
  }

  #close() {
    this.#asked.abort();
    this.#gallery?.then((gallery) => gallery.close()).catch(() => {});
    this.#gallery = undefined;
  }

  #drag(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.#parts.box.classList.toggle("over", event.type === "dragenter" || event.type === "dragover");
    if (event.type === "drop") this.#give(event.dataTransfer.files);
  }

  #give(files) {
    if (files?.length) this.search(files[0]).catch(() => {}); // it has been told
    this.#parts.file.value = "";
  }

  async #show(name, ask) {
    this.#asked.abort(); // a newer question ends an older one
    const { signal } = (this.#asked = new AbortController());
    const { status } = this.#parts;
    try {
      if (!this.#gallery) {
        status.textContent = this.#words("opening");
        const opening = (this.#gallery = open(this.getAttribute("gallery") ?? ""));
        opening.catch(() => { if (this.#gallery === opening) this.#gallery = undefined; });
      }
      const gallery = await this.#gallery;
      signal.throwIfAborted();
      status.textContent = this.#words("searching");
      const results = await ask(gallery, signal);
      status.textContent = results.length ? `${this.#words("found")} ${name}` : this.#words("nothing");
      const hadKeyboard = this.#parts.results.contains(this.shadowRoot.activeElement);
      this.#parts.results.replaceChildren(...results.map((result) => this.#tile(result)));
      if (hadKeyboard) this.#parts.results.querySelector("button")?.focus();
      this.dispatchEvent(new CustomEvent("lookalike-answer", { detail: { results }, bubbles: true, composed: true }));
      return results;
    } catch (error) {
      if (!signal.aborted) {
        status.textContent = `${this.#words("failed")} ${error.message}`;
        this.dispatchEvent(new CustomEvent("lookalike-error", { detail: { error }, bubbles: true, composed: true }));
      }
      throw error;
    }
  }

  #tile(result) {
    const { title, link, similarity, thumbnail, width, height } = result;
    const [tile, button, image] = [element("li", "result"), element("button", "more"), element("img", "image")];
    Object.assign(image, { alt: `${this.#words("more")} ${title}`, loading: "lazy", width, height, src: thumbnail });
    Object.assign(button, { type: "button", onclick: () => this.neighbours(result).catch(() => {}) });
    button.append(image);
    const name = element(link ? "a" : "span", "title", title);
    if (link) {
      Object.assign(name, { href: link, target: "_blank", rel: "noopener noreferrer" });
      name.setAttribute("aria-label", `${this.#words("leads")} ${title}`);
    }
    tile.append(button, name, " ", element("span", "similarity", similarity.toFixed(3)));
    return tile;
  }
}

if (!customElements.get("lookalike-search")) customElements.define("lookalike-search", LookalikeSearch);
