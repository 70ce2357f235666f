// The queue page: j and k walk through it, Enter opens, u undoes.

import { isTyping, showHelp, undo } from "/console/talk.js";

const items = [...document.querySelectorAll(".item")];
for (const item of items.filter((one) => "ask" in one.dataset)) item.search = location.search;

function walk(step) {
  const at = items.indexOf(document.activeElement);
  const next = at < 0 ? 0 : Math.min(items.length - 1, Math.max(0, at + step));
  items[next]?.focus();
}

const acts = {
  j: () => walk(1),
  k: () => walk(-1),
  u: undo,
  "?": showHelp,
  Enter: () => { if (document.activeElement === document.body) document.getElementById("start")?.click(); },
};

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || event.target.matches("select")) return;
  const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || event.repeat && event.key !== "j" && event.key !== "k") return;
  if (event.key !== "Enter") event.preventDefault();
  act();
});
