// @ts-check
// The list of results, and beside it the entry that is read. Both come as HTML that the server made
// of notes; a second wall lets in known elements and attributes alone.

const KNOWN = new Set((
  "a article b blockquote br button code del dd div dl dt em footer h2 h3 header hr i img input kbd li"
  + " mark nav ol p pre s section span strong sub sup table tbody td th thead tr ul"
  + " math menclose merror mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot"
  + " mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none"
).split(" "));
const PLAIN = new Set((
  "alt alttext aria-hidden aria-label checked class disabled hidden loading rel role start tabindex target"
  + " title type accent columnalign columnlines columnspacing depth display displaystyle fence form height"
  + " largeop linethickness lspace mathsize mathvariant maxsize minsize movablelimits notation rowlines"
  + " rowspacing rspace scriptlevel separator stretchy symmetric width"
).split(" "));
const CHECKED = /** @type {Record<string, RegExp>} */ ({
  href: /^(\?|https?:|mailto:)/i,
  src: /^\/note-image\?/,
  style: /^text-align: ?(left|right|center);?$/,
});
const NARROW = matchMedia("(max-width: 900px)");

/** Return the nodes of some HTML, of which nothing has run or been loaded, without what is unknown. */
const clean = (/** @type {string} */ html) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const element of [...page.body.querySelectorAll("*")]) {
    if (!KNOWN.has(element.localName)) element.remove();
    for (const { name, value } of [...element.attributes])
      if (!PLAIN.has(name) && !CHECKED[name]?.test(value)) element.removeAttribute(name);
  }
  return [...page.body.childNodes];
};

const RECENT = "notes-questions";

/** Offer questions asked before, which this browser alone knows. */
const offer = (/** @type {HTMLElement} */ place) => {
  /** @type {string[]} */
  let asked = [];
  try {
    asked = JSON.parse(localStorage.getItem(RECENT) ?? "[]").filter((/** @type {unknown} */ one) => typeof one === "string");
  } catch { /* nothing is kept */ }
  place.hidden = !asked.length;
  if (!asked.length) return;
  const title = document.createElement("h2");
  title.textContent = "Recent questions";
  const forget = document.createElement("button");
  forget.textContent = "Forget";
  forget.className = "forget";
  forget.onclick = () => { localStorage.removeItem(RECENT); place.hidden = true; };
  const list = document.createElement("ul");
  list.className = "examples";
  for (const question of asked) {
    const link = document.createElement("a");
    link.href = `?q=${encodeURIComponent(question)}`;
    link.textContent = question;
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  place.replaceChildren(title, forget, list);
};

/** Let what scrolls sideways be scrolled by keys. */
const scrollable = (/** @type {Element} */ within) => {
  for (const element of within.querySelectorAll(".code pre, .table, .formula"))
    if (element.scrollWidth > element.clientWidth) {
      element.setAttribute("tabindex", "0");
      element.setAttribute("role", "region");
      element.setAttribute("aria-label", element.matches("pre") ? "code" : "table");
    }
};

/** Scroll to the best sentence within the reader, unless it is in sight. */
const reveal = (/** @type {HTMLElement} */ reader) => {
  reader.scrollTop = 0;
  const mark = reader.querySelector("mark");
  if (!mark) return;
  const { top } = reader.getBoundingClientRect();
  const at = mark.getBoundingClientRect();
  if (at.bottom - top > reader.clientHeight * 0.75) reader.scrollTop = at.top - top - reader.clientHeight * 0.35;
};

const copied = async (/** @type {HTMLElement} */ button, /** @type {string} */ text) => {
  await navigator.clipboard.writeText(text);
  const words = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = words; }, 1500);
};

const make = (/** @type {any} */ desk) => {
  const list = document.createElement("section");
  const reader = document.createElement("section");
  list.className = "list";
  list.setAttribute("aria-label", "Answer");
  reader.className = "reader";
  reader.setAttribute("aria-label", "Entry");
  desk.replaceChildren(list, reader);
  desk.addEventListener("click", (/** @type {Event} */ event) => {
    const button = /** @type {HTMLElement} */ (event.target);
    if (button.matches(".copy")) copied(button, button.closest(".code")?.querySelector("code")?.textContent ?? "");
    if (button.matches(".copy-markdown")) copied(button, desk.markdown);
    if (button.matches(".copy-link")) {
      const link = `?view=Browse&read=${encodeURIComponent(desk.place)}`;
      copied(button, new URL(link, location.origin).href);
    }
  });
  // On a narrow screen the entry stands below its line in the list.
  desk.arrange = () => {
    const current = list.querySelector("a.result[aria-current]");
    if (NARROW.matches && current) current.after(reader);
    else desk.append(reader);
    desk.style.setProperty("--top", `${desk.getBoundingClientRect().top + scrollY}px`);
  };
  NARROW.addEventListener("change", desk.arrange);
  return [list, reader];
};

/** Show an answer; its data is what `components.py` says. */
export default function (/** @type {any} */ { data, parentElement }) {
  const desk = parentElement.querySelector(".desk");
  const [list, reader] = (desk.parts ??= make(desk));
  desk.markdown = data.markdown;
  desk.place = data.place;
  const isNew = desk.shownList !== data.list;
  if (isNew) {
    desk.append(reader);
    desk.shownList = data.list;
    list.replaceChildren(...clean(data.list));
    list.scrollTop = 0;
    const recent = list.querySelector(".recent");
    if (recent) offer(recent);
  }
  list.querySelectorAll("a.result").forEach((/** @type {Element} */ link, /** @type {number} */ number) => {
    link.toggleAttribute("aria-current", false);
    if (number + 1 === data.rank) link.setAttribute("aria-current", "true");
  });
  desk.classList.toggle("alone", !data.list);
  const moved = desk.shownReader !== data.reader;
  if (moved) {
    desk.shownReader = data.reader;
    reader.replaceChildren(...clean(data.reader));
    reader.querySelector("a.editor")?.setAttribute("href", data.editor);
  }
  desk.arrange();
  if (!moved) return;
  scrollable(reader);
  if (!NARROW.matches) reveal(reader);
  else if (!isNew) (reader.closest("li") ?? reader).scrollIntoView({ block: "start" });
}
