// Folders by the File System Access API where the browser has it: it asks to view the files, where a file input asks to "upload" them,
// and it tells of thousands without stopping the page. Elsewhere, and where a frame may not use it, the input is as it was.
const input = document.getElementById("own-input");
const AT_ONCE = 64;
let plain = !self.showDirectoryPicker;

input.addEventListener("click", async (event) => {
  if (plain) return;
  event.preventDefault();
  try {
    const folder = await showDirectoryPicker({ id: "lookalike" });
    const found = [];
    for await (const entry of entries(folder, folder.name)) found.push(entry);
    found.sort(([, a], [, b]) => (a < b ? -1 : 1));
    const files = [];
    const lost = []; // photos, as far as their names tell
    for (let at = 0; at < found.length; at += AT_ONCE) {
      const some = found.slice(at, at + AT_ONCE);
      const read = await Promise.all(some.map(([entry, path]) => entry.getFile().then((file) => named(file, path), () => path)));
      for (const one of read) (one instanceof File ? files : lost).push(one);
    }
    const detail = [folder.name, files, lost.filter((path) => /\.(jpe?g|png|webp|gif|avif|hei[cf])$/i.test(path))];
    input.dispatchEvent(new CustomEvent("folder", { detail }));
  } catch (error) {
    if (error.name === "AbortError") return; // nothing has been chosen
    plain = true;
    setTimeout(() => input.click()); // not within this click, where a browser would pass over it
  }
});

async function* entries(folder, path) {
  for await (const entry of folder.values()) {
    const inside = `${path}/${entry.name}`;
    if (entry.kind === "file") yield [entry, inside];
    else {
      try {
        yield* entries(entry, inside);
      } catch {
        // Passed over, as by a file input.
      }
    }
  }
}

// Where a file input says where a file lies.
const named = (file, path) => Object.defineProperty(file, "webkitRelativePath", { value: path });
