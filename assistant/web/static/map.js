// @ts-check
// The map of the notes on a canvas: it is drawn, moved and read by mouse, finger and keys. Titles
// are those of the outline that the box knows; whatever came from notes is drawn or set as text.

/** @typedef {{ place: string, x: number, y: number, colour: number }} Spot */
/** @typedef {{ words: string, x: number, y: number }} Region */
/** @typedef {{ generation: number, told: string, results: string[], question: [number, number] | null, read: string }} Data */

// Colours that people with any form of colour blindness tell apart (Okabe and Ito 2008), without the
// black, which a dark page swallows; there the yellow stands for the darkest.
const COLOURS = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7"];
const DARK_FIRST = "#F0E442";
const OTHER = "#8A8A8A";
const RADIUS = 3; // of a point, in pixels
const SIDE = 4; // of a square one
const MANY = 3000; // points, from which on they are square: that takes a tenth of the time
const REACH = 14; // pixels around a point within which it is meant
const MARGIN = 36; // pixels around the whole map
const CLOSEST = 40; // times
const STEP = 1.5; // of a zoom by key or button
const MOVED = 4; // pixels after which a press is no click

/**
 * A colour for each region, so that regions of one colour lie far from each other.
 * @param {Region[]} regions
 */
const coloured = (regions) => {
  /** @type {number[]} */
  const chosen = [];
  for (const { x, y } of regions) {
    const room = COLOURS.map((_, colour) => Math.min(Infinity, ...regions.slice(0, chosen.length)
      .map((other, at) => (chosen[at] === colour ? (other.x - x) ** 2 + (other.y - y) ** 2 : Infinity))));
    chosen.push(room.indexOf(Math.max(...room)));
  }
  return chosen;
};

/** What the server told: the points of each note, in order of their colours, and the regions. */
const parsed = (/** @type {string} */ told) => {
  const { notes, regions: named } = JSON.parse(told);
  /** @type {Region[]} */
  const regions = named.map((/** @type {[string, number, number]} */ [words, x, y]) => ({ words, x, y }));
  const colours = coloured(regions);
  /** @type {Spot[]} */
  const spots = [];
  for (const [note, flat] of notes)
    for (let at = 0; at < flat.length; at += 4) {
      const colour = colours[flat[at + 3]] ?? COLOURS.length;
      spots.push({ place: `${note}:${flat[at]}`, x: flat[at + 1], y: flat[at + 2], colour });
    }
  return { spots: spots.sort((one, other) => one.colour - other.colour), regions };
};

const ends = (/** @type {number[]} */ values) =>
  values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);

/** The headings of every entry, by its place. */
const headings = () => {
  /** @type {Map<string, string[]>} */
  const found = new Map();
  for (const [note, title, , entries] of /** @type {any} */ (globalThis).notesOutline ?? [])
    for (const [line, ...above] of entries) found.set(`${note}:${line}`, above.length ? above : [title || note]);
  return found;
};

const button = (/** @type {string} */ sign, /** @type {string} */ words, /** @type {() => void} */ act) => {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = sign;
  made.title = words;
  made.setAttribute("aria-label", words);
  made.onclick = act;
  return made;
};

const make = (/** @type {any} */ root) => {
  const canvas = document.createElement("canvas");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  const tools = document.createElement("div");
  tools.className = "tools";
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;
  root.replaceChildren(canvas, tools, tip);
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));

  /** @type {Spot[]} */
  let spots = [];
  /** @type {Region[]} */
  let regions = [];
  /** @type {Map<string, Spot>} */
  let at = new Map();
  /** @type {Map<string, string[]>} */
  let titles = new Map();
  /** @type {Data} */
  let data = { generation: -1, told: "", results: [], question: null, read: "" };
  /** @type {Spot | null} */
  let pointed = null; // by the mouse or the keys
  let [width, height, fit] = [0, 0, 1];
  let bounds = { x: 0, y: 0, extent: 1 };
  let view = { x: 0, y: 0, zoom: 1 }; // what of the map is in the middle, and how close
  let waiting = 0;

  const scale = () => fit * view.zoom;
  /** @returns {[number, number]} */
  const onCanvas = (/** @type {{ x: number, y: number }} */ { x, y }) =>
    [width / 2 + (x - view.x) * scale(), height / 2 - (y - view.y) * scale()];
  const whole = () => { view = { x: bounds.x, y: bounds.y, zoom: 1 }; redraw(); };
  /** Zoom so that what is at a place of the canvas stays there. */
  const zoom = (/** @type {number} */ factor, x = width / 2, y = height / 2) => {
    const before = scale();
    view.zoom = Math.min(Math.max(view.zoom * factor, 0.5), CLOSEST);
    const shift = 1 / before - 1 / scale();
    view.x += (x - width / 2) * shift;
    view.y -= (y - height / 2) * shift;
    redraw();
  };
  const redraw = () => { waiting ||= requestAnimationFrame(() => { waiting = 0; draw(); }); };

  /** The points, those of one colour in one go: round, or square where there are too many for that. */
  const dots = (/** @type {string[]} */ inks) => {
    pen.globalAlpha = 0.8;
    let last = -1;
    for (const spot of spots) { // ordered by colour
      const [x, y] = onCanvas(spot);
      if (x < -RADIUS || y < -RADIUS || x > width + RADIUS || y > height + RADIUS) continue;
      if (spot.colour !== last) {
        if (last >= 0) pen.fill();
        pen.beginPath();
        pen.fillStyle = inks[last = spot.colour];
      }
      if (spots.length > MANY) pen.fillRect(x - SIDE / 2, y - SIDE / 2, SIDE, SIDE);
      else { pen.moveTo(x + RADIUS, y); pen.arc(x, y, RADIUS, 0, 7); }
    }
    if (last >= 0) pen.fill();
    pen.globalAlpha = 1;
  };
  const draw = () => {
    const began = performance.now();
    const style = getComputedStyle(root);
    const ink = style.color;
    const paper = style.backgroundColor;
    const isDark = (ink.match(/\d+/g) ?? []).slice(0, 3).every((part) => Number(part) > 128);
    const inks = [...(isDark ? [DARK_FIRST, ...COLOURS.slice(1)] : COLOURS), OTHER];
    pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    pen.clearRect(0, 0, width, height);
    dots(inks);
    names(ink, paper);
    marks(ink, paper);
    canvas.dataset.points = String(spots.length);
    root.took = performance.now() - began;
  };
  const written = (/** @type {string} */ words, /** @type {number} */ x, /** @type {number} */ y, /** @type {string} */ ink, /** @type {string} */ paper) => {
    pen.lineJoin = "round";
    pen.lineWidth = 4;
    pen.strokeStyle = paper;
    pen.strokeText(words, x, y);
    pen.fillStyle = ink;
    pen.fillText(words, x, y);
  };
  /** What the regions are about, those of most entries first, as far as there is room. */
  const names = (/** @type {string} */ ink, /** @type {string} */ paper) => {
    pen.font = `600 12px ${getComputedStyle(root).fontFamily}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    /** @type {[number, number, number][]} */
    const taken = [];
    for (const place of data.results) {
      const spot = at.get(place);
      if (spot) taken.push([...onCanvas(spot), 20]);
    }
    if (data.question) taken.push([...onCanvas({ x: data.question[0], y: data.question[1] }), 12]);
    for (const region of regions) {
      const [x, y] = onCanvas(region);
      const half = pen.measureText(region.words).width / 2 + 4;
      const outside = x < half || x > width - half || y < 8 || y > height - 8;
      if (outside || taken.some(([ox, oy, other]) => Math.abs(oy - y) < 18 && Math.abs(ox - x) < half + other)) continue;
      taken.push([x, y, half]);
      written(region.words, x, y, ink, paper);
    }
  };
  const ring = (/** @type {Spot} */ spot, /** @type {number} */ radius, /** @type {string} */ ink, /** @type {string} */ paper) => {
    const [x, y] = onCanvas(spot);
    for (const [wide, colour] of /** @type {[number, string][]} */ ([[5, paper], [2, ink]])) {
      pen.lineWidth = wide;
      pen.strokeStyle = colour;
      pen.beginPath();
      pen.arc(x, y, radius, 0, 7);
      pen.stroke();
    }
    return [x, y];
  };
  /** The results with their ranks, the entry that is read, what is pointed at, and the question. */
  const marks = (/** @type {string} */ ink, /** @type {string} */ paper) => {
    pen.font = `700 14px ${getComputedStyle(root).fontFamily}`;
    // Results that lie together have their ranks on different sides.
    const sides = [[0, -16], [16, 0], [0, 16], [-16, 0]];
    data.results.forEach((place, number) => {
      const spot = at.get(place);
      if (!spot) return;
      const [x, y] = ring(spot, 8, ink, paper);
      const [dx, dy] = sides[number % 4];
      written(String(number + 1), x + dx, y + dy, ink, paper);
    });
    const read = at.get(data.read);
    if (read) ring(read, 11, ink, paper);
    if (pointed) ring(pointed, 6, ink, paper);
    if (!data.question) return;
    const [x, y] = onCanvas({ x: data.question[0], y: data.question[1] });
    for (const [wide, colour] of /** @type {[number, string][]} */ ([[9, paper], [5, ink]])) {
      pen.lineWidth = wide;
      pen.strokeStyle = colour;
      pen.beginPath();
      pen.moveTo(x - 9, y); pen.lineTo(x + 9, y);
      pen.moveTo(x, y - 9); pen.lineTo(x, y + 9);
      pen.stroke();
    }
  };

  const nearest = (/** @type {number} */ x, /** @type {number} */ y) => {
    let [found, least] = [/** @type {Spot | null} */ (null), REACH ** 2];
    for (const spot of spots) {
      const [sx, sy] = onCanvas(spot);
      const away = (sx - x) ** 2 + (sy - y) ** 2;
      if (away <= least) [found, least] = [spot, away];
    }
    return found;
  };
  const point = (/** @type {Spot | null} */ spot) => {
    if (spot === pointed) return;
    pointed = spot;
    tip.hidden = !spot;
    canvas.style.cursor = spot ? "pointer" : "";
    if (spot) {
      const [x, y] = onCanvas(spot);
      const above = [...(titles.get(spot.place) ?? ["(beginning)"])];
      const heading = document.createElement("b");
      heading.textContent = above.pop() ?? "";
      const where = document.createElement("span");
      where.textContent = [spot.place.replace(/:(\d+)$/, ", line $1"), ...above].join(" › ");
      tip.replaceChildren(heading, where);
      tip.style.left = `${Math.min(Math.max(x - tip.offsetWidth / 2, 4), width - tip.offsetWidth - 4)}px`;
      tip.style.top = `${y + 16 + tip.offsetHeight > height ? y - 16 - tip.offsetHeight : y + 16}px`;
    }
    redraw();
  };
  const read = (/** @type {Spot} */ spot) => document.dispatchEvent(
    new CustomEvent("notes-go", { detail: { link: `?read=${encodeURIComponent(spot.place)}` } }));
  /** Point at the next entry in a direction, from the one that is pointed at or read. */
  const step = (/** @type {number} */ dx, /** @type {number} */ dy) => {
    const from = pointed ?? at.get(data.read || data.results[0])
      ?? spots.reduce((best, spot) => ((spot.x - view.x) ** 2 + (spot.y - view.y) ** 2
        < (best.x - view.x) ** 2 + (best.y - view.y) ** 2 ? spot : best), spots[0]);
    let [found, least] = [/** @type {Spot | null} */ (null), Infinity];
    if (pointed)
      for (const spot of spots) {
        const along = (spot.x - from.x) * dx + (spot.y - from.y) * dy;
        const across = Math.abs((spot.x - from.x) * dy) + Math.abs((spot.y - from.y) * dx);
        if (along > 0 && across <= along && along + across < least) [found, least] = [spot, along + across];
      }
    const next = found ?? from;
    if (!next) return;
    const [x, y] = onCanvas(next);
    if (x < 20 || y < 20 || x > width - 20 || y > height - 20) Object.assign(view, { x: next.x, y: next.y });
    point(next);
  };

  canvas.addEventListener("keydown", (event) => {
    const act = {
      ArrowLeft: () => step(-1, 0), ArrowRight: () => step(1, 0),
      ArrowUp: () => step(0, 1), ArrowDown: () => step(0, -1),
      "+": () => zoom(STEP), "=": () => zoom(STEP), "-": () => zoom(1 / STEP), 0: whole,
      Enter: () => { if (pointed) read(pointed); },
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), event.offsetX, event.offsetY);
  }, { passive: false });
  /** @type {{ x: number, y: number, moved: number } | null} */
  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    held = { x: event.offsetX, y: event.offsetY, moved: 0 };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return point(nearest(event.offsetX, event.offsetY));
    const [dx, dy] = [event.offsetX - held.x, event.offsetY - held.y];
    held = { x: event.offsetX, y: event.offsetY, moved: held.moved + Math.abs(dx) + Math.abs(dy) };
    if (held.moved <= MOVED) return;
    view.x -= dx / scale();
    view.y += dy / scale();
    point(null);
    redraw();
  });
  canvas.addEventListener("pointerup", (event) => {
    const spot = held && held.moved <= MOVED ? nearest(event.offsetX, event.offsetY) : null;
    held = null;
    if (spot) read(spot);
  });
  canvas.addEventListener("pointercancel", () => { held = null; });
  canvas.addEventListener("pointerleave", () => { if (!held) point(null); });
  tools.append(button("+", "Closer", () => zoom(STEP)), button("−", "Further away", () => zoom(1 / STEP)),
    button("⤢", "The whole map", whole));

  const measure = () => {
    [width, height] = [root.clientWidth, root.clientHeight];
    canvas.width = Math.round(width * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    fit = Math.max(Math.min(width, height) - 2 * MARGIN, 50) / bounds.extent;
    redraw();
  };
  new ResizeObserver(measure).observe(root);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  document.addEventListener("notes-outline", () => { titles = headings(); });
  root.redraw = redraw;
  /** Where an entry is drawn, in pixels of the window: null for one that the map has not. */
  root.spotOf = (/** @type {string} */ place) => {
    const spot = at.get(place);
    const { left, top } = canvas.getBoundingClientRect();
    const [x, y] = spot ? onCanvas(spot) : [0, 0];
    return spot ? [left + x, top + y] : null;
  };
  return (/** @type {Data} */ next) => {
    const isNew = next.generation !== data.generation;
    data = next;
    if (isNew) {
      ({ spots, regions } = parsed(next.told));
      at = new Map(spots.map((spot) => [spot.place, spot]));
      titles = headings();
      pointed = null;
      const [x0, x1] = ends(spots.map(({ x }) => x));
      const [y0, y1] = ends(spots.map(({ y }) => y));
      bounds = { x: (x0 + x1) / 2, y: (y0 + y1) / 2, extent: Math.max(x1 - x0, y1 - y0) || 1 };
      Object.assign(view, { x: bounds.x, y: bounds.y });
      const told = `Map of ${spots.length.toLocaleString("en")} entries of the notes. Arrow keys point at`
        + " an entry, Enter reads it, + and - zoom, 0 shows the whole map.";
      canvas.setAttribute("aria-label", told);
      canvas.textContent = `What they are about: ${regions.map(({ words }) => words).join("; ")}`;
    }
    measure();
  };
};

/** Show the map; its data is what `map_chart.py` says. */
export default function (/** @type {any} */ { data, parentElement }) {
  const root = parentElement.querySelector(".map");
  root.update ??= make(root);
  root.update(data);
}
