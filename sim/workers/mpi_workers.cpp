#include "sim/workers/mpi_workers.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/mpi/communicator.hpp>
#include <boost/mpi/environment.hpp>
#include <csignal>
#include <optional>
#include <string_view>
#include <utility>

namespace mxsim {
namespace {

namespace mpi = boost::mpi;

// Open MPI; MPICH and Intel MPI; any launcher with PMIx (srun --mpi=pmix).
constexpr std::array<std::string_view, 3> kLauncherVariables{
    "OMPI_COMM_WORLD_SIZE=", "PMI_SIZE=", "PMIX_RANK="};

enum Tag : int { kRequest, kAnswer, kStop };

// A blocking receive spins on its core, which a worker on the same machine needs.
constexpr useconds_t kWorkersPauseMicroseconds = 100;
constexpr useconds_t kPauseMicroseconds = 500;  // process 0, which waits nearly all the time
constexpr int kPausesOfAWait = 400;

bool is_launched(char** environment) {
  for (char** entry = environment; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const bool found = std::any_of(kLauncherVariables.begin(), kLauncherVariables.end(),
                                   [&](std::string_view name) { return text.starts_with(name); });
    if (found) return true;
  }
  return false;
}

void send_text(const mpi::communicator& world, int to, int tag, const std::string& text) {
  world.send(to, tag, text.data(), static_cast<int>(text.size()));
}

std::string receive_text(const mpi::communicator& world, const mpi::status& message) {
  std::string text(static_cast<std::size_t>(message.count<char>().value_or(0)), '\0');
  world.recv(message.source(), message.tag(), text.data(), static_cast<int>(text.size()));
  return text;
}

}  // namespace

struct MpiSession::Library {
  mpi::environment environment{mpi::threading::single};
};

MpiSession::MpiSession(char** environment) {
  if (is_launched(environment)) library_ = std::make_unique<Library>();
}

MpiSession::~MpiSession() = default;

int mpi_size() { return mpi::environment::initialized() ? mpi::communicator().size() : 1; }

int mpi_rank() { return mpi::environment::initialized() ? mpi::communicator().rank() : 0; }

MpiWorkers::MpiWorkers() = default;

MpiWorkers::~MpiWorkers() {
  for (int rank = 1; rank < mpi_size(); ++rank) send_text({}, rank, kStop, "");
}

std::size_t MpiWorkers::size() const { return static_cast<std::size_t>(mpi_size() - 1); }

void MpiWorkers::send(std::size_t worker, const std::string& request) {
  send_text({}, static_cast<int>(worker) + 1, kRequest, request);
}

std::vector<WorkerEvent> MpiWorkers::wait() {
  const mpi::communicator world;
  std::vector<WorkerEvent> events;
  for (int pauses = 0; events.empty() && pauses < kPausesOfAWait; ++pauses) {
    while (const auto message = world.iprobe(mpi::any_source, kAnswer)) {
      const auto worker = static_cast<std::size_t>(message->source() - 1);
      events.push_back({worker, receive_text(world, *message), ""});
    }
    if (events.empty()) usleep(kPauseMicroseconds);
  }
  return events;
}

void serve_mpi(const Work& work) {
  std::signal(SIGINT, SIG_IGN);  // process 0 decides
  const mpi::communicator world;
  for (;;) {
    const auto message = world.iprobe(0, mpi::any_tag);
    if (!message) {
      usleep(kWorkersPauseMicroseconds);
      continue;
    }
    const std::string request = receive_text(world, *message);
    if (message->tag() == kStop) return;
    send_text(world, 0, kAnswer, work(request));
  }
}

}  // namespace mxsim
