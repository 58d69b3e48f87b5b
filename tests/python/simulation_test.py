"""Simulations from Python: the same numbers as the command line, faults as exceptions, threads that go on."""

import json
import os
import subprocess
import threading
import time

import numpy as np
import pytest

import mxsim

RUN = {"chip": "tiny-8x8", "workload": "tiny_cnn", "mode": "train", "batch": 2, "formats": {"default": "mxsf"}}
SWEEP = {"base": "tiny_cnn_train", "set": {"/batch": 1}, "axes": [{"key": "/formats/default", "values": ["bf16", "fp32"]},
                                                                   {"key": "/chip/buffers/input/bytes", "values": [16384, 32768, 64]}]}


def program(*arguments):
    done = subprocess.run([str(mxsim.program()), *arguments, "--json"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def test_a_run_is_that_of_the_command_line_whether_it_comes_as_file_name_or_dict():
    expected = program("run", "configs/runs/tiny_cnn_train.json")
    path = mxsim.data_folder() / "configs/runs/tiny_cnn_train.json"
    for config in ("tiny_cnn_train", path, str(path), json.loads(path.read_text()) | {"chip": "tiny-8x8", "workload": "tiny_cnn"}):
        result = mxsim.run(config)
        assert result.json == expected
    assert mxsim.run(RUN).json["totals"] == expected["totals"]


def test_figures_are_attributes_and_add_up():
    result = mxsim.run(RUN)
    assert result.cycles == sum(layer.cycles for layer in result.layers)
    assert result.energy_pj == pytest.approx(sum(layer.energy_pj for layer in result.layers))
    assert result.energy_pj == pytest.approx(sum(result.energy_by_component_pj.values()))
    assert result.energy_low_pj <= result.energy_pj <= result.energy_high_pj
    assert result.items_per_s == pytest.approx(2 / result.time_s)
    assert result.energy_per_item_pj == pytest.approx(result.energy_pj / 2)
    assert {layer.pass_ for layer in result.layers["conv1"]} >= {"forward", "backward_weight"}
    assert result.workload == "tiny_cnn" and "mxsf" in repr(result) and "<table>" in result._repr_html_()
    with pytest.raises(KeyError, match="no layer 'conv9'"):
        result.layers["conv9"]
    with pytest.raises(AttributeError, match="RunResult has no cycels"):
        result.cycels


def test_options_replace_keys():
    result = mxsim.run(RUN, format="bf16", batch=3, mode="infer", set={"/seed": 7, "/chip/array/rows": np.int64(4)})
    assert (result.json["batch"], result.json["mode"], result.json["seed"]) == (3, "infer", 7)
    assert result.json["array"]["rows"] == 4
    zeros = mxsim.run(RUN, format="bf16", operands={"conv1.weight": np.zeros((27, 10))})
    drawn = mxsim.run(RUN, format="bf16", bits=True)
    assert zeros.output_hashes != drawn.output_hashes and zeros.cycles == drawn.cycles


def test_faults_are_an_exception_with_file_and_pointer_of_each():
    with pytest.raises(mxsim.ConfigError) as error:
        mxsim.run({**RUN, "batch": 0, "mode": "trainn"})
    assert [(fault.file, fault.pointer) for fault in error.value.faults] == [("config", "/mode"), ("config", "/batch")]
    assert 'did you mean "train"?' in error.value.faults[0].message
    assert isinstance(error.value, ValueError)
    with pytest.raises(mxsim.ConfigError, match="unknown format"):
        mxsim.compare(RUN, ["mxfs"])
    with pytest.raises(mxsim.ConfigError, match="no such file"):
        mxsim.run("none.json")
    with pytest.raises(TypeError, match="which has no JSON"):
        mxsim.run({**RUN, "batch": object()})


def test_comparisons_hold_savings_against_the_baseline():
    result = mxsim.compare(RUN, ["bf16", "mxsf"])
    assert result.labels == ["bf16", "mxsf"] and result.baseline.saving.energy == 0
    run = result["mxsf"]
    assert run.saving.energy == pytest.approx(1 - run.energy_pj / result.baseline.energy_pj)
    assert run.saving.energy_low <= run.saving.energy <= run.saving.energy_high
    assert run.json == mxsim.run(RUN).json
    with pytest.raises(KeyError, match="no run 'fp8'"):
        result["fp8"]


def test_sweeps_give_every_point_as_it_finishes_failed_ones_too(tmp_path):
    seen = []
    sweep = mxsim.sweep(SWEEP, out=tmp_path / "out", jobs=2, progress=lambda progress: seen.append(progress.done))
    points = list(sweep)
    assert sorted(point.number for point in points) == list(range(6))
    assert [point.status for point in sweep.points] == ["ok"] * 5 + ["failed"]
    assert "no tile fits the buffers" in sweep.points[5].error and not hasattr(sweep.points[5], "cycles")
    rows = [json.loads(line) for line in (tmp_path / "out/results.jsonl").read_text().splitlines()]
    assert {row["point"]: row["totals"]["cycles"] for row in rows if row["status"] == "ok"} == {
        point.number: point.cycles for point in points if point.ok}
    assert {point.number for point in sweep.front} == {each["point"] for each in sweep.summary["front"]} != set()
    assert seen and len(list(sweep)) == 6, "a second look runs nothing again"
    with pytest.raises(mxsim.ConfigError, match="is there already"):
        mxsim.sweep(SWEEP, out=tmp_path / "out").run()
    assert len(mxsim.sweep(SWEEP, out=tmp_path / "out", resume=True)) == 6


def test_a_search_ends_with_its_front():
    space = {**SWEEP, "axes": SWEEP["axes"][:1] + [{"key": "/chip/array/rows", "values": [4, 8]}],
             "search": {"population": 8, "generations": 2, "seed": 1}}
    search = mxsim.explore(space)
    assert search.front and 0 <= search.summary["hypervolume"] <= 1


def test_gemms_equal_the_reference_and_drams_replay_requests(tmp_path):
    assert mxsim.gemm(33, 20, 40, array=(8, 8), check=True).equal is True
    result = mxsim.gemm(64, 64, 64, array="16x16", format="bf16")
    assert result.equal is None and result.macs == 64**3 and result.cycles > 64**3 / 256
    rows = [(64 * i, i % 3 == 0, 4 * i) for i in range(200)]
    (tmp_path / "a.trc").write_text("".join(f"{a:#x} {'WRITE' if w else 'READ'} {c}\n" for a, w, c in rows))
    assert mxsim.dram("hbm2", np.array(rows)).json == mxsim.dram("hbm2", tmp_path / "a.trc").json
    assert mxsim.dram("hbm2", traffic="random:1:0", requests=50).requests >= 50
    with pytest.raises(ValueError, match="either trace or traffic"):
        mxsim.dram("hbm2")


def test_check_tells_the_faults_of_files_and_dicts():
    good, bad = mxsim.check("tiny_cnn_train", {**RUN, "batch": -1})
    assert good.good and good.kind == "run" and not bad.good
    assert good.memory["dram"] == mxsim.run("tiny_cnn_train").json["memory"]["dram"] and 0 < good.seconds < 10 and bad.memory is None
    assert [(fault.file, fault.pointer) for fault in bad.faults] == [("config-1", "/batch")]


def test_mappings_of_a_layer_are_explained():
    explained = mxsim.explain(RUN, "conv1")
    assert explained.layer == "conv1" and {gemm["pass"] for gemm in explained.gemms} >= {"forward"}
    keys = mxsim.describe("/chip/array")
    assert {"/chip/array/rows", "/chip/array/columns"} <= {key["key"] for key in keys}


def test_traces_come_as_files_and_dicts_and_take_a_loss():
    shipped = mxsim.trace("resnet18")
    assert shipped.macs == 1814073344 and shipped.parameters == 11689512
    network = {"name": "one", "inputs": [{"name": "x", "shape": [3, 8, 8]}], "outputs": ["y"],
               "layers": [{"name": "conv", "op": "conv2d", "inputs": ["x"], "outputs": ["c"],
                           "attributes": {"out_channels": 4, "kernel": [3, 3]}},
                          {"name": "pool", "op": "global_average_pool", "inputs": ["c"], "outputs": ["p"]},
                          {"name": "flat", "op": "flatten", "inputs": ["p"], "outputs": ["f"]},
                          {"name": "fc", "op": "linear", "inputs": ["f"], "outputs": ["y"], "attributes": {"out_features": 10}}]}
    traced = mxsim.trace(network, loss="cross_entropy")
    assert [layer["name"] for layer in traced.layers] == ["conv", "pool", "flat", "fc", "loss"]
    assert traced.macs == mxsim.trace(network).macs == 3 * 9 * 4 * 6 * 6 + 4 * 10
    assert mxsim.run({**RUN, "workload": traced}).cycles > mxsim.run({**RUN, "workload": network, "mode": "infer"}).cycles


def test_a_model_of_pytorch_has_its_own_parameters_and_macs():
    torch = pytest.importorskip("torch")
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1),
                                torch.nn.Flatten(), torch.nn.Linear(8, 10))
    traced = mxsim.trace(model, torch.zeros(1, 3, 10, 10), name="small")
    assert traced.name == "small" and traced.macs == 3 * 9 * 8 * 64 + 80
    assert traced.parameters == sum(parameter.numel() for parameter in model.parameters())
    assert model.training, "the model is as it was"
    encoder = torch.nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
    assert mxsim.trace(encoder, torch.zeros(1, 16, 32)).macs >= 16 * (4 * 32 * 32 + 2 * 32 * 64)
    with pytest.raises(ValueError, match="PyTorch cannot export it to ONNX"):
        mxsim.trace(torch.nn.LSTMCell(4, 4), torch.zeros(3))
    with pytest.raises(TypeError, match="expected a torch.nn.Module"):
        mxsim.trace(3)


def test_training_runs_on_arrays_and_evaluates_its_checkpoint(tmp_path):
    generator = np.random.default_rng(2)
    labels = generator.integers(0, 10, 96).astype(np.uint8)
    images = generator.normal(size=(96, 1, 28, 28)).astype(np.float32) + labels[:, None, None, None]
    data = (images[:64], labels[:64], images[64:], labels[64:])
    result = mxsim.train("lenet5_28_train", data, formats=["bf16"], epochs=1, batch=32, out=tmp_path / "out")
    trained = result["bf16"]
    assert 0 <= trained.accuracy_low <= trained.accuracy <= trained.accuracy_high <= 1
    assert trained.total["steps"] == 2 and trained.step["cycles"] == mxsim.run("lenet5_28_train", format="bf16", batch=32).cycles
    weights = tmp_path / "out" / "bf16-seed1.npz"
    evaluated = mxsim.evaluate("lenet5_28_train", weights, data, format="bf16", batch=32)
    assert evaluated.accuracy == pytest.approx(trained.accuracy) and evaluated.samples == 32


def test_other_threads_of_python_go_on_and_simulations_run_side_by_side():
    steps = []
    stop = threading.Event()

    def count():
        while not stop.is_set():
            steps.append(1)
            time.sleep(0.001)

    counter = threading.Thread(target=count)
    counter.start()
    results = [None, None]

    def simulate(place):
        results[place] = mxsim.run(RUN, batch=place + 1).json["batch"]

    workers = [threading.Thread(target=simulate, args=(place,)) for place in range(2)]
    before = len(steps)
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    during = len(steps) - before
    stop.set()
    counter.join()
    assert results == [1, 2] and during > 3


def test_an_abandoned_sweep_ends_its_processes():
    sweep = mxsim.sweep({**SWEEP, "axes": [{"key": "/seed", "values": list(range(400))}]}, jobs=1)
    for _ in sweep:
        break
    folder = str(sweep.folder)
    for _ in range(100):
        running = [pid for pid in os.listdir("/proc") if pid.isdigit() and folder.encode() in _command_line(pid)]
        if not running:
            return
        time.sleep(0.1)
    raise AssertionError(f"still running: {running}")


def _command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


def test_tables_and_pictures_hold_the_results(tmp_path):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("matplotlib")
    result, compared = mxsim.run(RUN), mxsim.compare(RUN, ["bf16", "mxsf"])
    layers = result.to_pandas()
    assert isinstance(layers, pandas.DataFrame) and layers["cycles"].sum() == result.cycles
    assert compared.to_pandas().loc["mxsf", "saving_energy"] == compared["mxsf"].saving.energy
    sweep = mxsim.sweep(SWEEP)
    assert sweep.to_pandas()["front"].sum() == len(sweep.front)
    figures = [result.plot_energy(), result.plot_cycles(), result.plot_stalls(unit="vector"), result.plot_roofline(), result.plot_memory(),
               compared.plot_energy(), compared.plot_saving(), compared.plot_layers(), compared.plot_roofline(), sweep.plot_front()]
    for number, figure in enumerate(figures):
        figure.savefig(tmp_path / f"{number}.png")
        assert (tmp_path / f"{number}.png").stat().st_size > 5000
    page = mxsim.report(result, compared, sweep, out=tmp_path / "report.html")
    assert page.stat().st_size > 200_000
