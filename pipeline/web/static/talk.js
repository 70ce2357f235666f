// How the console's pages talk to the server and to the person. No state of its own but the page's token.

const csrf = document.querySelector("meta[name=csrf]").content;
export const words = document.getElementById("words").dataset;

// Screen readers speak what is written into a region that was there before, and not what is unhidden.
const aloud = document.getElementById("aloud");
function say(text) { aloud.textContent = text; }

const box = document.getElementById("told");
let hiding = 0;

export function tell(text, { bad = false, link = null, lasting = bad } = {}) {
  clearTimeout(hiding);
  box.textContent = text;
  say(text);
  if (link) {
    const way = document.createElement("a");
    way.href = link.href;
    way.textContent = link.text;
    box.append(" ", way);
  }
  box.classList.toggle("bad", bad);
  box.hidden = false;
  if (!lasting) hiding = setTimeout(() => { box.hidden = true; }, 4000);
}

export function hush() { box.hidden = true; }

// Returns the answer of the server, or null after telling what went wrong; `status` says which.
export async function post(path, fields = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { "X-CSRF-Token": csrf, "X-Praman": "1" },
      signal: AbortSignal.timeout(15000),
    });
  } catch {
    tell(words.offline, { bad: true });
    return { ok: false, status: 0 };
  }
  if (answer.status === 401) return { ok: false, status: signedOut() };
  const body = answer.headers.get("content-type")?.includes("json") ? await answer.json() : null;
  if (!answer.ok && answer.status !== 409) tell(body?.detail ?? words.offline, { bad: true });
  return { ok: answer.ok, status: answer.status, body };
}

export function signedOut() {
  const back = `/login?next=${encodeURIComponent(location.pathname)}`;
  tell(words.signedOut, { bad: true, link: { href: back, text: words.signIn } });
  return 401;
}

export function leave() {
  navigator.sendBeacon("/review/leave", new URLSearchParams({ csrf }));
}

const bar = document.getElementById("undoing");
const button = document.getElementById("undo");
let ending = 0;

export function offerUndo(name, seconds) {
  clearTimeout(ending);
  if (seconds <= 0) { bar.hidden = true; return; }
  document.getElementById("undo-of").textContent = name;
  say(name);
  bar.hidden = false;
  ending = setTimeout(() => { bar.hidden = true; }, seconds * 1000);
}

export async function undo() {
  const { ok, status, body } = await post("/review/undo");
  if (ok) location.assign(body.many > 1 ? body.address : body.address + location.search);
  else if (status === 409) { bar.hidden = true; tell(body.detail); }
}

button.addEventListener("click", undo);
if (!bar.hidden) {
  const left = new Date(button.dataset.until) - new Date(button.dataset.now);
  offerUndo(document.getElementById("undo-of").textContent, left / 1000);
}

const help = document.getElementById("help");
export function showHelp() { if (help.open) help.close(); else help.showModal(); }
document.getElementById("keys").addEventListener("click", showHelp);

// Whether a key press belongs to a field, a dialog or the browser, and not to us.
export function isTyping(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help.open) return true;
  return event.target.matches("input:not([type=range]), textarea");
}
