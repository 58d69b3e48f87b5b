// Sweeps and explorations: every point, and the front of any two columns.

/// Places of the rows that no other beats in both columns; smaller is better.
function frontOf(rows, x, y) {
  const order = rows.map((_, place) => place).filter((place) => Number.isFinite(rows[place][x]) && Number.isFinite(rows[place][y]));
  order.sort((a, b) => rows[a][x] - rows[b][x] || rows[a][y] - rows[b][y]);
  const front = [];
  let best = Infinity;
  for (const place of order) if (rows[place][y] < best) { best = rows[place][y]; front.push(place); }
  return front;
}

const COLUMN_UNITS = [[/_pj$/, energy], [/^time_s$/, time], [/_bytes$/, bytes], [/^(utilization|core_utilization)$/, percent]];
function columnText(name, value) {
  if (typeof value !== "number") return value === null || value === undefined ? "–" : String(value);
  const unit = COLUMN_UNITS.find(([pattern]) => pattern.test(name.split("/").pop()));
  return unit ? unit[1](value) : digits(value);
}

function pointsSection(result, number) {
  const { columns, settings, rows, failed } = result.data;
  const part = section(`points-${number}`, number > 1 ? `Points ${number}` : "Points of the search",
    `${rows.length} points of ${result.name}${failed ? `, ${failed} more failed or were left out` : ""}. The line joins the points that no other beats in both columns; smaller is better.`);
  if (!rows.length) return;
  const numeric = columns.map((name, place) => [place, name]).filter(([place]) => rows.some((row) => typeof row[place] === "number"));
  const place = (name, other) => (columns.indexOf(name) >= 0 ? columns.indexOf(name) : numeric[Math.min(other, numeric.length - 1)][0]);
  const state = { x: place("time_s", 0), y: place("energy_pj", 1), colour: -1 };
  const varied = settings.map((name) => columns.indexOf(name)).filter((at) => new Set(rows.map((row) => String(row[at]))).size > 1);
  if (varied.length) state.colour = varied.find((at) => new Set(rows.map((row) => String(row[at]))).size <= 8) ?? varied[0];
  const key = (at) => columns[at].split("/").filter(Boolean).slice(-2).join(" ");
  const options = numeric.map(([at, name]) => [at, words(name)]);
  const host = el("div");
  const front = el("p", { class: "help", id: `front-${number}` });
  const pick = (name) => (value) => { state[name] = Number(value); draw(); };
  part.append(el("div", { class: "controls" }, select("x", options, pick("x"), String(state.x)).element, select("y", options, pick("y"), String(state.y)).element,
    select("colour", [[-1, "none"], ...varied.map((at) => [at, key(at)])], pick("colour"), String(state.colour)).element), host, front);
  const shownColumns = [...varied, ...["time_s", "energy_pj", "area_mm2", "energy_delay_product_js", "dram_read_bytes", "utilization", "quality/noise"].map((name) => columns.indexOf(name)).filter((at) => at >= 0)];
  const list = table(part, [
    { title: "point", value: (entry) => entry.row[0] },
    { title: "front", left: true, value: (entry) => (entry.front ? "front" : "") },
    ...shownColumns.map((at) => ({ title: varied.includes(at) ? key(at) : words(columns[at]), left: typeof rows[0][at] !== "number",
      value: (entry) => (typeof entry.row[at] === "number" ? entry.row[at] : String(entry.row[at])), text: (entry) => columnText(columns[at], entry.row[at]) })),
  ], { caption: "Points", sort: { place: 1, down: true }, limit: 100 });
  let made = null;
  function draw() {
    if (made) removeChart(made);
    host.replaceChildren();
    const onFront = frontOf(rows, state.x, state.y);
    const groups = new Map();
    rows.forEach((row, at) => {
      const name = state.colour < 0 ? "points" : `${columns[state.colour].split("/").pop()} ${row[state.colour]}`;
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push({ x: row[state.x], y: row[state.y], row, at });
    });
    const datasets = [...groups].map(([label, data], index) => ({ label, data, backgroundColor: `${colourOf(index)}C0`, borderColor: colourOf(index), pointStyle: shapeOf(index), pointRadius: 5 }));
    datasets.push({ label: "front", type: "line", stepped: true, data: onFront.map((at) => ({ x: rows[at][state.x], y: rows[at][state.y], row: rows[at] })),
      borderColor: "#8A8F98", borderWidth: 1.5, pointRadius: 0, pointHitRadius: 0 });
    const title = (at) => words(columns[at]);
    made = chart(host, 440, `${title(state.y)} against ${title(state.x)}`, { type: "scatter", data: { datasets },
      options: { scales: { x: { title: { display: true, text: title(state.x) }, ticks: { callback: (value) => columnText(columns[state.x], value) } },
        y: { title: { display: true, text: title(state.y) }, ticks: { callback: (value) => columnText(columns[state.y], value) } } },
      plugins: { legend: { position: "right", labels: { usePointStyle: true } }, tooltip: { callbacks: { label: (item) => [`point ${item.raw.row[0]}`,
        `${title(state.x)}: ${columnText(columns[state.x], item.raw.x)}`, `${title(state.y)}: ${columnText(columns[state.y], item.raw.y)}`,
        ...varied.map((at) => `${key(at)}: ${item.raw.row[at]}`)] } } } } });
    front.textContent = `${onFront.length} of ${rows.length} points on the front.`;
    const members = new Set(onFront);
    list.update(rows.map((row, at) => ({ row, front: members.has(at) })));
  }
  draw();
}

function hypervolumeSection(result, number) {
  const part = section(`hypervolume-${number}`, "Progress of the search", "Share of the box between the ideal and the reference corner that is worse than the front.");
  const { columns, rows } = result.data;
  const [x, y] = [columns.indexOf("evaluation"), columns.indexOf("hypervolume")];
  chart(part, 300, "Hypervolume", { type: "line", data: { datasets: [{ label: "hypervolume", data: rows.map((row) => ({ x: row[x], y: row[y] })),
    stepped: true, borderColor: colourOf(0), pointRadius: 0 }] }, options: { scales: { x: { type: "linear", title: { display: true, text: "evaluations" } },
    y: { title: { display: true, text: "hypervolume" } } }, plugins: { legend: { display: false } } } });
}
