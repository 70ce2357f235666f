// A key pressed while the page still loads is not lost: it is pressed again once the page's modules listen.
{
  const pressed = [];
  const keep = (event) => {
    if (!event.repeat && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest?.("input, textarea, select")) {
      pressed.push(event.key);
    }
  };
  document.addEventListener("keydown", keep, true);
  document.addEventListener("DOMContentLoaded", () => {
    document.removeEventListener("keydown", keep, true);
    for (const key of pressed) {
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    }
  });
}
