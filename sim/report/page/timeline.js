// What each unit did over time.

/// Bars of the window: spans shorter than a pixel are merged, the state with most cycles shown.
function windowed(spans, from, to, pixels) {
  const resolution = (to - from) / pixels;
  const bars = [];
  let low = 0;
  let high = spans.begin.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans.begin[middle] + spans.length[middle] > from) high = middle; else low = middle + 1;
  }
  let bin = null;
  const flush = () => {
    if (!bin) return;
    const best = [...bin.cycles.entries()].reduce((a, b) => (b[1].cycles > a[1].cycles ? b : a));
    bars.push({ from: bin.from, to: bin.to, state: best[0], layer: best[1].layer });
    bin = null;
  };
  for (let i = low; i < spans.begin.length && spans.begin[i] < to; ++i) {
    const begin = Math.max(from, spans.begin[i]);
    const end = Math.min(to, spans.begin[i] + spans.length[i]);
    if (end - begin >= resolution) {
      flush();
      bars.push({ from: begin, to: end, state: spans.state[i], layer: spans.layer[i] });
      continue;
    }
    if (bin && end - bin.from > resolution) flush();
    if (!bin) bin = { from: begin, to: end, cycles: new Map() };
    bin.to = end;
    const entry = bin.cycles.get(spans.state[i]) || { cycles: 0, layer: spans.layer[i] };
    entry.cycles += end - begin;
    bin.cycles.set(spans.state[i], entry);
  }
  flush();
  return bars;
}

/// [{layer, from, to}]: from a layer's first work to the next one's.
function layerBars(timeline) {
  const first = new Map();
  for (const spans of Object.values(timeline.spans)) {
    spans.begin.forEach((begin, i) => {
      const layer = spans.layer[i];
      if (spans.state[i] === 0 && !(first.get(layer) <= begin)) first.set(layer, begin);
    });
  }
  const starts = [...first.entries()].sort((a, b) => a[1] - b[1]);
  return starts.map(([layer, from], i) => ({ layer, from, to: i + 1 < starts.length ? starts[i + 1][1] : timeline.cycles }));
}

function timelineSection(result, number) {
  const timeline = result.data;
  const part = section(`timeline-${number}`, number > 1 ? `Timeline ${number}` : "Timeline",
    `What each unit did in every cycle (${result.name}). Zoom with the buttons, the wheel, or + and - and the arrows when the chart has the focus.` +
    (timeline.resolution > 1 ? ` Shown in steps of ${whole(timeline.resolution)} cycles.` : ""));
  const toTime = timeline.us_per_cycle;
  const view = { from: 0, to: timeline.cycles };
  const bars = layerBars(timeline);
  const units = timeline.units.filter((unit) => timeline.spans[unit] && timeline.spans[unit].begin.length);
  const host = el("div", { tabindex: "0", role: "group", "aria-label": "Timeline: + and - zoom, arrows move" });
  const label = el("span", { id: `timeline-${number}-window` });
  const zoom = (factor, at = (view.from + view.to) / 2) => {
    const width = Math.min(timeline.cycles, Math.max(20, (view.to - view.from) * factor));
    const from = Math.min(Math.max(0, at - ((at - view.from) / (view.to - view.from)) * width), timeline.cycles - width);
    show(from, from + width);
  };
  const move = (share) => {
    const width = view.to - view.from;
    const from = Math.min(Math.max(0, view.from + share * width), timeline.cycles - width);
    show(from, from + width);
  };
  const button = (text, action, name) => el("button", { type: "button", onclick: action, "aria-label": name }, text);
  const jump = select("layer", [["", "all"], ...bars.map((bar, i) => [i, timeline.layers[bar.layer]])], (value) => {
    if (value === "") show(0, timeline.cycles); else show(bars[value].from, bars[value].to);
  });
  part.append(el("div", { class: "controls" }, button("Whole run", () => show(0, timeline.cycles), "show the whole run"), button("+", () => zoom(0.5), "zoom in"),
    button("−", () => zoom(2), "zoom out"), button("◀", () => move(-0.5), "earlier"), button("▶", () => move(0.5), "later"), jump.element, label), host);
  const states = timeline.states;
  const made = chart(host, 90 + 42 * (units.length + 1), "Units over time", { type: "bar",
    data: { labels: ["layer", ...units], datasets: [] },
    options: { indexAxis: "y", grouped: false, datasets: { bar: { grouped: false, barPercentage: 0.95, categoryPercentage: 0.95 } },
      scales: { x: { type: "linear", title: { display: true, text: "time (µs)" } }, y: { grid: { display: false } } },
      plugins: { legend: { labels: { filter: (item) => !item.text.startsWith("layer") } },
        tooltip: { callbacks: { label: (item) => `${item.raw.name} (${digits(item.raw.x[0])} … ${digits(item.raw.x[1])} µs)` } } } } });
  function show(from, to) {
    view.from = from;
    view.to = to;
    const pixels = 1000;
    const sets = states.map((state) => ({ label: words(state === "busy" ? "busy" : `waits for ${state}`), backgroundColor: causeColour(state), data: [] }));
    const shades = [{ label: "layer", backgroundColor: "#7aa6cf", data: [] }, { label: "layer ", backgroundColor: "#b6c8da", data: [] }];
    bars.forEach((bar, i) => {
      const [begin, end] = [Math.max(from, bar.from), Math.min(to, bar.to)];
      if (begin < end && end - begin > (to - from) / pixels) shades[i % 2].data.push({ x: [begin * toTime, end * toTime], y: "layer", name: timeline.layers[bar.layer] });
    });
    for (const unit of units) {
      for (const bar of windowed(timeline.spans[unit], from, to, pixels)) {
        sets[bar.state].data.push({ x: [bar.from * toTime, bar.to * toTime], y: unit, name: `${sets[bar.state].label}: ${timeline.layers[bar.layer]}` });
      }
    }
    made.data.datasets = [...shades, ...sets.filter((set) => set.data.length)];
    made.options.scales.x.min = from * toTime;
    made.options.scales.x.max = to * toTime;
    made.update();
    label.textContent = `${digits(from * toTime, 6)} … ${digits(to * toTime, 6)} µs of ${digits(timeline.cycles * toTime, 6)}`;
  }
  host.addEventListener("keydown", (event) => {
    const action = { "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), ArrowLeft: () => move(-0.25), ArrowRight: () => move(0.25) }[event.key];
    if (action) { event.preventDefault(); action(); }
  });
  host.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.25 : 0.8, made.scales.x.getValueForPixel(event.offsetX) / toTime);
  }, { passive: false });
  show(0, timeline.cycles);
}
