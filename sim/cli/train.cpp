#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/core/error.h"
#include "models/core/rng.h"
#include "models/formats/format_parser.h"
#include "sim/cli/command_table.h"
#include "sim/cli/format_list.h"
#include "sim/cli/fqt_runs.h"
#include "sim/cli/progress.h"
#include "sim/cli/run_options.h"
#include "sim/cli/worker_count.h"
#include "sim/npy/weight_archive.h"
#include "sim/output/output_set.h"
#include "sim/report/statistics_report.h"
#include "sim/report/training_report_text.h"
#include "sim/run/run_once.h"
#include "sim/train/checkpoint.h"
#include "sim/train/ptq_formats.h"
#include "sim/train/teacher.h"
#include "sim/train/training_report.h"

namespace mxsim {
namespace {

struct TrainCommand {
  RunOptions options;
  std::string data;
  std::vector<std::string> formats;
  std::int64_t epochs = 0;  ///< 0: the run file's
  std::int64_t seeds = 1;
  double target = 0;  ///< accuracy whose energy is told; 0: none
  int threads = 0;    ///< 0: all cores
  bool resume = false;
  bool qat = false;
  std::vector<std::string> fqt;  ///< how gradients are pruned; a training each
  std::string teacher;           ///< .npz archive; "": none
  Teaching teaching;
  std::int64_t skip_epochs = 0;
  std::vector<std::string> draw_formats;
  bool statistics = false;
  std::int64_t statistics_every = 20;

  std::int64_t counted_every() const { return statistics ? statistics_every : 0; }
};

/// The archive of a teacher as it was read.
struct TeacherFile {
  std::string path;
  NetworkTensors weights;
};

/// Straight-through estimators: what is quantized forward is read so by backward GEMMs in BF16.
void make_aware_of_quantization(const TrainCommand& command, std::vector<TrainRun>& runs) {
  for (TrainRun& run : runs) {
    run.label += "+qat";
    run.config = with_wide_gradients(std::move(run.config));
    check_formats(run.config, command.options.file);
  }
}

/// The run in every format that is asked for, or in its own, then with pruned gradients.
std::vector<TrainRun> format_runs(const TrainCommand& command) {
  RunOptions options = command.options;
  options.mode = "train";
  if (command.epochs > 0) {
    options.sets.push_back("/training/epochs=" + std::to_string(command.epochs));
  }
  std::vector<TrainRun> runs;
  for (const std::string& format : whole_format_names(command.formats)) {
    LabelledRun run = load_format(options, format);
    runs.push_back({std::move(run.label), std::move(run.config)});
  }
  if (runs.empty() && command.fqt.empty()) {
    RunConfig config = load_run(options);
    std::string label = options.recipe.empty() ? config.formats.format.name : options.recipe;
    runs.push_back({std::move(label), std::move(config)});
  }
  if (command.qat) make_aware_of_quantization(command, runs);
  for (TrainRun& run : fqt_runs(options, command.fqt)) runs.push_back(std::move(run));
  return runs;
}

std::uint64_t hash_of(const NetworkTensors& tensors, std::uint64_t state) {
  for (const auto& [name, values] : tensors) {
    state = stable_hash(name, state);
    state = stable_hash(
        {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)}, state);
  }
  return state;
}

/// What a checkpoint belongs to: settings, teacher, data, seed and the steps that casts are counted
/// in.
std::string run_hash(const TrainCommand& command, const RunConfig& config,
                     const NetworkTensors& teacher, const Dataset& data, std::uint64_t seed) {
  std::uint64_t state = stable_hash(config_hash(config));
  if (!command.teacher.empty()) {
    state = stable_hash(fmt::format("{} {}", command.teaching.weight, command.teaching.temperature),
                        hash_of(teacher, state));
  }
  for (const std::string& format : command.draw_formats) state = stable_hash(format, state);
  if (command.skip_epochs > 0) state = stable_hash(std::to_string(command.skip_epochs), state);
  if (command.statistics) {
    state = stable_hash("statistics " + std::to_string(command.statistics_every), state);
  }
  for (const Samples* samples : {&data.train, &data.test}) {
    std::visit(
        [&](const auto& held) {
          state = stable_hash(
              {reinterpret_cast<const char*>(held.data()), held.size() * sizeof(held.front())},
              state);
        },
        samples->values);
    state = stable_hash({reinterpret_cast<const char*>(samples->labels.data()),
                         samples->labels.size() * sizeof(std::uint32_t)},
                        state);
  }
  return fmt::format("{:016x}", stable_hash(std::to_string(seed), state));
}

std::string checkpoint_path(const TrainCommand& command, const std::string& label,
                            std::uint64_t seed) {
  std::string name = label;
  std::replace(name.begin(), name.end(), ':', '-');
  std::replace(name.begin(), name.end(), ',', '-');
  return fmt::format("{}/{}-seed{}.npz", command.options.out, name, seed);
}

/// A tensor that a changed file leaves out would keep numbers that nobody trained.
void check_checkpoint(const std::string& path, const TrainingState& state,
                      const NetworkTensors& expected, std::int64_t epochs) {
  std::vector<Diagnostic> faults;
  const auto fault = [&](std::string message) { faults.push_back({path, "", std::move(message)}); };
  for (const auto& [name, values] : expected) {
    const auto held = state.tensors.find(name);
    if (held == state.tensors.end()) {
      fault("no \"" + name + "\"");
    } else if (held->second.size() != values.size()) {
      fault(fmt::format("\"{}\" has {} elements, expected {}", name, held->second.size(),
                        values.size()));
    }
  }
  for (const auto& [name, values] : state.tensors) {
    if (!expected.contains(name)) fault("\"" + name + "\" is no tensor of the network");
  }
  if (static_cast<std::int64_t>(state.epochs.size()) > epochs) {
    fault(fmt::format("{} epochs, expected at most {}", state.epochs.size(), epochs));
  }
  if (!faults.empty()) throw InputError(std::move(faults));
}

TrainedSeed train_seed(const TrainCommand& command, const TrainRun& run, const Dataset& data,
                       const TeacherFile& teacher, TrainingJob& job, std::uint64_t seed,
                       std::ostream& err) {
  const std::string path = checkpoint_path(command, run.label, seed);
  // A label tells how gradients are pruned.
  const std::string hash = run_hash(command, run.config, teacher.weights, data, seed) +
                           (run.one_bit ? " " + run.label : "");
  const EpochStatistics rows = command.statistics ? job.statistics_rows() : EpochStatistics{};
  TrainingState state = job.begin(seed);
  if (command.resume && std::filesystem::exists(path)) {
    const NetworkTensors begun = std::move(state.tensors);
    state = read_checkpoint(path, hash, rows);
    // Other networks that --skip-epochs goes through may have other tensors.
    const NetworkTensors& expected = command.skip_epochs > 0 ? state.tensors : begun;
    check_checkpoint(path, state, expected, run.config.learning.epochs);
  }
  Progress progress(err, fmt::format("{} {} seed {}", run.config.workload.name, run.label, seed),
                    "steps");
  while (static_cast<std::int64_t>(state.epochs.size()) < run.config.learning.epochs) {
    job.run_epoch(state, seed, [&](std::int64_t done, std::int64_t total) {
      progress.update(static_cast<std::size_t>(done), static_cast<std::size_t>(total));
    });
    write_checkpoint(path, hash, state);
  }
  return {seed, state.epochs, std::move(state.statistics)};
}

/// One step of a run on the chip.
RunReport step_on_chip(const RunConfig& config, const std::string& what, std::ostream& err) {
  Progress progress(err, fmt::format("{} {} on the chip", config.workload.name, what));
  RunExtras extras;
  extras.progress = [&](std::size_t done, std::size_t all) { progress.update(done, all); };
  return run_once(config, extras);
}

TrainedFormat train_format(const TrainCommand& command, const TrainRun& run, const Dataset& data,
                           const TeacherFile& file, Workers& workers, std::ostream& err) {
  TrainedFormat trained;
  trained.label = run.label;
  std::optional<Teacher> teacher;
  if (!file.path.empty()) teacher.emplace(run.config, file.weights, file.path, workers);
  Retraining retraining{teacher ? &*teacher : nullptr, &command.teaching, &file.weights,
                        command.skip_epochs};
  retraining.straight_through = command.qat;
  retraining.one_bit = run.one_bit;
  for (const std::string& format : whole_format_names(command.draw_formats)) {
    retraining.drawn_formats.push_back(parse_format(format));
  }
  const RunConfig values = values_config(run);
  TrainingJob job(values, data, workers, retraining, command.counted_every());
  for (std::int64_t s = 0; s < command.seeds; ++s) {
    const std::uint64_t seed = run.config.seed + static_cast<std::uint64_t>(s);
    trained.seeds.push_back(train_seed(command, run, data, file, job, seed, err));
  }
  RunConfig step = run.config;
  if (teacher) step.workload = taught_graph(run.config.workload, command.teaching);
  trained.step = step_on_chip(step, run.label, err);
  if (run.one_bit) {
    trained.gradient_bits = run.one_bit->bits;
    trained.planes = one_bit_costs(run.config, *run.one_bit);
  }
  return trained;
}

TeacherReport teacher_report(const RunConfig& run, const TeacherFile& file,
                             const Teaching& teaching, const Dataset& data, Workers& workers,
                             std::ostream& err) {
  Teacher teacher(run, file.weights, file.path, workers);
  return {file.path, teaching.weight, teaching.temperature,
          teacher.accuracy(SampleFeed(data, SampleUse::kTest, run.data)),
          step_on_chip(teacher.config(), "teacher", err)};
}

TeacherFile read_teacher(const TrainCommand& command, const RunConfig& run) {
  if (command.teacher.empty()) return {};
  TeacherFile file{command.teacher, read_weights(command.teacher)};
  Workers workers(1);
  const Teacher checked(run, file.weights, file.path, workers);
  return file;
}

/// A loss that compares the scores with a teacher's needs one.
void check_teacher(const TrainCommand& command, const RunConfig& run) {
  if (!command.teacher.empty()) return;
  const ShapedGraph graph = shape_graph(run.workload, 1, run_dimensions(run));
  for (const ShapedLayer& layer : graph.layers) {
    if (layer.kind->role() != LayerRole::kLoss || layer.attributes.scalar("teacher") == 0) continue;
    throw InputError("--teacher: layer \"" + layer.name + "\" compares scores with a teacher's");
  }
}

/// What was counted in every epoch of every training.
StatisticsReport statistics_of(const TrainingReport& report, std::int64_t every) {
  StatisticsReport statistics{report.workload, report.config_hash, "seed", every, {}};
  for (const TrainedFormat& format : report.formats) {
    FormatStatistics& entry = statistics.formats.emplace_back();
    entry.format = format.label;
    for (const TrainedSeed& seed : format.seeds) {
      for (std::size_t epoch = 0; epoch < seed.statistics.size(); ++epoch) {
        entry.parts.push_back(
            {seed.seed, static_cast<std::int64_t>(epoch + 1), seed.statistics[epoch]});
      }
    }
  }
  return statistics;
}

void write_results(const TrainCommand& command, const TrainingReport& report) {
  const std::string& folder = command.options.out;
  OutputSet results;
  results.write(folder + "/training.json", to_json(report).dump(1) + "\n");
  results.write(folder + "/training.csv", training_csv(report));
  if (command.statistics) {
    write_statistics(results, folder, statistics_of(report, command.statistics_every));
  }
  results.commit();
}

/// Refuses places that cannot be written before anything runs; checkpoints too.
void try_results(const TrainCommand& command, const std::vector<TrainRun>& runs) {
  const std::string& folder = command.options.out;
  std::vector<std::string> files{folder + "/training.json", folder + "/training.csv"};
  if (command.statistics) {
    for (const std::string& file : statistics_files(folder)) files.push_back(file);
  }
  for (const TrainRun& run : runs) {
    files.push_back(checkpoint_path(command, run.label, run.config.seed));
  }
  try_outputs(folder, files);
}

/// Options that ask for different backward passes, or for casts that are not made.
void check_fqt(const TrainCommand& command) {
  if (command.fqt.empty()) return;
  const auto refuse = [](const char* option, const char* reason) {
    throw InputError(std::string("--fqt and ") + option + ": " + reason);
  };
  if (command.qat) refuse("--qat", "gradients of one bit, or backward GEMMs in BF16");
  if (!command.draw_formats.empty()) refuse("--draw-formats", "layers change from step to step");
  if (command.statistics) refuse("--statistics", "casts of pruned gradients are not counted");
}

int train(const TrainCommand& command, Console& console) {
  check_fqt(command);
  const std::vector<TrainRun> runs = format_runs(command);
  const RunConfig& first = runs.front().config;
  const NetworkEnds ends = network_ends(first.workload, lowering_policy(first).dimensions);
  const Dataset data = dataset_for(command.data, ends);
  const DefinedFormats scope(defined_formats(first.defined_formats));
  for (const std::string& format : whole_format_names(command.draw_formats)) parse_format(format);
  if (command.statistics && (command.skip_epochs > 0 || !command.draw_formats.empty())) {
    throw InputError(
        "--statistics: the network changes from step to step or epoch to epoch with "
        "--skip-epochs and --draw-formats");
  }
  for (const TrainRun& run : runs) {
    check_training(run.config, data);
    check_teacher(command, run.config);
  }
  const TeacherFile teacher = read_teacher(command, first);
  const std::string& folder = command.options.out;
  try_results(command, runs);
  note_interrupts("interrupted: --resume goes on after the last epoch that ended\n");
  make_folder(folder);
  Workers workers(worker_count(command.threads));
  TrainingReport report;
  report.workload = first.workload.name;
  report.data = command.data;
  report.config_hash = config_hash(first);
  report.train_samples = SampleFeed(data, SampleUse::kTraining, first.data).count();
  report.test_samples = SampleFeed(data, SampleUse::kTest, first.data).count();
  report.batch = first.batch;
  report.steps = report.train_samples / first.batch * first.learning.epochs;
  report.target = command.target;
  try {
    for (const TrainRun& run : runs) {
      report.formats.push_back(train_format(command, run, data, teacher, workers, console.err));
    }
    if (!teacher.path.empty()) {
      report.teacher = teacher_report(first, teacher, command.teaching, data, workers, console.err);
    }
  } catch (const Interrupted&) {
    console.err << "interrupted: --resume goes on after the last epoch that ended\n";
    return kExitFailure;
  }
  write_results(command, report);
  if (console.json()) {
    console.out << to_json(report).dump(1) << '\n';
  } else {
    console.out << training_text(report, console.text.width);
  }
  return kExitDone;
}

}  // namespace

CommandAction set_up_train(CLI::App& app) {
  const auto command = std::make_shared<TrainCommand>();
  add_run_options(app, command->options);
  app.get_option("--out")->required();
  app.add_option("--data", command->data,
                 "folder with the data set: files of the MNIST family (IDX, .gz too), CIFAR "
                 "binary, or x_train.npy, y_train.npy, x_test.npy, y_test.npy; for a language "
                 "model a text file, whose bytes are the tokens")
      ->required();
  app.add_option(
         "--formats", command->formats,
         "formats of all GEMM operands, by comma, instead of the run file's; FORMAT:RxC for "
         "blocks of R x C elements")
      ->delimiter(',');
  app.add_option("--epochs", command->epochs, "instead of the run file's /training/epochs")
      ->check(CLI::Range(1, 100000));
  app.add_option("--seeds", command->seeds, "trainings of each format, from the run's seed on")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--target", command->target,
                 "share of the test labels, 0 .. 1: also print the energy until the mean over the "
                 "seeds first reaches it, at the end of an epoch")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--threads", command->threads, "threads; no result depends on it (all cores)")
      ->check(CLI::Range(1, 1024));
  app.add_flag("--qat", command->qat,
               "quantization-aware training: forward GEMMs in the formats, gradients and backward "
               "GEMMs in BF16 with the forward pass's quantized operands (straight-through)");
  add_fqt_option(app, command->fqt);
  app.add_option("--teacher", command->teacher,
                 ".npz archive of the parameters of the same network with all its skip "
                 "connections: training begins with them, and its loss also compares the scores "
                 "with that network's");
  app.add_option("--teacher-weight", command->teaching.weight,
                 "w in the loss (1 - w) x cross entropy of the labels + w x T^2 x KL divergence of "
                 "softmax(scores / T) from the teacher's")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--teacher-temperature", command->teaching.temperature, "T in that loss")
      ->check(CLI::Range(0.01, 1000.0))
      ->capture_default_str();
  app.add_option("--skip-epochs", command->skip_epochs,
                 "epochs in which skip connections are changed as --skip says, one block after "
                 "another from the input on; 0: all before the first epoch")
      ->check(CLI::Range(0, 100000))
      ->capture_default_str();
  app.add_option("--draw-formats", command->draw_formats,
                 "formats, by comma: in each step every layer with GEMMs draws one of them for its "
                 "weights and activations, so that one set of weights serves all choices (explore "
                 "with /quality/weights); gradients stay in the run's format")
      ->delimiter(',');
  app.add_flag("--statistics", command->statistics,
               "also write statistics.json, statistics.csv and histograms.csv: SQNR, saturation, "
               "underflow, zeros, modes and magnitudes of every GEMM operand and weight gradient");
  app.add_option("--statistics-every", command->statistics_every,
                 "steps from one that --statistics counts in to the next, from the first of each "
                 "epoch on")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app.add_flag("--resume", command->resume, "go on from the checkpoints in --out");
  return [command](Console& console) { return train(*command, console); };
}

}  // namespace mxsim
