// @ts-check
// What the whole page does in the browser: it follows links within the page, and keys.
(() => {
  const find = (/** @type {string} */ selector) =>
    /** @type {HTMLElement | null} */ (document.querySelector(selector));

  /**
   * Go to another state of the page. The server reads the address, as when one goes back.
   * @param {string} link - "?" and parameters; those that it does not name stay, empty ones go.
   * @param {boolean} replace - Without a step in the history.
   */
  const go = (link, replace = false) => {
    const now = new URLSearchParams(location.search);
    const next = new URLSearchParams(link);
    if (next.has("q") && !next.has("read")) now.delete("read");
    // A tab that was opened a moment ago may not stand in the address yet: it is not to be closed.
    const tabs = [...document.querySelectorAll("[role=tab]")];
    const open = tabs.find((tab) => tab.getAttribute("aria-selected") === "true");
    if (open) open === tabs[0] ? now.delete("view") : now.set("view", open.textContent ?? "");
    for (const [key, value] of next) value ? now.set(key, value) : now.delete(key);
    const address = String(now) ? `?${now}` : location.pathname;
    history[replace ? "replaceState" : "pushState"]({}, "", address);
    dispatchEvent(new PopStateEvent("popstate"));
  };
  document.addEventListener("notes-go", (event) => {
    const { link, replace } = /** @type {CustomEvent} */ (event).detail;
    go(link, replace);
  });
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const link = target.closest?.('a[href^="?"]');
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(link.getAttribute("href") ?? "");
  });

  const box = () => /** @type {HTMLInputElement | null} */ (find(".box input"));
  const toBox = () => { box()?.focus(); box()?.select(); };

  /** Choose the result before or after the current one. */
  const choose = (/** @type {number} */ step) => {
    const links = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll("a.result")]);
    if (!links.length) return;
    const at = links.findIndex((link) => link.hasAttribute("aria-current"));
    const focused = links.some((link) => link === document.activeElement);
    const next = links[Math.min(Math.max(focused ? at + step : Math.max(at, 0), 0), links.length - 1)];
    for (const link of links) link.removeAttribute("aria-current");
    next.setAttribute("aria-current", "true");
    next.focus();
    go(next.getAttribute("href") ?? "", true);
  };
  const help = () => {
    let dialog = /** @type {HTMLDialogElement | null} */ (find("dialog.keys"));
    if (!dialog) {
      dialog = document.createElement("dialog");
      dialog.className = "keys";
      dialog.setAttribute("aria-label", "Keys");
      const keys = [
        ["/  or  Ctrl K", "write a question"], ["Enter", "ask; on a result: read"],
        ["↑ ↓  or  k j", "choose a result"], ["o", "open in the editor"],
        ["Esc", "back to the results, to the question"], ["?", "show the keys"],
      ];
      const list = document.createElement("dl");
      for (const [key, words] of keys) {
        list.append(document.createElement("dt"), document.createElement("dd"));
        /** @type {Element[]} */ ([...list.children]).at(-2)?.append(key);
        /** @type {Element[]} */ ([...list.children]).at(-1)?.append(words);
      }
      const title = document.createElement("h2");
      title.textContent = "Keys";
      const close = document.createElement("button");
      close.textContent = "Close";
      close.onclick = () => dialog?.close();
      dialog.append(title, list, close);
      (find("[data-testid=stApp]") ?? document.body).append(dialog); // it has the colours of the theme
    }
    dialog.showModal();
  };
  const back = (/** @type {Element} */ from) => {
    const current = find("a.result[aria-current]");
    if (from.closest(".reader") && current) current.focus();
    else toBox();
  };

  document.addEventListener("keydown", (event) => {
    const from = document.activeElement ?? document.body;
    if ((event.ctrlKey || event.metaKey) && event.key === "k") {
      event.preventDefault();
      toBox();
      return;
    }
    const writes = from.closest("input, textarea, select, dialog, [role=combobox], [role=listbox], [contenteditable]");
    if (event.ctrlKey || event.metaKey || event.altKey || writes || event.defaultPrevented) return;
    if (from.closest("[role=dialog], [role=tablist]")) return;
    const act = {
      "/": toBox,
      "?": help,
      o: () => find(".reader a.editor")?.click(),
      j: () => choose(1),
      k: () => choose(-1),
      ArrowDown: from.closest(".reader, .tree") ? null : () => choose(1),
      ArrowUp: from.closest(".reader, .tree") ? null : () => choose(-1),
      Escape: () => back(from),
      Enter: from.matches("a.result[aria-current]") ? () => find(".reader article")?.focus() : null,
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("notes-choose", () => choose(0));

  // The cursor stands in the box when the page has loaded, unless it is somewhere already.
  const begin = (/** @type {number} */ left) => {
    const ready = box();
    if (ready && document.activeElement === document.body && !new URLSearchParams(location.search).has("read"))
      ready.focus();
    else if (!ready && left) setTimeout(() => begin(left - 1), 50);
  };
  begin(100);
})();
