#include "models/mapping/prediction/chip_ports.h"

#include <algorithm>
#include <array>

#include "models/core/error.h"

namespace mxsim {
namespace {

constexpr std::array<Unit, PortShare::kClients> kByPriority{
    Unit::kArray, Unit::kVector, Unit::kRequant, Unit::kDmaWrite, Unit::kDmaRead};

std::size_t client(Unit worker) {
  const auto place = std::find(kByPriority.begin(), kByPriority.end(), worker);
  ensure(place != kByPriority.end(), "a unit without buffers asks for ports");
  return static_cast<std::size_t>(place - kByPriority.begin());
}

class WordSum {
 public:
  explicit WordSum(const MapperChip& chip) : chip_(chip) {}

  void add(Unit role, std::int64_t words) {
    const std::optional<std::size_t> buffer = chip_.buffer(role).shared_ports();
    if (buffer && words > 0) sum_[*buffer] += words;
  }
  std::vector<PortWords> list() const {
    std::vector<PortWords> list;
    for (const auto& [buffer, words] : sum_) list.push_back({buffer, words});
    return list;
  }

 private:
  const MapperChip& chip_;
  std::map<std::size_t, std::int64_t> sum_;
};

}  // namespace

std::vector<PortWords> port_words(const MapperChip& chip,
                                  const std::vector<BufferAccess>& accesses) {
  WordSum sum(chip);
  for (const BufferAccess& access : accesses) {
    const SramGeometry& buffer = chip.buffer(access.buffer);
    sum.add(access.buffer, buffer.words(access.read) + buffer.words(access.written));
  }
  return sum.list();
}

std::vector<PortWords> port_words(const MapperChip& chip, Dataflow dataflow, const GemmWork& work,
                                  const ArrayTraffic& traffic) {
  const OperandBuffers operands = operand_buffers(chip, work);
  const ColumnReads columns = column_reads(chip, dataflow, work);
  constexpr TransposedRead kOwnPort = TransposedRead::kSecondPort;
  WordSum sum(chip);
  if (columns.left != kOwnPort) sum.add(operands.left, traffic.a_read_words);
  if (columns.right != kOwnPort) sum.add(operands.right, traffic.b_read_words);
  sum.add(Unit::kSramAccumulator, traffic.c_read_words + traffic.c_write_words);
  return sum.list();
}

ChipPorts::ChipPorts(const MapperChip& chip) {
  for (const SramGeometry* role :
       {&chip.input, &chip.weight, &chip.accumulator, chip.gradient ? &*chip.gradient : nullptr,
        chip.stream ? &*chip.stream : nullptr}) {
    if (role == nullptr || !role->shared_ports()) continue;
    shares_.try_emplace(*role->shared_ports(), role->words_per_cycle());
  }
}

void ChipPorts::begin(Unit worker, Cycles now, const std::vector<PortWords>& words, Cycles over) {
  for (const PortWords& each : words) {
    PortShare& share = shares_.at(each.buffer);
    const auto ask = worker == Unit::kArray ? &PortShare::go_on : &PortShare::begin;
    (share.*ask)(client(worker), now, each.words, std::max(over, Cycles(1)));
  }
}

Cycles ChipPorts::met(Unit worker) const {
  Cycles met{0};
  for (const auto& [buffer, share] : shares_) met = std::max(met, share.met(client(worker)));
  return met;
}

}  // namespace mxsim
