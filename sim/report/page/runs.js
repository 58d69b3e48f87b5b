// Sections of runs: those that stand alone and those of comparisons.

function collectRuns() {
  const runs = [];
  for (const result of results.documents) {
    if (result.kind === "run") {
      const report = result.data;
      runs.push({ name: report.formats.recipe || report.formats.default, report, saving: null });
    } else if (result.kind === "compare") {
      for (const run of result.data.runs) {
        runs.push({ name: run.label, report: run.report, saving: run.saving, baseline: result.data.baseline });
      }
    }
  }
  const different = (key) => new Set(runs.map(key)).size > 1;
  const parts = [(run) => run.report.workload, (run) => run.report.mode, (run) => `batch ${run.report.batch}`].filter(different);
  const seen = {};
  for (const run of runs) {
    run.label = [...parts.map((part) => part(run)), run.name].join(" ");
    seen[run.label] = (seen[run.label] || 0) + 1;
    if (seen[run.label] > 1) run.label += ` (${seen[run.label]})`;
    run.index = runs.indexOf(run);
    run.clock = run.report.totals.cycles / run.report.totals.time_s;
  }
  return runs;
}

function headline(runs) {
  const network = (run) => `${run.report.workload}, ${run.report.mode}, batch ${run.report.batch}`;
  const networks = new Set(runs.map(network));
  const part = section("headline", "Headline figures", networks.size === 1 ? `${[...networks][0]}.` : "");
  for (const line of new Set(runs.flatMap((run) => (run.report.warnings || []).map((text) => `${run.label}: ${text}`)))) {
    part.append(el("p", { class: "warning", role: "note" }, line));
  }
  const items = (run) => (run.report.work_items || { item: "image", count: run.report.batch });
  const item = items(runs[0]).item;
  const total = (key) => (run) => run.report.totals[key];
  const columns = [
    { title: "run", left: true, value: (run) => run.label },
    ...(networks.size > 1 ? [{ title: "network", left: true, value: network }] : []),
    { title: "PEs", value: (run) => run.report.array.rows * run.report.array.columns,
      text: (run) => `${run.report.array.rows}×${run.report.array.columns}` },
    { title: "time", value: total("time_s"), text: (run) => time(run.report.totals.time_s) },
    { title: `${item}s/s`, value: (run) => items(run).count / run.report.totals.time_s,
      text: (run) => digits(items(run).count / run.report.totals.time_s) },
    { title: "energy [5th, 95th]", value: total("energy_pj"), text: (run) => {
      const totals = run.report.totals;
      return `${energy(totals.energy_pj)} [${energy(totals.energy_low_pj)}, ${energy(totals.energy_high_pj)}]`;
    } },
    { title: `energy of ${item === "image" ? "an" : "a"} ${item}`, value: (run) => run.report.totals.energy_pj / items(run).count,
      text: (run) => energy(run.report.totals.energy_pj / items(run).count) },
    { title: "DRAM traffic", value: (run) => run.report.totals.dram_read_bytes + run.report.totals.dram_write_bytes,
      text: (run) => bytes(run.report.totals.dram_read_bytes + run.report.totals.dram_write_bytes) },
    { title: "utilization", value: total("utilization"), text: (run) => percent(run.report.totals.utilization) },
    { title: "area", value: total("area_mm2"), text: (run) => `${digits(run.report.totals.area_mm2)} mm²` },
    { title: "TOPS/W", value: total("tops_per_w"), text: (run) => digits(run.report.totals.tops_per_w) },
  ];
  if (runs.some((run) => run.saving)) {
    const saved = (run) => (run.saving ? run.saving.energy : Number.NaN);
    columns.push({ title: "energy saved [5th, 95th]", value: saved, text: (run) => (run.saving && run.name !== run.baseline
      ? `${percent(run.saving.energy)} [${percent(run.saving.energy_low)}, ${percent(run.saving.energy_high)}]` : "–") });
    columns.push({ title: "time saved", value: (run) => (run.saving ? run.saving.time : Number.NaN),
      text: (run) => (run.saving && run.name !== run.baseline ? percent(run.saving.time) : "–") });
  }
  table(part, columns, { caption: "Runs" }).update(runs);
  const pair = el("div", { class: "charts" });
  part.append(pair);
  const [scale, unit] = unitOf(Math.max(...runs.map((run) => run.report.totals.energy_pj)), ENERGY_UNITS);
  const across = runs.length > 6;
  const height = across ? 120 + 26 * runs.length : 340;
  const made = stacked(pair, height, "Energy by component; whiskers: 5th to 95th percentile",
    runs.map((run) => ({ label: run.label, values: Object.fromEntries(Object.entries(run.report.energy_pj).map(([name, pj]) => [name, pj / scale])) })),
    COMPONENTS, `energy (${unit})`, across);
  // The whiskers stand on the top of the stack.
  const last = made.data.datasets[made.data.datasets.length - 1];
  last.low = runs.map((run) => run.report.totals.energy_low_pj / scale);
  last.high = runs.map((run) => run.report.totals.energy_high_pj / scale);
  made.options.scales[across ? "x" : "y"].suggestedMax = Math.max(...last.high);
  made.update();
  const bound = runs.map((run) => {
    const values = {};
    for (const layer of run.report.layers) values[layer.bound_by] = (values[layer.bound_by] || 0) + layer.cycles;
    const cycles = sum(Object.values(values));
    for (const name of Object.keys(values)) values[name] = (100 * values[name]) / cycles;
    return { label: run.label, values };
  });
  stacked(pair, height, "Cycles by the resource that bounds their layer", bound, CAUSES, "share of the cycles (%)", across);
}

function passesOf(run) {
  const found = new Set(run.report.layers.map((layer) => layer.phase || layer.pass));
  return [...PASSES.filter((name) => found.delete(name)), ...found];
}

const passOf = (layer) => layer.phase || layer.pass;

function layers(runs) {
  const part = section("layers", "Layers", "A row is a layer in one pass. Choose a row (click, or Enter) for its units, its energy and its mapping; press / to filter.");
  const state = { run: runs[0], pass: "", text: "" };
  const passes = select("pass", [], (value) => { state.pass = value; draw(); });
  const chooser = select("run", runs.map((run) => [run.index, run.label]), (value) => {
    state.run = runs[value];
    fillPasses();
    draw();
  });
  const filter = el("input", { type: "search", id: "layer-filter", placeholder: "part of a name", oninput: () => { state.text = filter.value; draw(); } });
  part.append(el("div", { class: "controls" }, chooser.element, passes.element, el("label", {}, "layer", filter)));
  const pair = el("div", { class: "charts" });
  part.append(pair);
  const details = el("div", { class: "details", id: "layer-details", "aria-live": "polite" });
  details.hidden = true;
  const share = (layer) => layer.cycles / state.run.report.totals.cycles;
  const over = (layer) => (layer.dram_bytes_bound ? layer.dram_bytes / layer.dram_bytes_bound : 1);
  const rows = table(part, [
    { title: "layer", left: true, value: (layer) => layer.name },
    { title: "pass", left: true, value: passOf, text: (layer) => words(passOf(layer)) },
    { title: "cycles", value: (layer) => layer.cycles, text: (layer) => whole(layer.cycles) },
    { title: "share", value: share, text: (layer) => percent(share(layer)) },
    { title: "MMAC", value: (layer) => layer.macs, text: (layer) => digits(layer.macs / 1e6) },
    { title: "utilization", value: (layer) => layer.utilization, text: (layer) => percent(layer.utilization) },
    { title: "DRAM", value: (layer) => layer.dram_bytes, text: (layer) => bytes(layer.dram_bytes) },
    { title: "× bound", value: over, text: (layer) => over(layer).toFixed(2) },
    { title: "energy", value: (layer) => layer.energy_pj, text: (layer) => energy(layer.energy_pj) },
    { title: "bound by", left: true, value: (layer) => layer.bound_by, text: (layer) => words(layer.bound_by) },
  ], { caption: "Layers and passes", sort: { place: 2, down: true }, onRow: (layer) => showLayer(details, state.run, layer) });
  part.append(details);
  let drawn = [];
  function fillPasses() {
    passes.box.replaceChildren(el("option", { value: "" }, "all"), ...passesOf(state.run).map((name) => el("option", { value: name }, words(name))));
    if (!passesOf(state.run).includes(state.pass)) state.pass = "";
    passes.box.value = state.pass;
  }
  function draw() {
    const shown = state.run.report.layers.filter((layer) => (!state.pass || passOf(layer) === state.pass) &&
      layer.name.toLowerCase().includes(state.text.toLowerCase()));
    rows.update(shown);
    drawn.forEach(removeChart);
    pair.replaceChildren();
    drawn = shown.length ? layerCharts(pair, shown) : [];
  }
  fillPasses();
  draw();
}

/// The layers that cost most, all chosen passes together, the rest apart.
function layerCharts(parent, shown) {
  const most = 16;
  const merged = new Map();
  for (const layer of shown) {
    const entry = merged.get(layer.name) || { label: layer.name, energy: {}, cycles: {}, pj: 0, count: 0 };
    merged.set(layer.name, entry);
    for (const [name, pj] of Object.entries(layer.energy_by_component_pj)) entry.energy[name] = (entry.energy[name] || 0) + pj;
    entry.cycles[passOf(layer)] = (entry.cycles[passOf(layer)] || 0) + layer.cycles;
    entry.pj += layer.energy_pj;
    entry.count += layer.cycles;
  }
  const top = (key, values) => {
    const ordered = [...merged.values()].sort((a, b) => b[key] - a[key]);
    const rows = ordered.slice(0, most).map((entry) => ({ label: short(entry.label), values: { ...entry[values] } }));
    const rest = ordered.slice(most);
    if (rest.length) {
      const others = {};
      for (const entry of rest) for (const [name, value] of Object.entries(entry[values])) others[name] = (others[name] || 0) + value;
      rows.push({ label: `${rest.length} others`, values: others });
    }
    return rows;
  };
  const byEnergy = top("pj", "energy");
  const [scale, unit] = unitOf(Math.max(...byEnergy.map((row) => sum(Object.values(row.values)))), ENERGY_UNITS);
  for (const row of byEnergy) for (const name of Object.keys(row.values)) row.values[name] /= scale;
  const byCycles = top("count", "cycles");
  const passes = [...new Set(shown.map(passOf))];
  const colours = Object.fromEntries(passes.map((name, index) => [name, colourOf(index)]));
  const height = 120 + 21 * byEnergy.length;
  return [stacked(parent, height, "Energy by layer and component", byEnergy, COMPONENTS, `energy (${unit})`, true),
    stacked(parent, height, "Cycles by layer and pass", byCycles, colours, "cycles", true)];
}

const short = (name) => (name.length > 28 ? `…${name.slice(-27)}` : name);

function statesOf(activity) {
  return Object.fromEntries(Object.entries(activity).map(([name, cycles]) => [name.replace("stall_", ""), cycles]));
}

function unitRows(units, cycles) {
  return Object.entries(units).filter(([name]) => name !== "dram").map(([name, activity]) => ({ label: name,
    values: Object.fromEntries(Object.entries(statesOf(activity)).map(([state, count]) => [state, (100 * count) / cycles])) }));
}

let layerChartsShown = [];
function showLayer(details, run, layer) {
  layerChartsShown.forEach(removeChart);
  const pair = el("div", { class: "charts" });
  const facts = [["operation", layer.op], ["cycles", whole(layer.cycles)], ["on an ideal memory", whole(layer.predicted_cycles)],
    ["utilization while the array computes", percent(layer.core_utilization)], ["DRAM read", bytes(layer.dram_read_bytes)],
    ["written", bytes(layer.dram_write_bytes)], ["lower bound", bytes(layer.dram_bytes_bound)], ["energy", energy(layer.energy_pj)]];
  details.replaceChildren(el("h3", {}, `${layer.name}, ${words(passOf(layer))} (${run.label})`),
    el("ul", { class: "facts" }, ...facts.map(([name, value]) => el("li", {}, `${name}: `, el("b", {}, value)))), pair);
  details.hidden = false;
  layerChartsShown = [stacked(pair, 260, "What each unit did", unitRows(layer.units, layer.cycles), CAUSES, "share of the layer's cycles (%)", true)];
  const [scale, unit] = unitOf(layer.energy_pj, ENERGY_UNITS);
  const parts = Object.entries(layer.energy_by_component_pj).filter(([, pj]) => pj > 0);
  layerChartsShown.push(chart(pair, 260, "Energy by component", { type: "bar",
    data: { labels: parts.map(([name]) => name), datasets: [{ data: parts.map(([, pj]) => pj / scale), backgroundColor: parts.map(([name]) => COMPONENTS[name]) }] },
    options: { indexAxis: "y", plugins: { legend: { display: false } }, scales: { x: { title: { display: true, text: unit } } } } }));
  const mappings = layer.mappings || [];
  details.append(el("h3", {}, "Mapping"));
  if (!mappings.length) {
    details.append(el("p", { class: "help" }, "No product of matrices in this pass."));
    return;
  }
  const chosen = (key) => (row) => row.chosen[key];
  table(details, [
    { title: "product", left: true, value: (row) => `${row.op} ${row.gemm}` },
    { title: "M × K × N", value: (row) => row.m * row.k * row.n, text: (row) => `${row.m} × ${row.k} × ${row.n}${row.products > 1 ? ` × ${row.products}` : ""}` },
    { title: "tile: images × height × width", value: (row) => row.chosen.images * row.chosen.height * row.chosen.width,
      text: (row) => `${row.chosen.images} × ${row.chosen.height} × ${row.chosen.width}` },
    { title: "channels", value: chosen("channels") },
    { title: "columns", value: chosen("columns") },
    { title: "loop order", left: true, value: chosen("order") },
    { title: "tiles", value: chosen("tiles"), text: (row) => whole(row.chosen.tiles) },
    { title: "DRAM left / right / partial / results", value: (row) => row.chosen.dram_bytes.total, text: (row) => {
      const moved = row.chosen.dram_bytes;
      return [moved.left, moved.right, moved.partial_sums, moved.results].map(bytes).join(" / ");
    } },
    { title: "estimated cycles", value: (row) => row.chosen.cycles.total, text: (row) => whole(row.chosen.cycles.total) },
    { title: "times", value: (row) => row.times },
  ], { caption: "Mapping of the layer's products" }).update(mappings);
}

function roofline(runs) {
  const part = section("roofline", "Roofline", "A point is a layer in one pass: multiply-accumulates per DRAM byte against the rate it reached. Lines are what the chip cannot exceed.");
  const datasets = [];
  const roofs = new Map();
  let [left, right] = [Infinity, 0];
  for (const run of runs) {
    const points = run.report.layers.filter((layer) => layer.macs > 0 && layer.dram_bytes > 0 && layer.cycles > 0).map((layer) => ({
      x: layer.macs / layer.dram_bytes, y: (layer.macs / layer.cycles) * run.clock / 1e9, name: `${layer.name}, ${words(passOf(layer))}` }));
    for (const { x } of points) { left = Math.min(left, x); right = Math.max(right, x); }
    datasets.push({ label: run.label, data: points, backgroundColor: `${colourOf(run.index)}B0`, borderColor: colourOf(run.index),
      pointStyle: shapeOf(run.index), pointRadius: 5 });
    const peak = run.report.array.macs_per_cycle * run.clock / 1e9;
    const memory = run.report.chip ? run.report.chip.dram_peak_bytes_per_s / 1e9 : null;
    roofs.set(`${digits(peak)} GMAC/s${memory ? `, ${digits(memory)} GB/s` : ""}`, { peak, memory });
  }
  if (!(right > 0)) return;
  for (const [label, { peak, memory }] of roofs) {
    const knee = memory ? peak / memory : left;
    const data = memory ? [{ x: Math.min(left, knee) / 2, y: (Math.min(left, knee) / 2) * memory }, { x: knee, y: peak }] : [{ x: left / 2, y: peak }];
    data.push({ x: Math.max(right, knee) * 2, y: peak });
    datasets.push({ label: `roof: ${label}`, type: "line", data, borderColor: "#8A8F98", borderWidth: 1.5, pointRadius: 0, pointHitRadius: 0 });
  }
  const ticks = { callback: (value) => (/^[125]/.test(String(Number(value.toPrecision(1)).toExponential())) ? digits(value) : "") };
  chart(part, 460, "Attained rate against arithmetic intensity", { type: "scatter", data: { datasets },
    options: { scales: { x: { type: "logarithmic", title: { display: true, text: "arithmetic intensity (MAC per DRAM byte)" }, ticks },
      y: { type: "logarithmic", title: { display: true, text: "attained (GMAC/s)" }, ticks } },
    plugins: { legend: { labels: { usePointStyle: true } }, tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${item.raw.name || "roof"}: ${digits(item.raw.x)} MAC/B, ${digits(item.raw.y)} GMAC/s` } } } } });
}

function stalls(runs) {
  const part = section("units", "Busy, waiting, idle", "How each unit of the chip spent the cycles of the run, and what it waited for.");
  let made = null;
  const host = el("div");
  const draw = (index) => {
    if (made) removeChart(made);
    host.replaceChildren();
    const run = runs[index];
    made = stacked(host, 300, `Units of ${run.label}`, unitRows(run.report.units, run.report.totals.cycles), CAUSES, "share of the cycles (%)", true);
  };
  const chooser = select("run", runs.map((run) => [run.index, run.label]), draw);
  part.append(el("div", { class: "controls" }, chooser.element), host);
  draw(0);
}

function memory(runs) {
  const measured = runs.filter((run) => run.report.memory_over_time && run.report.memory_over_time.cycle.length);
  if (!measured.length) return;
  const part = section("memory", "Memory over time", "DRAM that live tensors take while each piece of work runs: weights, states and activations that somebody still reads.");
  const largest = Math.max(...measured.map((run) => Math.max(...run.report.memory_over_time.dram_bytes)));
  const [scale, unit] = unitOf(largest, BYTE_UNITS);
  const [second, name] = unitOf(Math.max(...measured.map((run) => run.report.totals.time_s)), TIME_UNITS);
  const datasets = measured.map((run) => {
    const over = run.report.memory_over_time;
    const at = (cycle) => cycle / run.clock / second;
    const data = over.cycle.map((cycle, place) => ({ x: at(cycle), y: over.dram_bytes[place] / scale, layer: over.layer[place] }));
    data.push({ x: at(run.report.totals.cycles), y: data[data.length - 1].y, layer: data[data.length - 1].layer });
    return { label: run.label, data, stepped: true, borderColor: colourOf(run.index), backgroundColor: colourOf(run.index), pointRadius: 0, borderWidth: 2,
      pointHitRadius: 8 };
  });
  const layerOf = (item) => measured[item.datasetIndex].report.layers[item.raw.layer];
  chart(part, 340, "DRAM in use", { type: "line", data: { datasets }, options: { interaction: { mode: "nearest", intersect: false },
    scales: { x: { type: "linear", title: { display: true, text: `time (${name})` } }, y: { beginAtZero: true, title: { display: true, text: unit } } },
    plugins: { tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${digits(item.raw.y)} ${unit} in ${layerOf(item).name}, ${words(passOf(layerOf(item)))}` } } } } });
  const peaks = measured.map((run) => run.report.memory);
  table(part, [
    { title: "run", left: true, value: (row) => row.label },
    { title: "memory", left: true, value: (row) => row.name },
    { title: "peak", value: (row) => row.peak_bytes, text: (row) => bytes(row.peak_bytes) },
    { title: "capacity", value: (row) => row.capacity_bytes, text: (row) => bytes(row.capacity_bytes) },
    { title: "used", value: (row) => row.peak_bytes / row.capacity_bytes, text: (row) => percent(row.peak_bytes / row.capacity_bytes) },
  ], { caption: "Peak use" }).update(measured.flatMap((run, place) => Object.entries(peaks[place])
    .filter(([, use]) => use.capacity_bytes > 0).map(([key, use]) => ({ label: run.label, name: key, ...use }))));
}

function assumptions(runs) {
  const part = section("assumptions", "Assumptions and prices", "Every price the energy rests on, with its band and whose number it is; then everything that was assumed.");
  const host = el("div");
  const draw = (index) => {
    const { report } = runs[index];
    host.replaceChildren();
    const factors = report.price_factors || {};
    const sources = (term) => (term.factors || []).map((name) => (factors[name] ? `${name}: ${factors[name].source}` : name)).join("; ");
    table(host, [
      { title: "price", left: true, value: (term) => term.name },
      { title: "component", left: true, value: (term) => term.component },
      { title: "amount", value: (term) => term.amount, text: (term) => digits(term.amount) },
      { title: "price (pJ)", value: (term) => term.price, text: (term) => digits(term.price) },
      { title: "from … to (pJ)", value: (term) => (term.price_high - term.price_low) || 0,
        text: (term) => (term.price_high === undefined ? "–" : `${digits(term.price_low)} … ${digits(term.price_high)}`) },
      { title: "energy", value: (term) => term.energy_pj, text: (term) => energy(term.energy_pj) },
      { title: "share", value: (term) => term.energy_pj / report.totals.energy_pj, text: (term) => percent(term.energy_pj / report.totals.energy_pj) },
      { title: "band from", wrap: true, left: true, value: sources },
    ], { caption: "Prices; standing power counts mW × ps", sort: { place: 5, down: true } }).update(report.energy_terms || []);
    host.append(el("h3", {}, "Assumptions"), el("ul", { class: "lines" }, ...(report.assumptions || []).map((line) => el("li", {}, line))));
  };
  const chooser = select("run", runs.map((run) => [run.index, run.label]), draw);
  part.append(el("div", { class: "controls" }, chooser.element), host);
  draw(0);
  for (const result of results.documents) if (result.kind === "compare" && result.data.assumptions) sensitivity(part, result.data);
}

/// Of `compare --sensitivity`: the saving when one assumption alone is another.
function sensitivity(parent, compare) {
  const label = compare.runs.map((run) => run.label).filter((name) => name !== compare.baseline).pop();
  const rows = compare.assumptions.filter((row) => row.savings).map((row) => ({ ...row, saving: row.savings.find((each) => each.label === label) })).filter((row) => row.saving);
  parent.append(el("h3", {}, `Energy saved by ${label} when one assumption alone is another`));
  table(parent, [
    { title: "assumption", left: true, value: (row) => row.assumption },
    { title: "changed to", left: true, value: (row) => row.setting },
    { title: "saving [5th, 95th]", value: (row) => row.saving.energy, text: (row) => `${percent(row.saving.energy)} [${percent(row.saving.energy_low)}, ${percent(row.saving.energy_high)}]` },
    { title: "largest change", value: (row) => row.effect, text: (row) => percent(row.effect) },
  ], { caption: "One assumption alone changed", sort: { place: 3, down: true } }).update(rows);
}
