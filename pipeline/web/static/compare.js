// Looking at pictures: boxes over them, zoom, and a twin beside, in turn with, or laid over the other.

const WAYS = ["side", "blink", "slider", "difference"];
const TURN_MS = 600;
let turning = 0;

export function prepare(card) {
  for (const paper of card.querySelectorAll(".paper")) {
    const image = paper.querySelector("img");
    const boxes = paper.querySelector(".boxes");
    const ready = () => boxes?.setAttribute("viewBox", `0 0 ${image.naturalWidth} ${image.naturalHeight}`);
    const broken = () => {
      if (image.dataset.laid && image.getAttribute("src") === image.dataset.laid) {
        image.dataset.apart = "1";
        image.src = image.dataset.plain;
        return;
      }
      paper.classList.add("missing");
      paper.querySelector(".broken").hidden = false;
    };
    image.addEventListener("load", ready);
    image.addEventListener("error", broken);
    if (image.complete && image.naturalWidth) ready();
    else if (image.complete && image.src) broken();
    image.addEventListener("click", () => look(card, "zoom"));  // a blurred one is shown first
  }
  for (const button of card.querySelectorAll("[data-look]")) {
    button.addEventListener("click", () => look(card, button.dataset.look));
  }
  for (const button of card.querySelectorAll("[data-way]:is(button)")) {
    button.addEventListener("click", () => compare(card, button.dataset.way));
  }
  card.querySelector(".slide")?.addEventListener("input", () => slide(card));
  for (const check of card.querySelectorAll(".checks li[data-box]")) {
    const own = card.querySelectorAll(`rect[data-at="${check.dataset.box}"]`);
    const lit = (on) => own.forEach((one) => one.classList.toggle("lit", on));
    check.addEventListener("mouseenter", () => lit(true));
    check.addEventListener("mouseleave", () => lit(false));
  }
}

export function look(card, what) {
  const stage = card.querySelector(".stage");
  const blurred = what !== "boxes" && stage.classList.contains("blurred");
  if (blurred || what === "unblur") {
    stage.classList.remove("blurred");
    card.querySelector("[data-look=unblur]")?.remove();
    return;
  }
  const on = stage.classList.toggle(what === "boxes" ? "bare" : "close");
  card.querySelector(`[data-look=${what}]`).setAttribute("aria-pressed", String(what === "boxes" ? !on : on));
}

export function compare(card, way) {
  const frames = card.querySelector(".frames");
  const slider = card.querySelector(".slide");
  if (!slider) return;
  clearInterval(turning);
  lay(card, way !== "side");
  frames.dataset.way = way;
  frames.classList.remove("other");
  slider.hidden = way !== "slider";
  slide(card);
  if (way === "blink") turning = setInterval(() => frames.classList.toggle("other"), TURN_MS);
  for (const button of card.querySelectorAll("button[data-way]")) {
    button.setAttribute("aria-pressed", String(button.dataset.way === way));
  }
}

// Laid over the other, the twin is drawn by the server where it lies: cropped, moved, smaller as it may be.
// Where it lies nowhere, it is compared as it is.
function lay(card, over) {
  const twin = card.querySelector(".theirs img");
  const wanted = over && !twin.dataset.apart ? twin.dataset.laid : twin.dataset.plain;
  if (!wanted || twin.getAttribute("src") === wanted) return;
  twin.src = wanted;
}

export function nextWay(card) {
  const now = card.querySelector(".frames").dataset.way;
  compare(card, WAYS[(WAYS.indexOf(now) + 1) % WAYS.length]);
}

export function rest() { clearInterval(turning); }

function slide(card) {
  const over = card.querySelector(".theirs .paper");
  const part = card.querySelector(".slide");
  over.style.clipPath = part.hidden ? "" : `inset(0 0 0 ${part.value}%)`;
  card.querySelector(".mine .paper")?.style.setProperty("--at", `${part.value}%`);
}
