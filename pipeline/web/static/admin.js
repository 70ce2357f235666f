// The admin's pages, live: every few seconds the page is asked for anew, and what is live in it replaced.

import { isTyping, showHelp, signedOut, undo } from "/console/talk.js";

const EVERY_MS = 5000;
let over = false;

async function refresh() {
  if (document.visibilityState !== "visible" || over) return;
  const answer = await fetch(location.href, { headers: { "X-Praman": "1" } }).catch(() => null);
  if (answer?.status === 401) { over = true; signedOut(); }
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) renew(part, fresh);
  document.body.dataset.renewed = String(Number(document.body.dataset.renewed ?? 0) + 1);
}

// What somebody is about to press, or has marked, is left alone.
function renew(part, fresh) {
  const newer = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
  if (!newer || newer.innerHTML === part.innerHTML || part.contains(document.activeElement)) return;
  if (getSelection()?.containsNode(part, true) && !getSelection().isCollapsed) return;
  part.replaceChildren(...newer.childNodes);
}

const acts = { u: undo, "?": showHelp, q: () => location.assign("/review") };

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || event.repeat || event.target.matches("select")) return;
  const act = acts[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});
setInterval(refresh, EVERY_MS);
