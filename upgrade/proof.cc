#include "upgrade/proof.h"

#include "config.h"
#include "survey/paths.h"
#include "survey/running.h"
#include "survey/services.h"
#include "survey/smtpd_accounts.h"
#include "upgrade/mini_proof.h"
#include "upgrade/tls_proof.h"
#include "upgrade/verify.h"

namespace reqmail::upgrade {

namespace {

std::string test_name(const Record& record) {
  return "qmail-upgrade-" + record.time;
}

// Returns whether this is the home for which the programs were built; they use no other.
bool is_live(const std::string& home) {
  return survey::same_inode(survey::real_path(home).value_or(home),
                            survey::real_path(std::string(config::kHome)).value_or(""));
}

// Tests a host without a queue without sending a message, which would go to another host.
Result<Ending> prove_without_queue(const std::string& home, Progress& say) {
  if (auto works = prove_mini_host(home); !works) {
    return works.error();
  }
  say(
      {"qmail-inject -n writes a message, and qmail-queue is qmail-qmqpc; no test message was "
       "sent, since it would go to another host"});
  return Ending::proved;
}

}  // namespace

Result<Ending> prove(const std::string& home, const Record& record, Progress& say) {
  if (record.mini) {
    return prove_without_queue(home, say);
  }
  const std::string name = test_name(record);
  const bool runs = is_live(home) && survey::find_send(home);
  if (!runs || !has_local_host(home)) {
    if (auto gone = remove_test_mailbox(home, name); !gone) {
      return gone.error();
    }
    say({"no test message was sent: ",
         runs ? "no name is local (control/locals)" : "qmail-send does not run"});
    return Ending::unproved;
  }
  if (auto delivered = send_test_message(home, name); !delivered) {
    return delivered.error();
  }
  say({"a test message went through qmail-queue, qmail-send, qmail-lspawn and qmail-local"});
  return Ending::proved;
}

bool prove_listeners(const std::string& home, Progress& say) {
  bool all = true;
  if (!is_live(home)) {
    return all;
  }
  for (const TlsProof& proof :
       prove_tls(home, survey::smtpd_accounts(survey::find_services(home, "")))) {
    if (proof.trouble.empty()) {
      say({"STARTTLS works in a qmail-smtpd of ", proof.account});
    } else {
      all = false;
      say({"STARTTLS does not work in a qmail-smtpd of ", proof.account, ": ", proof.trouble});
    }
  }
  return all;
}

}  // namespace reqmail::upgrade
