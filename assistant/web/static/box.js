// @ts-check
// The box for a question. It finds titles and headings while one types, and asks on Enter or after
// a pause. Whatever came from notes is set as text, never as HTML.

/** @typedef {{ place: string, title: string, above: string, low: string, head: string }} Found */

const MOST = 8;
const PAUSE = 800; // milliseconds
const SHORTEST = 4; // characters that are asked after a pause
const RECENT = "notes-questions";
const MOST_RECENT = 8;

/** @returns {string[]} */
const recent = () => {
  try {
    return JSON.parse(localStorage.getItem(RECENT) ?? "[]").filter((/** @type {unknown} */ one) => typeof one === "string");
  } catch {
    return [];
  }
};

/** The entries of an outline, flat, each with what is looked at while one types. */
const flat = (/** @type {[string, string, string, [number, ...string[]][]][]} */ notes) =>
  notes.flatMap(([note, title, , entries]) => entries.map(([line, ...headings]) => {
    const head = headings.at(-1) ?? title;
    const above = [note, ...headings.slice(0, -1)].join(" › ");
    const low = `${head} ${above} ${title}`.toLowerCase();
    return { place: `${note}:${line}`, title: head || note, above, low, head: head.toLowerCase() };
  }));

/**
 * Return the entries that have all words, best first: in their own heading, at the start of words.
 * @param {Found[]} entries
 * @param {string} typed
 */
export const matching = (entries, typed) => {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const found = [];
  for (const entry of entries) {
    if (!words.every((word) => entry.low.includes(word))) continue;
    let worth = -entry.head.length / 1000;
    for (const word of words) {
      const at = entry.head.indexOf(word);
      if (at >= 0) worth += at === 0 || !/[\p{L}\p{N}]/u.test(entry.head[at - 1]) ? 3 : 2;
    }
    found.push({ entry, worth });
  }
  return found.sort((a, b) => b.worth - a.worth).slice(0, MOST).map(({ entry }) => entry);
};

const go = (/** @type {string} */ link, replace = false) =>
  document.dispatchEvent(new CustomEvent("notes-go", { detail: { link, replace } }));

const make = (/** @type {any} */ root) => {
  const input = document.createElement("input");
  Object.assign(input, { type: "search", autocomplete: "off", spellcheck: false, enterKeyHint: "search" });
  const told = {
    role: "combobox", "aria-label": "Question", "aria-expanded": "false",
    "aria-controls": "titles", "aria-autocomplete": "list",
  };
  for (const [key, value] of Object.entries(told)) input.setAttribute(key, value);
  const list = document.createElement("ul");
  list.id = "titles";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Titles and headings");
  list.hidden = true;
  root.replaceChildren(input, list);

  /** @type {Found[]} */
  let entries = [];
  /** @type {string[]} */
  let links = [];
  let at = -1;
  let pause = 0;
  const asked = () => new URLSearchParams(location.search).get("q") ?? "";

  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  /** Show lines, each with a title, what it is in, and where it leads. */
  const offer = (/** @type {[string, string, string][]} */ lines) => {
    close();
    links = lines.map(([, , link]) => link);
    list.replaceChildren(...lines.map(([title, above, link], number) => {
      const line = document.createElement("li");
      line.id = `title-${number}`;
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", "false");
      const inner = document.createElement("span");
      inner.className = "above";
      inner.textContent = above;
      line.append(title, inner);
      line.onpointerdown = (event) => { event.preventDefault(); follow(link); };
      return line;
    }));
    list.hidden = !lines.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
  };
  const titles = () => offer(matching(entries, input.value).map(
    ({ title, above, place }) => [title, above, `?q=&read=${encodeURIComponent(place)}`]));
  const before = () => offer(recent().map((one) => [one, "asked before", `?q=${encodeURIComponent(one)}`]));
  const move = (/** @type {number} */ step) => {
    const lines = [...list.children];
    at = Math.min(Math.max(at + step, -1), lines.length - 1);
    lines.forEach((line, number) => line.setAttribute("aria-selected", String(number === at)));
    lines[at]?.scrollIntoView({ block: "nearest" });
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `title-${at}`);
  };
  const follow = (/** @type {string} */ link) => {
    clearTimeout(pause);
    close();
    const question = new URLSearchParams(link).get("q");
    if (question !== null) input.value = question;
    go(link);
  };
  const ask = () => {
    const question = input.value.trim();
    if (question) {
      const others = recent().filter((one) => one !== question);
      try {
        localStorage.setItem(RECENT, JSON.stringify([question, ...others].slice(0, MOST_RECENT)));
      } catch { /* the browser keeps nothing */ }
    }
    const repeats = question === asked();
    clearTimeout(pause);
    close();
    go(`?q=${encodeURIComponent(question)}`, repeats);
  };

  input.addEventListener("input", () => {
    clearTimeout(pause);
    const question = input.value.trim();
    if (!question) {
      close();
      if (asked()) go("?q=", true);
      return;
    }
    titles();
    if (question.length >= SHORTEST && question !== asked())
      pause = setTimeout(() => go(`?q=${encodeURIComponent(question)}`, asked() !== ""), PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // Enter ends a Chinese word, and asks nothing
    if (event.key === "Enter") at >= 0 ? follow(links[at]) : ask();
    else if (event.key === "ArrowDown" && !list.hidden) move(1);
    else if (event.key === "ArrowUp" && !list.hidden) move(-1);
    else if (event.key === "ArrowDown" && !input.value) before();
    else if (event.key === "ArrowDown") document.dispatchEvent(new Event("notes-choose"));
    else if (event.key === "Escape" && !list.hidden) close();
    else if (event.key === "Escape") input.blur();
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", close);
  addEventListener("popstate", () => {
    if (document.activeElement !== input || input.value.trim() === "" || !pause) input.value = asked();
    else if (input.value.trim() !== asked() && list.hidden) input.value = asked();
    pause = 0;
  });
  input.value = asked();
  return (/** @type {{ generation: number, outline: string, count: number }} */ data) => {
    input.placeholder = `Ask ${data.count.toLocaleString("en")} ${data.count === 1 ? "note" : "notes"}`;
    if (root.generation === data.generation) return;
    root.generation = data.generation;
    const notes = JSON.parse(data.outline);
    entries = flat(notes);
    /** @type {any} */ (globalThis).notesOutline = notes;
    document.dispatchEvent(new Event("notes-outline"));
  };
};

/** Show the box; its data is an outline of the notes, see `outline.py`. */
export default function (/** @type {any} */ { data, parentElement }) {
  const root = parentElement.querySelector(".box");
  root.update ??= make(root);
  root.update(data);
}
