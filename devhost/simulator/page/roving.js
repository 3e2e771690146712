// Lists in which the arrow keys move the focus. The Tab key stops once in a list:
// at the item that had the focus last.

const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

// roving makes the items of a list that match a selector move the focus. If inner
// is true, the Tab key also stops at the controls of the current item.
export function roving(list, selector, inner = false) {
  let current = null; // the key of the item that had the focus last
  const items = () => [...list.querySelectorAll(selector)].filter((item) => item.checkVisibility());
  const key = (item) => item.dataset.key;

  // mark makes the current item the only one that the Tab key reaches.
  function mark() {
    const all = items();
    const at = all.find((item) => item === document.activeElement || (inner && item.contains(document.activeElement)))
      ?? all.find((item) => key(item) === current) ?? all[0];
    for (const item of all) {
      stop(item, item === at);
      if (inner) for (const control of item.querySelectorAll("button, input, select, a, audio, video, summary")) stop(control, item === at);
    }
  }

  list.addEventListener("focusin", (event) => {
    const item = event.target.closest(selector);
    if (!item) return;
    current = key(item);
    mark();
  });
  list.addEventListener("keydown", (event) => {
    const all = items();
    const place = all.indexOf(event.target);
    if (place < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = { Home: 0, End: all.length - 1 }[event.key] ?? place + (steps[event.key] ?? NaN);
    if (!all[to]) return;
    event.preventDefault();
    all[to].focus();
  });
  new MutationObserver(mark).observe(list, { childList: true, subtree: true });
  mark();
}

function stop(element, isReached) {
  const value = isReached ? "0" : "-1";
  if (element.getAttribute("tabindex") !== value) element.setAttribute("tabindex", value);
}
