// Keeps the page for when there is no network, and offers a newer version of it; both are extras that may fail.
const { search } = new URL(import.meta.url);

async function keep() {
  const { serviceWorker } = navigator;
  const first = !serviceWorker.controller;
  await serviceWorker.register("./sw.js");
  const { active } = await serviceWorker.ready;
  const tell = (seen) => active.postMessage({ version: search, seen });
  tell([]);
  // On the first visit, what has been loaded so far did not pass by the service worker.
  const names = (list) => list.getEntries().map(({ name }) => name);
  if (first) new PerformanceObserver((list) => tell(names(list))).observe({ type: "resource", buffered: true });
}

const notice = document.getElementById("update");
const [reload, dismiss] = notice.querySelectorAll("button");
reload.onclick = () => location.reload();
dismiss.onclick = () => notice.remove();

async function look() {
  if (document.hidden) return;
  const response = await fetch("./", { cache: "no-cache" });
  const [, newest] = (await response.text()).match(/boot\.js(\?v=\w+)/) ?? [];
  notice.hidden = !response.ok || !newest || newest === search;
}

for (const [target, event] of [[document, "visibilitychange"], [window, "online"]]) {
  target.addEventListener(event, () => look().catch(() => {}));
}
// A page that is being worked on changes without a new version.
if (search !== "?v=dev") keep().catch(() => {});
