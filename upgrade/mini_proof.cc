#include "upgrade/mini_proof.h"

#include "base/time.h"
#include "survey/child_output.h"
#include "survey/mini_host.h"

namespace reqmail::upgrade {

namespace {

constexpr base::Seconds kInjectTime(10);

}  // namespace

Result<void> prove_mini_host(const std::string& home) {
  if (!survey::queues_elsewhere(home)) {
    return temporary("bin/qmail-queue is not qmail-qmqpc any more");
  }
  const auto text = survey::child_output(
      home + "/bin/qmail-inject", {"qmail-inject", "-n", "-a", "postmaster"}, kInjectTime);
  if (!text || text->find("From: ") == std::string::npos) {
    return temporary("bin/qmail-inject -n writes no message");
  }
  return {};
}

}  // namespace reqmail::upgrade
