// Shows what the snapshot says. Elements are made once and changed in place: rings glide, captions are read out once.

const SVG = "http://www.w3.org/2000/svg";
const SIZES = [1, 0.84, 0.7, 0.58, 0.48, 0.4]; // of the large type: the largest in which a sentence fits its box
const ROUND = 2 * Math.PI * 45;

function make(tag, attributes = {}, ...children) {
  const node = ["svg", "path", "circle"].includes(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function say(node, text) {
  const shown = text ?? "";
  if (node.textContent !== shown) node.textContent = shown;
  node.hidden = shown === "";
}

function build(kind) {
  if (kind === "cue") {
    // The same sentence is spoken; a screen reader gets it from here when the page's own voice is off.
    const cue = make("p", { class: "cue", role: "status", "aria-live": "polite", "data-test": "cue" });
    return { root: make("div", { class: "pc" }, cue), cue };
  }
  if (kind === "breath") {
    const word = make("span", { class: "breath-word" });
    const line = make("span", { class: "breath-line" }, make("span", { class: "breath-now" }));
    return { root: make("div", { class: "pc" }, make("div", { class: "breath", "aria-hidden": "true" }, word, line)), word, line };
  }
  const parts = {
    name: make("h1", { class: "name" }),
    figure: make("svg", { class: "figure", viewBox: "0 0 200 140", "aria-hidden": "true" }),
    place: make("img", { class: "place", alt: "" }),
    parts: make("ul", { class: "parts", "data-test": "parts" }),
    track: make("circle", { class: "track", cx: 50, cy: 50, r: 45 }),
    done: make("circle", { class: "done", cx: 50, cy: 50, r: 45, "stroke-dasharray": ROUND, "stroke-dashoffset": ROUND }),
    number: make("div", { class: "number", "data-test": "number" }),
    of: make("div", { class: "of" }),
    title: make("div", { class: "title", "data-test": "title" }),
    line: make("div", { class: "line" }),
    note: make("div", { class: "note", role: "status" }),
  };
  parts.ring = make("div", { class: "ring" },
    make("svg", { viewBox: "0 0 100 100", "aria-hidden": "true" }, parts.track, parts.done),
    make("div", { class: "inside" }, parts.number, parts.of));
  parts.root = make("div", { class: "pc" }, make("div", { class: "side" },
    parts.name, parts.place, parts.figure, parts.ring, parts.title, parts.parts, parts.line, parts.note));
  return parts;
}

function drawFigure(svg, figure) {
  const wanted = JSON.stringify(figure.strokes);
  svg.style.transform = figure.mirrored ? "scaleX(-1)" : "";
  if (svg.dataset.drawn !== wanted) {
    svg.dataset.drawn = wanted;
    svg.replaceChildren(make("path", { class: "floor", d: "M14 128 H186" }),
      ...figure.strokes.map(([part, width, d]) => make("path", { d, "stroke-width": width, "data-part": part })),
      make("circle", { cx: figure.head[0], cy: figure.head[1], r: figure.head[2], "data-part": "head" }));
  }
  for (const node of svg.querySelectorAll("[data-part]")) node.dataset.state = figure.states[node.dataset.part] ?? "unknown";
}

function fit(page) {
  const { cue } = page;
  const wanted = `${cue.textContent}|${cue.clientWidth}|${cue.clientHeight}`;
  if (page.fitted === wanted) return;
  page.fitted = wanted;
  for (const size of SIZES) {
    cue.style.setProperty("--fit", size);
    if (cue.scrollHeight <= cue.clientHeight && cue.scrollWidth <= cue.clientWidth) break;
  }
}

function listParts(list, parts) {
  if (list.childElementCount !== parts.length) list.replaceChildren(...parts.map(() => make("li")));
  parts.forEach((part, i) => {
    const item = list.children[i];
    say(item, part.label);
    item.dataset.state = part.state;
    item.setAttribute("aria-label", `${part.label}: ${part.word}`);
  });
}

// The breath goes on smoothly between two looks at the trainer, and never runs ahead of it by more than one.
const LONGEST_LOOK_S = 0.6;

function breathe(page) {
  const { breath, seen } = page;
  page.line.parentElement.dataset.on = Boolean(breath);
  if (!breath) return (page.frame = null);
  const late = Math.min((performance.now() - seen) / 1000, LONGEST_LOOK_S);
  const at = (breath.at + late) % (breath.inhale + breath.exhale);
  const inward = at < breath.inhale;
  const share = inward ? at / breath.inhale : 1 - (at - breath.inhale) / breath.exhale;
  const full = (1 - Math.cos(Math.PI * share)) / 2; // slow at both ends, as a breath is
  page.line.firstChild.style.transform = `scaleX(${0.12 + 0.88 * full})`;
  say(page.word, inward ? page.words.in : page.words.out);
  page.frame = requestAnimationFrame(() => breathe(page));
}

// Keys for hands that are near the keyboard after all. One listener for the page, whichever element is shown.
const KEYS = { " ": "pause", ArrowRight: "skip" };
let tellKey = null;
if (!window.posecheckKeys) {
  window.posecheckKeys = (event) => window.posecheckTellKey?.(event);
  document.addEventListener("keydown", window.posecheckKeys);
}
window.posecheckTellKey = (event) => {
  const wanted = KEYS[event.key];
  if (!wanted || event.repeat || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.composedPath()[0].closest?.("button, input, textarea, select, a, summary, [role=radio], [role=slider]")) return;
  if (!tellKey) return;
  event.preventDefault();
  tellKey(wanted);
};

const built = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement;
  if (!built.has(host)) {
    built.set(host, build(data.kind));
    host.append(built.get(host).root);
  }
  const page = built.get(host);
  if (data.kind === "cue") {
    document.documentElement.toggleAttribute("data-posecheck-live", Boolean(data.aspect));
    if (data.aspect) document.documentElement.style.setProperty("--pc-aspect", data.aspect);
    page.cue.setAttribute("aria-live", data.tone === "quiet" ? "off" : "polite");
    say(page.cue, data.text);
    page.cue.hidden = false;
    page.cue.dataset.tone = data.tone;
    fit(page);
    return;
  }
  if (data.kind === "breath") {
    tellKey = (wanted) => setTriggerValue("key", wanted);
    Object.assign(page, { breath: data.breath, seen: performance.now(), words: { in: data.in, out: data.out } });
    if (page.frame) cancelAnimationFrame(page.frame);
    breathe(page);
    return () => { tellKey = null; };
  }
  say(page.name, data.name);
  say(page.title, data.title);
  say(page.line, data.note ? "" : data.line); // the note takes the line's place: nothing moves
  say(page.note, data.note);
  page.place.hidden = !data.place;
  if (data.place && page.place.getAttribute("src") !== data.place) page.place.setAttribute("src", data.place);
  page.figure.toggleAttribute("hidden", !data.figure);
  if (data.figure) drawFigure(page.figure, data.figure);
  page.parts.hidden = !data.parts;
  if (data.parts) listParts(page.parts, data.parts);
  page.ring.hidden = !data.ring;
  if (data.ring) {
    say(page.number, data.ring.number);
    say(page.of, data.ring.of);
    page.ring.dataset.running = data.ring.running;
    page.done.setAttribute("stroke-dashoffset", ROUND * (1 - Math.min(1, data.ring.share)));
  }
}
