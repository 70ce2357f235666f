// Many proofs decided at once: what stays chosen gets one ruling, and one undo takes it back.

import { isTyping, offerUndo, post, showHelp, tell, undo, words } from "/console/talk.js";

const form = document.querySelector(".batch");
const said = { accept: words.accepted, reject: words.rejected, resubmit: words.askedAgain };
const bengali = document.documentElement.lang === "bn";
const number = (value) => new Intl.NumberFormat(bengali ? "bn" : "en", { useGrouping: false }).format(value);
let busy = false;

function chosen() { return [...form.querySelectorAll("[name=chosen]:checked")].map((one) => one.value); }

function show() {
  const option = form.reason.selectedOptions[0];
  const many = chosen().length;
  document.getElementById("chosen").textContent = number(many);
  document.getElementById("many").textContent = number(many);
  document.getElementById("decides").textContent = option.dataset.name;
  document.getElementById("sentence").textContent = form.message.value.trim() || option.dataset.sentence;
  const button = form.querySelector("button");
  button.className = option.dataset.decision;
  button.disabled = many === 0 || busy;
}

async function decide(event) {
  event.preventDefault();
  const picked = chosen();
  if (busy || picked.length === 0) return;
  busy = true;
  show();
  const { decision } = form.reason.selectedOptions[0].dataset;
  const fields = [["decision", decision], ["reason", form.reason.value], ["message", form.message.value]];
  const { ok, body } = await post("/review/together", [...fields, ...picked.map((one) => ["chosen", one])]);
  busy = false;
  if (ok) settle(picked, decision, body);
  show();
}

// What was decided goes; what was left out stays, with the reason why.
function settle(picked, decision, { done, left, waiting, undo_s: undoS }) {
  const why = new Map(left.map((one) => [one.proof, one.why]));
  for (const value of picked) {
    const tile = form.querySelector(`[data-proof="${value.split(":")[0]}"]`);
    const told = why.get(tile.dataset.proof);
    if (told === undefined) { tile.remove(); continue; }
    tile.classList.add("held");
    tile.querySelector("input").checked = false;
    tile.querySelector("input").disabled = true;
    tile.querySelector(".left-out").textContent = told;
    tile.querySelector(".left-out").hidden = false;
  }
  document.getElementById("waiting").textContent = number(waiting);
  form.hidden = form.querySelector(".tile") === null;
  document.getElementById("cleared").hidden = !form.hidden;
  offerUndo(`${said[decision]}: ${number(done)}`, done ? undoS : 0);
  if (left.length) tell(`${words.leftOut}: ${number(left.length)}`, { bad: true });
}

if (form) {
  form.addEventListener("submit", decide);
  form.addEventListener("input", show);
  form.addEventListener("click", (event) => {
    if (event.target.matches(".tiles.blurred img")) event.target.classList.add("seen");
  });
  show();
}

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || event.repeat || event.target.matches("select")) return;
  const act = { u: undo, "?": showHelp, q: () => location.assign("/review") }[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});
