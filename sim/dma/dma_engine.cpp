#include "sim/dma/dma_engine.h"

#include <algorithm>

#include "models/core/error.h"

namespace mxsim {
namespace {

/// A request's id holds its transfer's number above the number of its run.
constexpr int kRunBits = 24;

constexpr Cycles kNever{INT64_MAX};

}  // namespace

DmaEngine::DmaEngine(const sc_core::sc_module_name& name, DramAccess access, const DmaSpec& spec,
                     const Context& context, const ChipBuffers& buffers, const Memory& memory)
    : CommandUnit(name, access == DramAccess::kRead ? Unit::kDmaRead : Unit::kDmaWrite,
                  static_cast<std::size_t>(spec.outstanding), context),
      access_(access),
      spec_(spec),
      buffers_(buffers),
      memory_(memory) {
  memory_.port.listen(static_cast<std::uint32_t>(access), *this);
  SC_METHOD(advance);
  sensitive << advance_event_;
  dont_initialize();
}

Cycles DmaEngine::path_cycles(const Command& command) {
  const Bytes bytes = payload(std::get<TransferWork>(command.work).runs);
  const bool crosses_dram = !std::get<TransferWork>(command.work).stays_on_chip();
  const Event moved = access_ == DramAccess::kRead ? Event::kDmaReadBytes : Event::kDmaWriteBytes;
  if (crosses_dram) counts().add(moved, static_cast<std::uint64_t>(bytes.count()));
  Cycles cycles(ceil_div(bytes.count(), spec_.bytes_per_cycle));
  for (const BufferAccess& access : command.buffers) {
    cycles = std::max(cycles, buffers_.of(access.buffer).move(access.read, access.written));
  }
  return cycles;
}

void DmaEngine::begin(CommandId id, const Command& command) {
  const Cycles submit_at = context().clock.now() + Cycles(spec_.setup_cycles);
  const Cycles path = path_cycles(command);
  const Bytes bytes = payload(std::get<TransferWork>(command.work).runs);
  const double dram = static_cast<double>(bytes.count()) *
                      std::get<TransferWork>(command.work).compression /
                      memory_.chip.dram_bytes_per_cycle;
  const Slower slower = static_cast<double>(path.count()) > dram ? Slower::kPath : Slower::kDram;
  transfers_.push_back({id, &command, submit_at, path, slower});
  wake_for(submit_at);
}

Cycles DmaEngine::path_end() const {
  const Transfer& transfer = transfers_[on_path_ - first_sequence_];
  return std::max(transfer.own_end, buffers_.ports().met(unit())) + buffer_stall(transfer.id);
}

StallCycles DmaEngine::waits_within(Cycles from, Cycles to) const {
  StallCycles waits;
  const Transfer& front = transfers_.front();
  const auto beyond = [&](Cycles first) { return std::max(Cycles(0), to - std::max(from, first)); };
  const bool waits_for_dram = !front.submitted || front.outstanding > 0;
  if (waits_for_dram && front.slower == Slower::kDram) {
    waits[StallCause::kDram] = beyond(front.submit_at);
    return waits;
  }
  const bool is_on_path = front.own_end < kNever && front.path_end == kNever;
  const Cycles path_end = is_on_path ? this->path_end() : front.path_end;
  waits[StallCause::kBankConflict] = beyond(front.own_end) - beyond(path_end);
  if (waits_for_dram) waits[StallCause::kDram] = beyond(path_end);
  return waits;
}

void DmaEngine::submit(Transfer& transfer, std::uint64_t sequence) {
  const auto& [runs, compression] = std::get<TransferWork>(transfer.command->work);
  ensure(runs.size() < (std::size_t{1} << kRunBits), "a transfer of too many runs");
  transfer.submitted = true;
  if (std::get<TransferWork>(transfer.command->work).stays_on_chip()) return;
  transfer.outstanding = runs.size();
  for (std::size_t i = 0; i < runs.size(); ++i) {
    memory_.port.submit({(sequence << kRunBits) | i, static_cast<std::uint32_t>(access_), access_,
                         compressed(runs[i], compression), transfer.command->group});
  }
}

void DmaEngine::dram_done(std::uint64_t request) {
  Transfer& transfer = transfers_.at((request >> kRunBits) - first_sequence_);
  if (transfer.outstanding == 1) account();
  if (--transfer.outstanding > 0) return;
  // One cycle to cross into the core's clock domain.
  transfer.arrived = context().clock.first_cycle_from(sc_core::sc_time_stamp()) + Cycles(1);
  advance_event_.notify(sc_core::SC_ZERO_TIME);
}

void DmaEngine::wake_for(Cycles cycle) { advance_event_.notify(context().clock.until(cycle)); }

/// Takes transfers off the path and onto it, as many as the cycle allows.
void DmaEngine::step_path(Cycles now) {
  while (on_path_ - first_sequence_ < transfers_.size()) {
    Transfer& next = transfers_[on_path_ - first_sequence_];
    if (next.submit_at > now) return;
    if (next.own_end == kNever) {
      account();
      buffers_.ports().begin(unit(), now, port_words(memory_.chip, next.command->buffers),
                             next.path);
      next.own_end = now + next.path;
    }
    const Cycles end = path_end();
    if (end > now) return wake_for(end);
    account();
    next.path_end = now;
    ++on_path_;
  }
}

void DmaEngine::advance() {
  const Cycles now = context().clock.now();
  for (std::size_t i = 0; i < transfers_.size(); ++i) {
    if (!transfers_[i].submitted && transfers_[i].submit_at <= now) {
      submit(transfers_[i], first_sequence_ + i);
    }
  }
  step_path(now);
  while (!transfers_.empty() && transfers_.front().submitted &&
         transfers_.front().outstanding == 0 && transfers_.front().path_end <= now &&
         transfers_.front().arrived <= now) {
    const CommandId id = transfers_.front().id;
    account();
    transfers_.pop_front();
    ++first_sequence_;
    finish(id);
  }
  for (const Transfer& transfer : transfers_) {
    if (!transfer.submitted) wake_for(transfer.submit_at);
  }
  if (transfers_.empty()) return;
  const Transfer& front = transfers_.front();
  if (front.submitted && front.outstanding == 0 && front.path_end <= now) wake_for(front.arrived);
}

}  // namespace mxsim
