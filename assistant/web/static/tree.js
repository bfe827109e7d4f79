// @ts-check
// The tree of notes and headings, with a box that filters it. Labels are set as text, never as HTML.

/** @typedef {[string, string, string, [number, ...string[]][]]} Note */

const MOST = 300; // lines that a filter shows

const link = (/** @type {string} */ place, /** @type {string} */ words, depth = 0) => {
  const made = document.createElement("a");
  made.href = `?read=${encodeURIComponent(place)}`;
  made.textContent = words;
  made.dataset.place = place;
  made.style.paddingInlineStart = `${0.4 + depth}rem`;
  return made;
};
const items = (/** @type {Element[]} */ elements) => {
  const made = document.createElement("ul");
  for (const element of elements) {
    const item = document.createElement("li");
    item.append(element);
    made.append(item);
  }
  return made;
};
/** An element that opens, filled when it does: a long note has thousands of headings. */
const opening = (/** @type {Node[]} */ words, /** @type {() => Element} */ content) => {
  const made = /** @type {any} */ (document.createElement("details"));
  const summary = document.createElement("summary");
  summary.append(...words);
  made.append(summary);
  made.fill = () => { made.fill = () => {}; made.append(content()); };
  made.ontoggle = () => made.fill();
  return made;
};
const small = (/** @type {string} */ words) => {
  const made = document.createElement("span");
  made.className = "date";
  made.textContent = words;
  return made;
};
const ofNote = (/** @type {Note} */ [path, title, date, entries]) => {
  const file = path.slice(path.lastIndexOf("/") + 1);
  const known = [title && title !== file ? file : "", date].filter(Boolean).join(" · ");
  const made = opening([new Text(title || file), small(known)], () => items(entries.map(
    ([line, ...headings]) => link(`${path}:${line}`, headings.at(-1) ?? "(beginning)", Math.max(headings.length - 1, 0)))));
  made.dataset.note = path;
  return made;
};
/** The notes below a folder, those in folders first. */
const ofFolder = (/** @type {Note[]} */ notes, /** @type {number} */ skipped) => {
  /** @type {Map<string, Note[]>} */
  const folders = new Map();
  const own = [];
  for (const note of notes) {
    const at = note[0].indexOf("/", skipped);
    if (at < 0) own.push(note);
    else {
      const name = note[0].slice(skipped, at);
      folders.set(name, [...(folders.get(name) ?? []), note]);
    }
  }
  return items([
    ...[...folders].map(([name, inner]) => {
      const made = opening([new Text(`${name}/`), small(`${inner.length}`)],
        () => ofFolder(inner, skipped + name.length + 1));
      made.dataset.folder = inner[0][0].slice(0, skipped + name.length + 1);
      return made;
    }),
    ...own.map(ofNote),
  ]);
};
/** The entries that have all words in their headings or in the path of their note. */
const filtered = (/** @type {Note[]} */ notes, /** @type {string} */ typed) => {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = [];
  for (const [path, title, , entries] of notes)
    for (const [line, ...headings] of entries) {
      const all = [path, title, ...headings].join(" ").toLowerCase();
      if (words.every((word) => all.includes(word))) {
        const made = link(`${path}:${line}`, headings.at(-1) ?? title);
        made.append(small(path));
        found.push(made);
      }
      if (found.length >= MOST) return items(found);
    }
  return items(found);
};

const make = (/** @type {any} */ root) => {
  const input = document.createElement("input");
  input.type = "search";
  input.placeholder = "Filter titles and headings";
  input.setAttribute("aria-label", "Filter titles and headings");
  const list = document.createElement("nav");
  list.setAttribute("aria-label", "Notes");
  root.replaceChildren(input, list);
  /** @returns {Note[]} */
  const notes = () => /** @type {any} */ (globalThis).notesOutline ?? [];
  const draw = () => {
    list.replaceChildren(input.value.trim() ? filtered(notes(), input.value) : ofFolder(notes(), 0));
    if (!input.value.trim() && notes().length === 1) open(list.querySelector("details"));
    root.reveal();
  };
  const open = (/** @type {any} */ details) => {
    details?.fill();
    if (details) details.open = true;
  };
  /** Open what the entry lies in, and mark it. */
  root.reveal = () => {
    const note = root.place.replace(/:\d+$/, "");
    const holds = (/** @type {HTMLElement} */ { dataset }) =>
      dataset.note === note || Boolean(dataset.folder && note.startsWith(dataset.folder));
    const shut = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll("details:not([open])")]);
    for (let closed; note && (closed = shut().find(holds));) open(closed);
    for (const made of list.querySelectorAll("a")) {
      made.toggleAttribute("aria-current", false);
      if (made.dataset.place !== root.place) continue;
      made.setAttribute("aria-current", "true");
      const top = made.getBoundingClientRect().top - list.getBoundingClientRect().top;
      if (top < 0 || top > list.clientHeight - 30) list.scrollTop += top - list.clientHeight / 3;
    }
  };
  input.addEventListener("input", draw);
  document.addEventListener("notes-outline", draw);
  return draw;
};

/** Show the tree; its data is the place of the entry that is read. */
export default function (/** @type {any} */ { data, parentElement }) {
  const root = parentElement.querySelector(".tree");
  const before = root.place;
  root.place = data.place;
  root.draw ??= make(root);
  if (before === undefined) root.draw();
  else if (before !== data.place) root.reveal();
}
