"use strict";
// Elements, units, tables and charts that the sections share.

const results = JSON.parse(document.getElementById("results").textContent);
const charts = [];

function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

function scaled(value, units) {
  const size = Math.abs(value);
  const [scale, name] = units.find(([from]) => size >= from) || units[units.length - 1];
  return `${digits(value / scale)} ${name}`;
}
function digits(value, count = 4) {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 10 ** count) return Math.round(value).toLocaleString("en");
  return size < 1e-4 ? value.toExponential(2) : String(Number(value.toPrecision(count)));
}
const energy = (pj) => scaled(pj, [[1e12, "J"], [1e9, "mJ"], [1e6, "µJ"], [1e3, "nJ"], [1, "pJ"]]);
const time = (s) => scaled(s, [[1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"]]);
const bytes = (count) => scaled(count, [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"], [1, "B"]]);
const whole = (count) => Math.round(count).toLocaleString("en");
const percent = (share) => (Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "–");
const words = (name) => String(name).replaceAll("_", " ");
const sum = (values) => values.reduce((total, value) => total + value, 0);
/// The scale and name of the unit in which the largest value is at least 1.
function unitOf(largest, units) {
  return units.find(([from]) => largest >= from) || units[units.length - 1];
}
const ENERGY_UNITS = [[1e12, "J"], [1e9, "mJ"], [1e6, "µJ"], [1e3, "nJ"], [1, "pJ"]];
const TIME_UNITS = [[1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"]];
const BYTE_UNITS = [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"], [1, "B"]];

// Okabe and Ito: told apart by people with any kind of colour vision. Shapes have another period.
const COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#8C6D1F", "#7F7F7F"];
const SHAPES = ["circle", "rect", "triangle", "rectRot", "star", "crossRot", "cross"];
const colourOf = (index) => COLOURS[index % COLOURS.length];
const shapeOf = (index) => SHAPES[index % SHAPES.length];
const COMPONENTS = { pe: "#0072B2", sram: "#E69F00", dram: "#D55E00", vector: "#CC79A7", requant: "#7B5EA7",
  dma: "#009E73", static: "#8A8F98" };
const CAUSES = { busy: "#0072B2", compute: "#0072B2", dram: "#D55E00", dma: "#E69F00", buffer: "#C9B400",
  bank_conflict: "#8C564B", stationary_load: "#8DA0CB", scale_unit: "#A65628", array: "#009E73",
  accumulator: "#4B7F52", vector: "#CC79A7", requant: "#7B5EA7", dependency: "#56B4E9", issue: "#DDCC77",
  latency: "#B0B7C0", idle: "#C4CAD2" };
const PASSES = ["forward", "backward_data", "backward_weight", "recompute", "update"];

function causeColour(cause) {
  return CAUSES[cause] || "#999999";
}

function section(id, title, help) {
  const heading = el("h2", {}, title);
  const element = el("section", { id, "aria-labelledby": `${id}-title` }, heading);
  heading.id = `${id}-title`;
  if (help) element.append(el("p", { class: "help" }, help));
  document.getElementById("main").append(element);
  document.getElementById("contents").append(el("a", { href: `#${id}` }, title));
  return element;
}

function select(label, options, onChange, chosen) {
  const box = el("select", { onchange: () => onChange(box.value) });
  for (const [value, text] of options) box.append(el("option", { value }, text));
  if (chosen !== undefined) box.value = chosen;
  return { box, element: el("label", {}, label, box) };
}

/// columns: {title, value(row) to sort by, text(row), left, wrap}. Returns update(rows).
function table(parent, columns, options = {}) {
  let rows = [];
  let sorted = options.sort || null;
  let all = false;
  const body = el("tbody");
  const head = el("tr");
  const more = el("button", { type: "button", onclick: () => { all = true; draw(); } });
  const limit = options.limit || 200;
  columns.forEach((column, place) => {
    const button = el("button", { type: "button", onclick: () => {
      const down = sorted && sorted.place === place ? !sorted.down : !column.left;
      sorted = { place, down };
      draw();
    } }, column.title);
    head.append(el("th", { class: column.left ? "left" : "", scope: "col" }, button));
  });
  function draw() {
    const shown = [...rows];
    [...head.children].forEach((cell, place) => cell.setAttribute("aria-sort",
      sorted && sorted.place === place ? (sorted.down ? "descending" : "ascending") : "none"));
    if (sorted) {
      const { value } = columns[sorted.place];
      const sign = sorted.down ? -1 : 1;
      shown.sort((a, b) => {
        const [x, y] = [value(a), value(b)];
        return sign * (typeof x === "string" ? x.localeCompare(y) : x - y);
      });
    }
    const drawn = all ? shown : shown.slice(0, limit);
    body.replaceChildren(...drawn.map((row) => {
      const cells = columns.map((column) => el("td",
        { class: column.wrap ? "wrap" : column.left ? "left" : "" }, column.text ? column.text(row) : String(column.value(row))));
      const line = el("tr", {}, ...cells);
      if (options.onRow) {
        line.tabIndex = 0;
        const open = () => {
          for (const other of body.children) other.classList.toggle("chosen", other === line);
          options.onRow(row);
        };
        line.addEventListener("click", open);
        line.addEventListener("keydown", (event) => {
          if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(); }
          const next = event.key === "ArrowDown" ? line.nextSibling : event.key === "ArrowUp" ? line.previousSibling : null;
          if (next) { event.preventDefault(); next.focus(); }
        });
      }
      return line;
    }));
    more.hidden = drawn.length === shown.length;
    more.textContent = `Show all ${shown.length} rows`;
  }
  const caption = options.caption ? el("caption", { class: "left" }, options.caption) : null;
  parent.append(el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": options.caption || "table" },
    el("table", {}, caption, el("thead", {}, head), body)), more);
  return { update(next) { rows = next; draw(); } };
}

// Whiskers of datasets that have `low` and `high` (values along the value axis).
const whiskers = {
  id: "whiskers",
  afterDatasetsDraw(chart) {
    const context = chart.ctx;
    chart.data.datasets.forEach((dataset, index) => {
      if (!dataset.low || !chart.isDatasetVisible(index)) return;
      const across = chart.options.indexAxis === "y";
      const axis = across ? chart.scales.x : chart.scales.y;
      context.save();
      context.strokeStyle = Chart.defaults.color;
      context.beginPath();
      chart.getDatasetMeta(index).data.forEach((element, place) => {
        const at = across ? element.y : element.x;
        const ends = [dataset.low[place], dataset.high[place]].map((value) => axis.getPixelForValue(value));
        const stroke = (a, b, c, d) => {
          if (across) { context.moveTo(b, a); context.lineTo(d, c); } else { context.moveTo(a, b); context.lineTo(c, d); }
        };
        stroke(at, ends[0], at, ends[1]);
        for (const end of ends) stroke(at - 5, end, at + 5, end);
      });
      context.stroke();
      context.restore();
    });
  },
};

function chart(parent, height, label, config) {
  const canvas = el("canvas", { role: "img", "aria-label": label });
  parent.append(el("div", { class: "chart", style: `height:${height}px` }, canvas));
  config.plugins = [whiskers];
  config.options = { animation: false, responsive: true, maintainAspectRatio: false, ...config.options };
  config.options.plugins = { title: { display: true, text: label }, ...config.options.plugins };
  const made = new Chart(canvas, config);
  charts.push(made);
  return made;
}

function removeChart(made) {
  charts.splice(charts.indexOf(made), 1);
  made.destroy();
}

/// Stacked bars. series: {name: colour}; rows: [{label, values: {name: number}}].
function stacked(parent, height, label, rows, series, axis, across = false, extra = {}) {
  const names = Object.keys(series).filter((name) => rows.some((row) => (row.values[name] || 0) > 0));
  const value = { stacked: true, title: { display: true, text: axis }, beginAtZero: true, max: axis.includes("%") ? 100 : undefined };
  const place = { stacked: true, ticks: { autoSkip: false }, grid: { display: false } };
  return chart(parent, height, label, {
    type: "bar",
    data: {
      labels: rows.map((row) => row.label),
      datasets: names.map((name) => ({ label: words(name), backgroundColor: series[name], maxBarThickness: 46,
        data: rows.map((row) => row.values[name] || 0) })),
    },
    options: { indexAxis: across ? "y" : "x", scales: across ? { x: value, y: place } : { x: place, y: value },
      plugins: { legend: { position: "bottom" }, ...extra } },
  });
}

function applyTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  const style = getComputedStyle(document.documentElement);
  Chart.defaults.color = style.getPropertyValue("--text").trim();
  Chart.defaults.borderColor = style.getPropertyValue("--line").trim();
  const button = document.getElementById("theme");
  button.textContent = dark ? "Light" : "Dark";
  button.setAttribute("aria-pressed", String(dark));
  charts.forEach((made) => made.update());
}
