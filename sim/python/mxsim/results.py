"""What the commands find, as objects: figures as attributes, tables for pandas, pictures for matplotlib.

Units are in the names: cycles, _s (seconds), _pj (picojoules), _bytes, _mm2, _w. Bands (_low, _high) reach from the 5th to
the 95th percentile of the prices.
"""

import json
import os
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Union, overload

from .program import Fault

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure


def pandas_module() -> Any:
    try:
        import pandas
    except ImportError as error:
        raise ImportError("tables need pandas (Debian: apt install python3-pandas)") from error
    return pandas


class Result:
    """A result; `json` is all of it, as `mxsim ... --json` prints it. Its top-level keys are attributes too."""

    def __init__(self, json: Dict[str, Any]) -> None:
        self.json = json

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "json":
            raise AttributeError(name)
        if name in self.json:
            return self.json[name]
        raise AttributeError(f"{type(self).__name__} has no {name}; json has {', '.join(self.json)}")

    def __dir__(self) -> List[str]:
        return sorted({*super().__dir__(), *self.json})

    def to_dict(self) -> Dict[str, Any]:
        return self.json

    def save(self, path: Union[str, "os.PathLike[str]"]) -> None:
        """As a JSON file, such as `mxsim report` reads."""
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.json, file, indent=1)
            file.write("\n")


class Layer:
    """A layer in one pass of the step."""

    def __init__(self, json: Dict[str, Any]) -> None:
        self.json = json
        self.name: str = json["name"]
        self.pass_: str = json.get("phase") or json["pass"]
        """forward, backward_data, backward_weight, recompute, update; of a request prefill, decode."""
        self.op: str = json["op"]
        self.cycles: int = json["cycles"]
        self.macs: int = json["macs"]
        self.utilization: float = json["utilization"]
        self.bound_by: str = json["bound_by"]
        self.dram_bytes: int = json["dram_bytes"]
        self.energy_pj: float = json["energy_pj"]
        self.energy_by_component_pj: Dict[str, float] = json["energy_by_component_pj"]
        self.units: Dict[str, Dict[str, int]] = json["units"]
        """Cycles by unit: busy, stall_CAUSE, idle."""
        self.mappings: List[Dict[str, Any]] = json.get("mappings", [])

    def __repr__(self) -> str:
        return f"Layer({self.name!r}, {self.pass_}, {self.cycles} cycles, {self.energy_pj:.4g} pJ, bound by {self.bound_by})"


class Layers(Sequence[Layer]):
    """Layers and passes in the order in which they first run."""

    def __init__(self, layers: List[Layer]) -> None:
        self._layers = layers

    def __len__(self) -> int:
        return len(self._layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self._layers)

    @overload
    def __getitem__(self, key: int) -> Layer: ...
    @overload
    def __getitem__(self, key: slice) -> "Layers": ...
    @overload
    def __getitem__(self, key: str) -> "Layers": ...

    def __getitem__(self, key: Union[int, slice, str]) -> Union[Layer, "Layers"]:
        """One by number; all passes of a layer by its name."""
        if isinstance(key, str):
            found = [layer for layer in self._layers if layer.name == key]
            if not found:
                raise KeyError(f"no layer {key!r}; there are {', '.join(self.names)}")
            return Layers(found)
        chosen = self._layers[key]
        return chosen if isinstance(chosen, Layer) else Layers(chosen)

    @property
    def names(self) -> List[str]:
        return list(dict.fromkeys(layer.name for layer in self._layers))

    def to_pandas(self) -> "pandas.DataFrame":
        """A row a layer and pass; energy by component in columns energy_pj/pe and so on."""
        rows = []
        for layer in self._layers:
            row = {key: value for key, value in layer.json.items() if not isinstance(value, (dict, list))}
            row["pass"] = layer.pass_
            row.update({f"energy_pj/{name}": pj for name, pj in layer.energy_by_component_pj.items()})
            rows.append(row)
        return pandas_module().DataFrame(rows)

    def __repr__(self) -> str:
        return f"Layers({len(self)}: {', '.join(self.names[:8])}{', ...' if len(self.names) > 8 else ''})"


def _total(name: str, meaning: str) -> Any:
    def read(self: "RunResult") -> Any:
        return self.json["totals"][name]

    return property(read, doc=meaning)


class RunResult(Result):
    """One simulation."""

    cycles: int = _total("cycles", "Clock cycles of the step.")
    time_s: float = _total("time_s", "Their time.")
    energy_pj: float = _total("energy_pj", "Energy, all prices at their values.")
    energy_low_pj: float = _total("energy_low_pj", "5th percentile of the prices.")
    energy_high_pj: float = _total("energy_high_pj", "95th percentile of the prices.")
    macs: int = _total("macs", "Multiply-accumulates.")
    utilization: float = _total("utilization", "MACs over the array's slots in all cycles.")
    core_utilization: float = _total("core_utilization", "The same while the array computes.")
    dram_read_bytes: int = _total("dram_read_bytes", "Whole bursts.")
    dram_write_bytes: int = _total("dram_write_bytes", "Whole bursts.")
    sram_read_bytes: int = _total("sram_read_bytes", "Read from the buffers.")
    sram_write_bytes: int = _total("sram_write_bytes", "Written to the buffers.")
    area_mm2: float = _total("area_mm2", "Silicon of the chip.")
    tops: float = _total("tops", "10^12 operations a second; a MAC is two.")
    tops_per_w: float = _total("tops_per_w", "10^12 operations a joule.")
    average_power_w: float = _total("average_power_w", "Energy over time.")

    @property
    def layers(self) -> Layers:
        return Layers([Layer(layer) for layer in self.json["layers"]])

    @property
    def energy_by_component_pj(self) -> Dict[str, float]:
        return dict(self.json["energy_pj"])

    @property
    def items_per_s(self) -> float:
        """Images a second, or tokens of a language model."""
        return float(self.json["work_items"]["count"]) / self.time_s

    @property
    def energy_per_item_pj(self) -> float:
        """Energy of an image, or of a token."""
        return self.energy_pj / float(self.json["work_items"]["count"])

    @property
    def assumptions(self) -> List[str]:
        return list(self.json["assumptions"])

    @property
    def warnings(self) -> List[str]:
        return list(self.json["warnings"])

    @property
    def label(self) -> str:
        formats = self.json["formats"]
        return str(formats["recipe"] or formats["default"])

    def to_pandas(self) -> "pandas.DataFrame":
        """The layers: a row a layer and pass."""
        return self.layers.to_pandas()

    def plot_energy(self, layers: int = 20, pass_: Optional[str] = None) -> "Figure":
        """Energy by layer and component; the layers that cost most, the rest as one bar."""
        from .figures import layers as figures

        return figures.energy_figure(self.json, layers, pass_)

    def plot_cycles(self, layers: int = 20, pass_: Optional[str] = None) -> "Figure":
        """Cycles by layer and pass."""
        from .figures import layers as figures

        return figures.cycles_figure(self.json, layers, pass_)

    def plot_stalls(self, layers: int = 20, unit: str = "array", pass_: Optional[str] = None) -> "Figure":
        """What a unit did with each layer's cycles: busy, idle, or waiting and for what."""
        from .figures import layers as figures

        return figures.stalls_figure(self.json, layers, unit, pass_)

    def plot_roofline(self) -> "Figure":
        """Attained rate against arithmetic intensity, a point a layer and pass."""
        from .figures import comparison as figures

        return figures.roofline_figure([(self.label, self.json)])

    def plot_memory(self) -> "Figure":
        """DRAM that live tensors take over time."""
        from .figures import layers as figures

        return figures.memory_figure(self.json)

    def _repr_html_(self) -> str:
        return _html_table([self._summary()])

    def _summary(self) -> Dict[str, str]:
        item = self.json["work_items"]["item"]
        return {
            "network": f"{self.json['workload']}, {self.json['mode']}, batch {self.json['batch']}",
            "formats": self.label,
            "time": f"{self.time_s * 1e3:.4g} ms",
            f"{item}s/s": f"{self.items_per_s:.4g}",
            "energy": f"{self.energy_pj * 1e-9:.4g} mJ [{self.energy_low_pj * 1e-9:.4g}, {self.energy_high_pj * 1e-9:.4g}]",
            f"mJ/{item}": f"{self.energy_per_item_pj * 1e-9:.4g}",
            "utilization": f"{100 * self.utilization:.1f} %",
        }

    def __repr__(self) -> str:
        figures = ", ".join(f"{name} {value}" for name, value in self._summary().items())
        return f"{type(self).__name__}({figures})"


def _html_table(rows: List[Dict[str, str]]) -> str:
    from html import escape

    head = "".join(f"<th>{escape(name)}</th>" for name in rows[0])
    body = "".join("<tr>" + "".join(f"<td>{escape(value)}</td>" for value in row.values()) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


class Saving(NamedTuple):
    """Shares of the baseline's; the band of the energy's is the 5th to 95th percentile of the prices."""

    energy: float
    energy_low: float
    energy_high: float
    time: float
    dram_bytes: float
    energy_delay_product: float


class ComparedRun(RunResult):
    """A run of a comparison."""

    def __init__(self, json: Dict[str, Any]) -> None:
        super().__init__(json["report"])
        self._label = str(json["label"])
        self.saving = Saving(**json["saving"])
        self.sensitivity: List[Dict[str, Any]] = json["sensitivity"]
        """The saving when one price alone moves over its band."""

    @property
    def label(self) -> str:
        return self._label

    def _summary(self) -> Dict[str, str]:
        saving = self.saving
        saved = f"{100 * saving.energy:.1f} % [{100 * saving.energy_low:.1f}, {100 * saving.energy_high:.1f}]"
        return {**super()._summary(), "formats": self.label, "energy saved": saved, "time saved": f"{100 * saving.time:.1f} %"}


class CompareResult(Result):
    """The same work in several formats; runs by number or label."""

    def __init__(self, json: Dict[str, Any]) -> None:
        super().__init__(json)
        self.runs = [ComparedRun(run) for run in json["runs"]]

    @property
    def labels(self) -> List[str]:
        return [run.label for run in self.runs]

    @property
    def baseline(self) -> ComparedRun:
        return self[str(self.json["baseline"])]

    @property
    def assumptions(self) -> List[Dict[str, Any]]:
        """Of sensitivity=True: the savings when one assumption alone is another."""
        return list(self.json.get("assumptions", []))

    def __len__(self) -> int:
        return len(self.runs)

    def __iter__(self) -> Iterator[ComparedRun]:
        return iter(self.runs)

    def __getitem__(self, key: Union[int, str]) -> ComparedRun:
        if isinstance(key, int):
            return self.runs[key]
        for run in self.runs:
            if run.label == key:
                return run
        raise KeyError(f"no run {key!r}; there are {', '.join(self.labels)}")

    def to_pandas(self) -> "pandas.DataFrame":
        """A row a format: its totals and what it saves."""
        rows = []
        for run in self.runs:
            saving = {f"saving_{name}": value for name, value in run.saving._asdict().items()}
            rows.append({"label": run.label, **run.json["totals"], **saving})
        return pandas_module().DataFrame(rows).set_index("label")

    def plot_energy(self) -> "Figure":
        """Energy of each format by component, with its band."""
        from .figures import comparison as figures

        return figures.components_figure(self.json)

    def plot_saving(self) -> "Figure":
        """Energy, time and DRAM traffic saved against the baseline."""
        from .figures import comparison as figures

        return figures.saving_figure(self.json)

    def plot_layers(self, layers: int = 20) -> "Figure":
        """Energy of the layers that cost most in the baseline."""
        from .figures import comparison as figures

        return figures.layers_figure(self.json, layers)

    def plot_roofline(self) -> "Figure":
        """Attained rate against arithmetic intensity, formats told apart."""
        from .figures import comparison as figures

        return figures.roofline_figure([(run.label, run.json) for run in self.runs])

    def plot_assumptions(self, rows: int = 20) -> "Figure":
        """Of sensitivity=True: the assumptions that move the last format's saving most."""
        from .figures import comparison as figures

        return figures.assumptions_figure(self.json, rows)

    def _repr_html_(self) -> str:
        return _html_table([run._summary() for run in self.runs])

    def __repr__(self) -> str:
        return "CompareResult(" + "; ".join(f"{run.label}: {run._summary()['energy']}" for run in self.runs) + ")"


class GemmResult(Result):
    """One GEMM on the array alone: cycles, macs, utilization, folds, sram_reads, sram_writes, events, output_hash, check."""

    @property
    def equal(self) -> Optional[bool]:
        """Of check=True: whether the output bits are those of the independent reference."""
        check = self.json.get("check")
        return None if check is None else check == "equal"


class DramResult(Result):
    """A replay: cycles, requests, bandwidth_bytes_per_s, utilization, read_latency_mean, hits, row_empty, row_conflicts,
    commands, energy_pj."""


class CheckedFile(NamedTuple):
    """A validated file; no faults: it is good."""

    file: str
    kind: str
    faults: List[Fault]
    warnings: List[str]
    memory: Optional[Dict[str, Any]] = None
    """Of a good run file: as in its report, but for the buffers' tiles."""
    seconds: Optional[float] = None
    """Of a good run file: estimated time of the run on one core."""

    @property
    def good(self) -> bool:
        return not self.faults


class TrainedFormat:
    """A training in one format: accuracy with its 95 % interval, and what it costs on the chip."""

    def __init__(self, json: Mapping[str, Any]) -> None:
        self.json = json
        self.format: str = json["format"]
        self.seeds: int = json["seeds"]
        self.accuracy: float = json["accuracy"]["mean"]
        self.accuracy_low: float = json["accuracy"]["low"]
        self.accuracy_high: float = json["accuracy"]["high"]
        self.loss: float = json["loss"]
        self.step: Dict[str, float] = json["step"]
        self.total: Dict[str, float] = json["total"]
        self.epochs: List[Dict[str, float]] = json["epochs"]

    def __repr__(self) -> str:
        band = f"[{100 * self.accuracy_low:.2f}, {100 * self.accuracy_high:.2f}]"
        return f"TrainedFormat({self.format}: {100 * self.accuracy:.2f} % {band}, {self.total['energy_pj'] * 1e-12:.4g} J)"


class TrainResult(Result):
    """Trainings on real data, a format each."""

    @property
    def formats(self) -> List[TrainedFormat]:
        return [TrainedFormat(each) for each in self.json["formats"]]

    def __getitem__(self, format: str) -> TrainedFormat:
        for each in self.formats:
            if each.format == format:
                return each
        raise KeyError(f"no format {format!r}; there are {', '.join(each.format for each in self.formats)}")

    def to_pandas(self) -> "pandas.DataFrame":
        """A row a format: accuracy, and the cost of a step and of the training."""
        rows = []
        for each in self.formats:
            row: Dict[str, Any] = {"format": each.format, "seeds": each.seeds, "accuracy": each.accuracy,
                                   "accuracy_low": each.accuracy_low, "accuracy_high": each.accuracy_high, "loss": each.loss}
            row.update({f"step_{name}": value for name, value in each.step.items()})
            row.update({f"total_{name}": value for name, value in each.total.items()})
            rows.append(row)
        return pandas_module().DataFrame(rows).set_index("format")

    def epochs_to_pandas(self) -> "pandas.DataFrame":
        """A row a format, seed and epoch."""
        rows = [{"format": each["format"], "seed": run["seed"], **epoch}
                for each in self.json["formats"] for run in each["runs"] for epoch in run["epochs"]]
        return pandas_module().DataFrame(rows)

    def plot_accuracy(self) -> "Figure":
        """Accuracy against the energy of the training, with intervals, and by epoch."""
        from .figures import training as figures

        return figures.accuracy_figure(self.json)

    def __repr__(self) -> str:
        return "TrainResult(" + "; ".join(map(repr, self.formats)) + ")"


class EvalResult(Result):
    """Inference with given weights: accuracy (with accuracy_low, accuracy_high), samples, and energy_pj of an image."""
