// The decision page. The next proof is claimed and drawn out of sight while this one is looked at; a decision
// is shown only once the server has it.

import { look, nextWay, prepare, rest } from "/console/compare.js";
import { hush, isTyping, leave, offerUndo, post, showHelp, signedOut, tell, undo, words } from "/console/talk.js";

const RENEW_MS = 60_000;
const main = document.getElementById("main");
const waiting = document.getElementById("waiting");
const said = { accept: words.accepted, reject: words.rejected, resubmit: words.askedAgain };

let card = main.querySelector(".case");
let coming = null;
let busy = false;
const known = new Set();

function dress(one) {
  prepare(one);
  const form = one.querySelector(".ruling");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.reason.addEventListener("change", () => { suggest(one); });
  form.message.addEventListener("input", () => { form.message.dataset.own = "1"; });
  for (const button of form.querySelectorAll("[data-decision]:is(button)")) {
    button.addEventListener("click", () => press(button.dataset.decision));
  }
  form.querySelector("[data-skip]").addEventListener("click", () => go(false));
  const policy = one.querySelector(".flag");
  policy?.querySelector("[data-understood]")?.addEventListener("click", () => understood(one));
  if (policy && known.has(policy.dataset.kind)) fold(policy);
  suggest(one);
  return one;
}

// A kind's policy is told once: what was understood is folded on this page and on those that come.
async function understood(one) {
  const policy = one.querySelector(".flag");
  const { kind } = policy.dataset;
  if (!(await post("/review/policy", { kind })).ok) return;
  known.add(kind);
  fold(policy);
  const next = await coming;
  const later = next?.querySelector?.(".flag");
  if (later && known.has(later.dataset.kind)) fold(later);
}

function fold(policy) {
  policy.open = false;
  policy.querySelector("[data-understood]")?.remove();
}

function suggest(one) {
  const { reason, message } = one.querySelector(".ruling");
  const option = reason.selectedOptions[0];
  if (!message.dataset.own) message.value = option.dataset.sentence;
  one.querySelector(".ruling").dataset.means = option.dataset.decision;
}

function firstReason(decision) {
  const { reason } = card.querySelector(".ruling");
  return [...reason.options].find((one) => one.dataset.decision === decision && "first" in one.dataset);
}

async function fetchBeside(one, back) {
  const [path, own] = one.dataset.beside.split("?");
  const query = new URLSearchParams(location.search);
  for (const [name, value] of new URLSearchParams(own)) query.set(name, value);
  if (back) query.set("back", "true");
  const answer = await fetch(`${path}?${query}`, { headers: { "X-Praman": "1" } }).catch(() => null);
  if (answer?.status === 401) signedOut();
  if (answer?.status === 204) return "end";
  if (!answer?.ok) return null;
  const holder = document.createElement("div");
  holder.innerHTML = await answer.text();
  return dress(holder.querySelector(".case"));
}

function preload() { coming = fetchBeside(card, false); }

// What was preloaded may be old by now, or may have failed: then ask again.
async function forward() {
  return (await coming) ?? fetchBeside(card, false);
}

async function go(back) {
  if (busy) return;
  busy = true;
  const next = back ? await fetchBeside(card, true) : await forward();
  busy = false;
  if (next === "end") { if (back) return; location.assign(`/review${location.search}`); }
  else if (next) show(next);
  else tell(words.offline, { bad: true });
}

function show(next) {
  rest();
  card.replaceWith(next);
  card = next;
  history.replaceState(null, "", `${card.dataset.address}${location.search}`);
  document.title = `${card.dataset.name} · Praman`;
  card.querySelector("h1").focus({ preventScroll: true });
  main.scrollTop = 0;
  scrollTo(0, 0);
  preload();
}

function arm() {
  const form = card.querySelector(".ruling");
  if (form.dataset.means !== "reject") { firstReason("reject").selected = true; suggest(card); }
  form.classList.add("armed");
  form.reason.focus();
}

function disarm() {
  card.querySelector(".ruling").classList.remove("armed");
  card.querySelector("h1").focus({ preventScroll: true });
}

function press(decision) {
  const form = card.querySelector(".ruling");
  if (decision === "reject" && !form.classList.contains("armed")) { arm(); return; }
  if (decision === "resubmit" && form.dataset.means !== "resubmit") { firstReason("resubmit").selected = true; suggest(card); }
  decide(decision === "accept" ? "accept" : form.dataset.means);
}

async function decide(decision) {
  if (busy) return;
  busy = true;
  const form = card.querySelector(".ruling");
  const reason = decision === "accept" ? card.querySelector(".acts .accept").dataset.reason : form.reason.value;
  const plain = form.reason.selectedOptions[0].dataset.sentence;
  const message = decision !== "accept" && form.message.value !== plain ? form.message.value : "";
  const name = card.dataset.name;
  form.setAttribute("aria-busy", "true");
  const answer = await post(card.dataset.act, { decision, against: card.dataset.verdict, reason, message });
  form.removeAttribute("aria-busy");
  busy = false;
  if (!answer.ok && answer.status !== 409) return;
  if (answer.ok) {
    hush();
    offerUndo(`${said[decision]}: ${name}`, answer.body.undo_s);
    waiting.textContent = waiting.textContent.replace(/.+/, fewer);
  }
  await go(false);
  if (!answer.ok) tell(`${answer.body.detail}. ${words.gone}`);
}

function fewer(shown) {
  const bengali = /[০-৯]/.test(shown);
  const plain = shown.replace(/[০-৯]/g, (one) => String("০১২৩৪৫৬৭৮৯".indexOf(one)));
  const left = String(Math.max(0, Number(plain) - 1));
  return bengali ? left.replace(/\d/g, (one) => "০১২৩৪৫৬৭৮৯"[one]) : left;
}

const acts = {
  a: () => press("accept"),
  r: arm,
  s: () => press("resubmit"),
  u: undo,
  j: () => go(false),
  k: () => go(true),
  b: () => look(card, "boxes"),
  z: () => look(card, "zoom"),
  c: () => nextWay(card),
  e: () => card.querySelector("textarea").focus(),
  q: () => location.assign(`/review${location.search}`),
  "?": showHelp,
};

document.addEventListener("keydown", (event) => {
  const armed = card.querySelector(".ruling").classList.contains("armed");
  const inText = event.target.matches("textarea");
  if (event.key === "Escape" && (armed || inText)) { disarm(); return; }
  if (event.key === "Enter" && !event.repeat && (armed && !inText || inText && event.ctrlKey)) {
    if (event.target.matches("button, a, summary")) return;
    event.preventDefault();
    decide(card.querySelector(".ruling").dataset.means);
    return;
  }
  if (isTyping(event) || event.repeat) return;
  if (armed && /^[1-9]$/.test(event.key)) {
    const option = card.querySelector(".ruling").reason.options[Number(event.key) - 1];
    if (option) { option.selected = true; suggest(card); }
    event.preventDefault();
    return;
  }
  const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// The page before this one gave back what it had open when it went, after this one had claimed it.
async function renew() {
  const { proof, look } = card.dataset;
  const { ok, body } = await post("/review/renew", look ? { look } : { proof });
  const still = proof === card.dataset.proof && look === card.dataset.look;
  if (ok && still && !busy && !body.kept.includes(look ?? proof)) tell(words.gone, { bad: true });
}

addEventListener("pagehide", leave);
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
setInterval(renew, RENEW_MS);
dress(card);
preload();
renew();
