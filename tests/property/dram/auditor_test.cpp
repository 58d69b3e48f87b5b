#include <gtest/gtest.h>

#include "tests/support/dram_auditor.h"
#include "tests/support/dram_devices.h"

namespace mxsim {
namespace {

using namespace testing;

/// The rule's commands on an otherwise idle channel, the last one `early` cycles too early.
std::vector<std::string> faults_of(const DramDevice& device, const TimingRule& rule, int partner,
                                   std::int64_t early) {
  DramDevice alone = device;
  alone.rules = {rule};
  for (CommandSpec& spec : alone.commands)
    spec.bus_cycles = std::min<std::int64_t>(spec.bus_cycles, 1);
  DramAuditor auditor(alone);
  for (std::int64_t i = 0; i < rule.window; ++i) {
    auditor.record({1000 + i, 0, rule.preceding, 0, 0, 0});
  }
  auditor.record({1000 + rule.cycles - early, 0, rule.following, partner, 0, 0});
  std::vector<std::string> timing;
  for (const std::string& fault : auditor.faults()) {
    if (fault.find("the rule says") != std::string::npos) timing.push_back(fault);
  }
  return timing;
}

// What finds no fault in a million commands must find one cycle too few of any rule.
TEST(DramAuditorTest, FindsEveryRuleOfEveryDeviceBrokenByOneCycle) {
  for (const DramDevice& device : all_devices()) {
    for (const TimingRule& rule : device.rules) {
      int partner = 0;
      if (rule.scope == RuleScope::kOther) {
        const auto above = static_cast<DramLevel>(index(rule.level) - 1);
        if (device.organisation.count(rule.level) == device.organisation.count(above)) continue;
        partner = static_cast<int>(device.organisation.banks_under(rule.level));
      }
      if (rule.cycles <= rule.window) continue;  // the commands themselves take as long
      const std::string name = device.name + ": " + std::string(to_string(rule.preceding)) +
                               " -> " + std::string(to_string(rule.following));
      EXPECT_TRUE(faults_of(device, rule, partner, 0).empty()) << name;
      EXPECT_FALSE(faults_of(device, rule, partner, 1).empty()) << name;
    }
  }
}

}  // namespace
}  // namespace mxsim
