// Puts the page together.

(function main() {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  applyTheme(dark.matches);
  dark.addEventListener("change", () => { if (chosen === null) applyTheme(dark.matches); });
  document.getElementById("theme").addEventListener("click", () => {
    chosen = document.documentElement.dataset.theme !== "dark";
    applyTheme(chosen);
  });
  const runs = collectRuns();
  if (runs.length) {
    headline(runs);
    layers(runs);
    roofline(runs);
    stalls(runs);
    memory(runs);
  }
  const counts = {};
  const sections = { timeline: timelineSection, points: pointsSection, hypervolume: hypervolumeSection, training: trainingSection };
  for (const result of results.documents) {
    if (!sections[result.kind]) continue;
    counts[result.kind] = (counts[result.kind] || 0) + 1;
    sections[result.kind](result, counts[result.kind]);
  }
  const evaluations = results.documents.filter((result) => result.kind === "eval").map((result) => result.data);
  if (evaluations.length) evalSection(evaluations);
  if (runs.length) assumptions(runs);
  document.addEventListener("keydown", (event) => {
    const filter = document.getElementById("layer-filter");
    if (event.key !== "/" || !filter || /INPUT|SELECT|TEXTAREA/.test(document.activeElement.tagName)) return;
    event.preventDefault();
    filter.focus();
  });
  // Paper is white: print with the light colours, then go back.
  let before = null;
  window.addEventListener("beforeprint", () => {
    before = document.documentElement.dataset.theme === "dark";
    applyTheme(false);
    charts.forEach((made) => made.resize());
  });
  window.addEventListener("afterprint", () => { applyTheme(before); charts.forEach((made) => made.resize()); });
}());
