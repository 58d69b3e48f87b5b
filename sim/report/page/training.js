// Accuracy on real data against the cost of training or inference.

function trainingSection(result, number) {
  const { data } = result;
  const part = section(`training-${number}`, number > 1 ? `Training ${number}` : "Training", `${data.workload}: ${whole(data.train_samples)} training and ${whole(data.test_samples)} test samples, batch ${data.batch}. Intervals of accuracy are 95 %.`);
  const interval = (row) => `${percent(row.accuracy.mean)} [${percent(row.accuracy.low)}, ${percent(row.accuracy.high)}]`;
  table(part, [
    { title: "format", left: true, value: (row) => row.format },
    { title: "seeds", value: (row) => row.seeds },
    { title: "accuracy [95 %]", value: (row) => row.accuracy.mean, text: interval },
    { title: "loss", value: (row) => row.loss, text: (row) => digits(row.loss) },
    { title: "time of a step", value: (row) => row.step.time_s, text: (row) => time(row.step.time_s) },
    { title: "energy of a step", value: (row) => row.step.energy_pj, text: (row) => energy(row.step.energy_pj) },
    { title: "steps", value: (row) => row.total.steps, text: (row) => whole(row.total.steps) },
    { title: "training time", value: (row) => row.total.time_s, text: (row) => time(row.total.time_s) },
    { title: "training energy", value: (row) => row.total.energy_pj, text: (row) => energy(row.total.energy_pj) },
  ], { caption: "Formats" }).update(data.formats);
  const pair = el("div", { class: "charts" });
  part.append(pair);
  const [scale, unit] = unitOf(Math.max(...data.formats.map((row) => row.total.energy_pj)), ENERGY_UNITS);
  const look = (index) => ({ backgroundColor: colourOf(index), borderColor: colourOf(index), pointStyle: shapeOf(index), pointRadius: 6 });
  chart(pair, 360, "Accuracy against training energy", { type: "scatter",
    data: { datasets: data.formats.map((row, index) => ({ label: row.format, ...look(index), data: [{ x: row.total.energy_pj / scale, y: 100 * row.accuracy.mean }],
      low: [100 * row.accuracy.low], high: [100 * row.accuracy.high] })) },
    options: { scales: { x: { title: { display: true, text: `energy of the training (${unit})` }, grace: "10%" }, y: { title: { display: true, text: "test accuracy (%)" }, grace: "20%" } },
      plugins: { legend: { labels: { usePointStyle: true } } } } });
  chart(pair, 360, "Accuracy by epoch", { type: "line",
    data: { datasets: data.formats.map((row, index) => ({ label: row.format, ...look(index), pointRadius: 3, data: row.epochs.map((epoch) => ({ x: epoch.epoch, y: 100 * epoch.accuracy })) })) },
    options: { scales: { x: { type: "linear", title: { display: true, text: "epoch" }, ticks: { precision: 0 } }, y: { title: { display: true, text: "test accuracy (%)" } } },
      plugins: { legend: { labels: { usePointStyle: true } } } } });
}

function evalSection(evaluations) {
  const part = section("inference", "Inference with given weights");
  table(part, [
    { title: "network", left: true, value: (row) => row.workload },
    { title: "format", left: true, value: (row) => row.format },
    { title: "accuracy [95 %]", value: (row) => row.accuracy, text: (row) => `${percent(row.accuracy)} [${percent(row.accuracy_low)}, ${percent(row.accuracy_high)}]` },
    { title: "samples", value: (row) => row.samples, text: (row) => whole(row.samples) },
    { title: "time of an image", value: (row) => row.time_s, text: (row) => time(row.time_s) },
    { title: "energy of an image", value: (row) => row.energy_pj, text: (row) => `${energy(row.energy_pj)} [${energy(row.energy_low_pj)}, ${energy(row.energy_high_pj)}]` },
  ], { caption: "Evaluations" }).update(evaluations);
  const [scale, unit] = unitOf(Math.max(...evaluations.map((row) => row.energy_pj)), ENERGY_UNITS);
  chart(part, 340, "Accuracy against energy of an image", { type: "scatter", data: { datasets: evaluations.map((row, index) => ({ label: `${row.workload} ${row.format}`,
    backgroundColor: colourOf(index), borderColor: colourOf(index), pointStyle: shapeOf(index), pointRadius: 6, data: [{ x: row.energy_pj / scale, y: 100 * row.accuracy }],
    low: [100 * row.accuracy_low], high: [100 * row.accuracy_high] })) }, options: { scales: { x: { title: { display: true, text: `energy of an image (${unit})` }, grace: "10%" },
    y: { title: { display: true, text: "accuracy (%)" }, grace: "20%" } }, plugins: { legend: { labels: { usePointStyle: true } } } } });
}
