// A recording along its time, in step with the videos beside it. Everything is drawn once; time only moves a line.

const SVG = "http://www.w3.org/2000/svg";
const APART_S = 0.12; // two videos playing together may be so far apart before one is set
const ZOOMS = [1, 2, 4, 8, 16, 32];

function make(tag, attributes = {}, ...children) {
  const node = tag === "svg" || tag === "path" ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function clock(seconds, digits = 1) {
  const size = Math.abs(seconds);
  const minutes = Math.floor(size / 60);
  const rest = (size - 60 * minutes).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  return `${seconds < 0 ? "−" : ""}${minutes}:${rest}`;
}

// A number as it is written; what rounds to nothing has no sign.
function write(x, digits) {
  const text = Math.abs(x).toFixed(digits);
  return x < 0 && Number(text) ? `−${text}` : text;
}

// Index of the last point not after t, or -1.
function indexAt(times, t) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= t + 1e-6) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

class Player {
  constructor(host, data) {
    this.data = data;
    this.line = data.timeline;
    this.span = this.line.end - this.line.start || 1;
    this.zoom = 0;
    this.now = null;
    this.hover = null;
    this.leader = 0;
    this.root = make("div", { class: "tl", "data-tracks": this.line.tracks.length });
    this.build();
    host.append(this.root); // beside its style sheet
    this.abort = new AbortController();
    this.videos = [];
    this.look = setInterval(() => this.findVideos(), 300);
    this.findVideos();
    this.tick = () => {
      this.follow();
      this.request = requestAnimationFrame(this.tick);
    };
    this.tick();
    this.show(Math.min(Math.max(0, this.line.start), this.line.end));
  }

  stop() {
    clearInterval(this.look);
    cancelAnimationFrame(this.request);
    this.abort.abort();
    this.root.remove();
  }

  // --- videos

  findVideos() {
    this.data.videos.forEach((key, i) => {
      const video = document.querySelector(`.st-key-${key} video`);
      // The browser's own controls would lie over the sentence; those of the timeline do the same, for both at once.
      video?.removeAttribute("controls");
      if (!video || video === this.videos[i]) return;
      this.videos[i] = video;
      const on = (name, action) => video.addEventListener(name, action, { signal: this.abort.signal });
      on("play", () => this.lead(i, (other) => other.play()));
      on("pause", () => this.lead(i, (other) => other.pause(), !video.ended));
      on("seeking", () => { if (video.paused && !this.setting) this.leader = i; });
      on("click", () => this.toggle());
      on("play", () => this.showPlaying());
      on("pause", () => this.showPlaying());
    });
  }

  lead(i, action, too = true) {
    if (!this.videos[i]) return;
    if (!this.videos[this.leader] || this.videos[this.leader].paused || this.videos[this.leader].ended) this.leader = i;
    if (!too || this.within) return;
    this.within = true;
    this.videos.forEach((video, k) => { if (k !== i && this.reaches(k)) Promise.resolve(action(video)).catch(() => {}); });
    setTimeout(() => { this.within = false; }, 50);
  }

  reaches(k) {
    const track = this.line.tracks[k];
    return this.now === null || (this.now >= track.start - 0.05 && this.now < track.end - 0.05);
  }

  follow() {
    // Where one has come to its end, the other leads on.
    if (this.videos[this.leader]?.ended) this.leader = Math.max(0, this.videos.findIndex((video) => video && !video.paused));
    const lead = this.videos[this.leader];
    if (!lead || !lead.isConnected || lead.readyState < 1) return;
    const now = lead.currentTime - this.line.tracks[this.leader].origin;
    this.videos.forEach((video, k) => { if (k !== this.leader) this.keepUp(video, k, now, !lead.paused); });
    if (this.now === null || Math.abs(now - this.now) > 0.002) this.show(now);
  }

  keepUp(video, k, now, playing) {
    if (!video || !video.isConnected || video.readyState < 1 || video.seeking) return;
    const track = this.line.tracks[k];
    const wanted = Math.min(Math.max(now + track.origin, 0), Math.max(0, video.duration - 0.02));
    const outside = now < track.start || now > track.end - 0.02;
    if (playing && outside && !video.paused) video.pause();
    if (playing && !outside && video.paused && !video.ended) video.play().catch(() => {});
    if (Math.abs(video.currentTime - wanted) > (video.paused ? 0.02 : APART_S)) video.currentTime = wanted;
  }

  seek(t) {
    const to = Math.min(Math.max(t, this.line.start), this.line.end - 0.001);
    this.setting = true;
    this.videos.forEach((video, k) => {
      if (video) video.currentTime = Math.min(Math.max(to + this.line.tracks[k].origin, 0), Math.max(0, (video.duration || 1e9) - 0.01));
    });
    const reaching = this.videos.findIndex((video, k) => video && to >= this.line.tracks[k].start && to < this.line.tracks[k].end);
    if (reaching >= 0) this.leader = reaching;
    setTimeout(() => { this.setting = false; }, 100);
    this.show(to);
  }

  toggle() {
    const lead = this.videos[this.leader];
    if (!lead) return;
    if (lead.paused) lead.play().catch(() => {});
    else lead.pause();
  }

  // --- drawing, once

  place(t) { return `${(100 * (t - this.line.start)) / this.span}%`; }

  build() {
    const { words } = this.data;
    this.play = make("button", { class: "play", type: "button", "data-test": "play" });
    this.play.addEventListener("click", () => this.toggle());
    this.time = make("span", { class: "time", "data-test": "time" });
    const nearer = make("button", { type: "button", class: "small", "aria-label": words.nearer, title: words.nearer }, "+");
    const farther = make("button", { type: "button", class: "small", "aria-label": words.farther, title: words.farther }, "−");
    nearer.addEventListener("click", () => this.enlarge(1));
    farther.addEventListener("click", () => this.enlarge(-1));
    const key = make("div", { class: "key" });
    for (const kind of ["good", "cue", "unknown"]) key.append(make("span", { class: "what" }, make("span", { class: `swatch ${kind}` }), words[`key_${kind}`]));
    if (this.line.tracks.length > 1) {
      this.line.tracks.forEach((track, k) => key.append(make("span", { class: "whose" }, make("span", { class: `pen part-${k}` }), track.name)));
    }
    const bar = make("div", { class: "bar" }, this.play, this.time, make("span", { class: "room" }), farther, nearer);
    this.ruler = make("div", {
      class: "ruler", role: "slider", tabindex: "0", "aria-label": words.slider, "data-test": "ruler",
      "aria-valuemin": this.line.start.toFixed(2), "aria-valuemax": this.line.end.toFixed(2),
    });
    this.head = make("div", { class: "head" });
    this.ghost = make("div", { class: "ghost", hidden: "" });
    this.rows = [];
    this.tracks = make("div", { class: "tracks" }, make("div", { class: "row" }, this.ruler));
    for (const lane of this.line.lanes) this.tracks.append(this.lane(lane));
    let heading = false;
    for (const line of this.line.lines) {
      if (line.entry && !heading) this.tracks.append(make("h3", {}, words.entry));
      heading = heading || line.entry;
      this.tracks.append(this.measure(line));
    }
    this.tracks.append(this.head, this.ghost);
    this.scroll = make("div", { class: "scroll" }, this.tracks);
    this.root.append(bar, key, this.scroll);
    this.ticks();
    this.listen();
    this.showPlaying();
  }

  ticks() {
    const wanted = this.span / (6 * ZOOMS[this.zoom]);
    const step = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600].find((s) => s >= wanted) ?? 600;
    const ticks = [];
    for (let t = Math.ceil(this.line.start / step) * step; t <= this.line.end; t += step) {
      const late = (this.line.end - t) * ZOOMS[this.zoom] < 0.15 * this.span; // written before it: there is no room behind
      const tick = make("span", { class: late ? "tick late" : "tick" }, clock(t, step < 1 ? 1 : 0));
      tick.style.left = this.place(t);
      ticks.push(tick);
    }
    this.ruler.replaceChildren(...ticks);
  }

  row(kind, label, id) {
    const value = make("span", { class: "value" });
    const track = make("div", { class: `track ${kind}` });
    const row = make("div", { class: "row", "data-row": id },
      make("div", { class: "label" }, make("span", { class: "name" }, label), value), track);
    return { row, track, value };
  }

  lane(lane) {
    const { row, track, value } = this.row("lane", lane.label, lane.id);
    if (this.data.bands.includes(lane.id)) {
      const { move } = this.data.words;
      const button = make("button", { type: "button", class: "move", "aria-label": `${move}: ${lane.label}` }, move);
      button.addEventListener("click", () => this.ask("band", lane.id));
      value.before(button);
    }
    lane.parts.forEach((part, k) => {
      const strip = make("div", { class: "strip" });
      for (const [start, end, kind, label] of part.spans) {
        const span = make("div", { class: `span ${kind}`, title: label });
        span.style.left = this.place(start);
        span.style.width = `${(100 * (end - start)) / this.span}%`;
        strip.append(span);
      }
      for (const [t, kind, label] of part.marks) {
        const told = `${clock(t)} · ${label}`;
        const mark = make("button", { type: "button", class: `mark ${kind}`, title: told, "aria-label": told, "data-t": t });
        mark.style.left = `clamp(.65rem, ${this.place(t)}, 100% - .65rem)`; // whole at both ends
        mark.addEventListener("click", (event) => { event.stopPropagation(); this.seek(t); });
        strip.append(mark);
      }
      track.append(strip);
    });
    const show = (t) => {
      const text = lane.parts.map((part) => this.laneAt(part, t)).filter(Boolean).join(" / ");
      if (value.textContent !== text) value.textContent = text;
    };
    this.rows.push({ show });
    return row;
  }

  // Whether she was in the pose, where alone her measures are judged.
  inside(k, t) {
    const spans = this.line.lanes.find((lane) => lane.id === "phase").parts[k].spans;
    return spans.some(([start, end, kind]) => kind === "good" && t >= start && t < end);
  }

  laneAt(part, t) {
    const span = part.spans.find(([start, end]) => t >= start && t < end);
    const said = part.marks.filter(([at]) => at <= t + 0.02).at(-1);
    if (said && (!part.spans.length ? t - said[0] < 5 : t - said[0] < 0.5)) return said[2];
    return span ? span[3] : "";
  }

  measure(line) {
    const unit = line.unit && line.unit !== "°" ? ` ${line.unit}` : line.unit;
    const { row, track, value } = this.row("graph", line.label, line.id);
    const up = (x) => (100 * (line.high - x)) / (line.high - line.low);
    for (const [low, high, kind] of line.bands) {
      const [top, bottom] = [Math.max(0, up(high)), Math.min(100, up(low))];
      if (bottom <= top) continue;
      const band = make("div", { class: `band ${kind}` });
      band.style.top = `${top}%`;
      band.style.height = `${bottom - top}%`;
      track.append(band);
      for (const end of kind === "cue" ? [low, high] : []) {
        if (end <= line.low || end >= line.high) continue;
        const edge = make("span", { class: "edge" }, `${write(end, line.digits)}${unit}`);
        edge.style.top = `clamp(.5rem, ${up(end)}%, 100% - .5rem)`; // never half outside
        track.append(edge);
      }
    }
    line.parts.forEach((part, k) => {
      if (!part) return;
      if (k === 0 || !line.parts[0]) {
        for (const [start, end] of part.unknown) {
          const hatch = make("div", { class: "hatch" });
          hatch.style.left = this.place(start);
          hatch.style.width = `${(100 * (end - start)) / this.span}%`;
          track.append(hatch);
        }
      }
      const { t, end } = this.line.tracks[k];
      let path = "";
      let seen = false;
      part.values.forEach((x, i) => {
        if (x !== null) path += `${seen ? "L" : "M"}${t[i].toFixed(3)} ${up(x).toFixed(2)}`;
        else if (seen) path += `H${t[i].toFixed(3)}`; // what was seen holds until the next look
        seen = x !== null;
      });
      if (seen) path += `H${end.toFixed(3)}`;
      const picture = make("svg", { viewBox: `${this.line.start} 0 ${this.span} 100`, preserveAspectRatio: "none", "aria-hidden": "true" },
        make("path", { d: path, class: `part-${k}`, "vector-effect": "non-scaling-stroke" }));
      track.append(picture);
    });
    const numbers = line.parts.map(() => make("span"));
    value.append(...numbers);
    const show = (at) => line.parts.forEach((part, k) => {
      const { t, start, end } = this.line.tracks[k];
      const there = part && at >= start - 0.01 && at <= end + 0.01;
      const x = there ? part.values[Math.max(0, indexAt(t, at))] ?? null : null;
      const text = !there ? "" : x === null ? this.data.words.unseen : `${write(x, line.digits)}${unit}`;
      const kinds = x === null || !this.inside(k, at) ? [] : line.bands.filter(([low, high]) => x >= low && x <= high).map((band) => band[2]);
      if (numbers[k].textContent !== text) numbers[k].textContent = text;
      numbers[k].dataset.kind = ["cue", "good", "ok"].find((kind) => kinds.includes(kind)) ?? "";
    });
    this.rows.push({ show });
    return row;
  }

  // --- hands

  listen() {
    const timeAt = (event) => {
      const box = this.tracks.getBoundingClientRect();
      return this.line.start + (this.span * (event.clientX - box.left)) / box.width;
    };
    this.tracks.addEventListener("pointerdown", (event) => {
      if (event.target.closest("button") || event.button > 0) return;
      if (!event.target.closest(".track, .ruler")) return;
      this.dragging = event.pointerType === "mouse" || Boolean(event.target.closest(".ruler"));
      if (this.dragging) this.tracks.setPointerCapture(event.pointerId);
      this.seek(timeAt(event));
    });
    this.tracks.addEventListener("pointermove", (event) => {
      if (this.dragging) this.seek(timeAt(event));
      else if (event.pointerType === "mouse") this.point(timeAt(event));
    });
    for (const name of ["pointerup", "pointercancel"]) this.tracks.addEventListener(name, () => { this.dragging = false; });
    this.tracks.addEventListener("pointerleave", () => this.point(null));
    this.ruler.addEventListener("keydown", (event) => {
      const near = event.shiftKey ? 1 : 0.1;
      const moves = { ArrowLeft: -near, ArrowDown: -near, ArrowRight: near, ArrowUp: near };
      if (event.key in moves) this.seek(this.now + moves[event.key]);
      else if (event.key === "Home") this.seek(this.line.start);
      else if (event.key === "End") this.seek(this.line.end);
      else if (event.key === "PageDown") this.jump(1);
      else if (event.key === "PageUp") this.jump(-1);
      else if (event.key === " ") this.toggle();
      else return;
      event.preventDefault();
    });
  }

  jump(direction) {
    const times = this.line.lanes.flatMap((lane) => lane.parts.flatMap((part) => part.marks.map(([t]) => t))).sort((a, b) => a - b);
    const to = direction > 0 ? times.find((t) => t > this.now + 0.05) : times.filter((t) => t < this.now - 0.05).at(-1);
    if (to !== undefined) this.seek(to);
  }

  enlarge(by) {
    this.zoom = Math.min(Math.max(this.zoom + by, 0), ZOOMS.length - 1);
    this.tracks.style.width = `${100 * ZOOMS[this.zoom]}%`;
    this.ticks();
    this.keepInView(true);
  }

  // --- time

  point(t) {
    this.hover = t;
    this.ghost.hidden = t === null;
    if (t !== null) this.ghost.style.left = this.place(t);
    this.tell(t ?? this.now);
  }

  show(t) {
    this.now = t;
    this.head.style.left = this.place(Math.min(Math.max(t, this.line.start), this.line.end));
    this.time.textContent = `${clock(t)} / ${clock(this.line.end)}`;
    this.root.dataset.now = t.toFixed(3);
    this.ruler.setAttribute("aria-valuenow", t.toFixed(2));
    this.ruler.setAttribute("aria-valuetext", clock(t));
    this.keepInView(false);
    if (this.hover === null) this.tell(t);
  }

  keepInView(centre) {
    if (!this.zoom && !centre) return;
    const at = ((this.now - this.line.start) / this.span) * this.tracks.offsetWidth;
    const { scrollLeft, clientWidth } = this.scroll;
    if (centre || at < scrollLeft || at > scrollLeft + clientWidth) this.scroll.scrollLeft = at - clientWidth / 2;
  }

  tell(t) {
    for (const row of this.rows) row.show(t);
  }

  showPlaying() {
    const lead = this.videos?.[this.leader];
    const playing = Boolean(lead && !lead.paused);
    this.play.setAttribute("aria-label", playing ? this.data.words.pause : this.data.words.play);
    this.play.dataset.playing = playing;
    if (playing) this.point(null); // the numbers go with the video, though the pointer rests here
  }
}

const players = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const before = players.get(parentElement);
  if (before && before.data.version === data.version) return void (before.ask = setTriggerValue);
  before?.stop();
  const player = new Player(parentElement, data);
  player.ask = setTriggerValue;
  players.set(parentElement, player);
  return () => {
    player.stop();
    players.delete(parentElement);
  };
}
