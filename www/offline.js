// Keeps the page for when there is no network, and offers a newer version of it; both are extras that may fail.
const { search } = new URL(import.meta.url);

async function keep() {
  const { serviceWorker } = navigator;
  const controlled = serviceWorker.controller;
  await serviceWorker.register(`./sw.js${search}`);
  const { active } = await serviceWorker.ready;
  if (controlled) return;
  // The first visit: what has been loaded so far did not pass by the service worker.
  const tell = (list) => active.postMessage(list.getEntries().map(({ name }) => name));
  new PerformanceObserver(tell).observe({ type: "resource", buffered: true });
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
