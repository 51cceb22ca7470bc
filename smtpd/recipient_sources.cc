#include "smtpd/recipient_sources.h"

#include <cerrno>
#include <utility>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "control/reader.h"
#include "mail/address.h"
#include "smtpd/check_program.h"
#include "smtpd/files.h"
#include "sys/error.h"

namespace reqmail::smtpd {

namespace {

using proto::Answer;
using proto::Opinion;
using proto::RecipientSource;

constexpr int kReplyDescriptor = 4;
// The value of realrcptto from which on a recipient that cannot be looked up is deferred.
constexpr std::uint64_t kDefersUnsure = 2;

bool is_set(const char* variable) {
  return sys::environment_value(variable).has_value();
}

Answer with_opinion(Opinion opinion) {
  Answer answer;
  answer.opinion = opinion;
  return answer;
}

Answer unsure(std::string why) {
  Answer answer;
  answer.opinion = Opinion::unsure;
  answer.word = std::move(why);
  return answer;
}

// Opens a database that may be missing.
std::optional<Result<sys::CdbReader>> open_if_any(const std::string& path) {
  auto cdb = sys::CdbReader::open(path);
  if (!cdb && cdb.error().error == ENOENT) {
    return std::nullopt;
  }
  return cdb;
}

Result<bool> has_key(const std::optional<Result<sys::CdbReader>>& cdb, const std::string& key) {
  if (!cdb) {
    return false;
  }
  if (!*cdb) {
    return cdb->error();
  }
  const auto found = (**cdb).find(key);
  if (!found) {
    return found.error();
  }
  return found->has_value();
}

std::optional<std::uint64_t> wanted_real() {
  if (const auto wanted = sys::environment_value("REALRCPTTO")) {
    return base::leading_number(*wanted).value_or(0);
  }
  const auto chkuser = sys::environment_value("CHKUSER_START");
  if (chkuser && (base::equal_ci(*chkuser, "ALWAYS") || base::equal_ci(*chkuser, "DOMAIN"))) {
    return 1;
  }
  return std::nullopt;
}

}  // namespace

RecipientFiles RecipientFiles::load(control::ControlFiles& control) {
  RecipientFiles files;
  files.valid = control.domain_list("validrcptto");
  files.may_have_more = control.may_exist("morevalidrcptto.cdb");
  files.may_have_cdb = control.may_exist("validrcptto.cdb");
  files.recipients = control.domain_list("recipients");
  files.real = control.number("realrcptto");
  return files;
}

RecipientEnvironment recipient_environment() {
  RecipientEnvironment environment;
  environment.valid = sys::environment_value("VALIDRCPTTO");
  environment.more = sys::environment_value("MOREVALIDRCPTTO_CDB");
  environment.real = wanted_real();
  environment.refuses_for_now = is_set("RECIPIENTS450");
  environment.marks_chkuser = is_set("CHKUSER_IDENTIFY");
  environment.checker = sys::environment_value("RCPTCHECK").value_or("");
  const auto relays = sys::environment_value("RCPTCHECKRELAYCLIENT");
  environment.checks_for_relays = relays && base::leading_number(*relays).value_or(0) > 0;
  return environment;
}

RecipientSources::RecipientSources(const RecipientFiles& files,
                                   const RecipientEnvironment& environment, base::Seconds limit,
                                   std::vector<std::string>& faults)
    : limit_(limit), checker_(environment.checker), real_(limit) {
  use_valid_lists(files, environment, faults);
  if (valid_ || more_valid_ || valid_cdb_) {
    settings_.sources.push_back(RecipientSource::validrcptto);
  }
  if (files.recipients) {
    settings_.sources.push_back(RecipientSource::recipients);
    for (const base::BadLine& bad : recipients_.add(*files.recipients)) {
      faults.push_back(base::bad_line_message(control::path("recipients"), bad));
    }
  }
  const std::uint64_t real = environment.real.value_or(files.real);
  if (real > 0) {
    settings_.sources.push_back(RecipientSource::realrcptto);
  }
  settings_.defers_unsure = real >= kDefersUnsure;
  settings_.refuses_for_now = environment.refuses_for_now;
  settings_.marks_chkuser = environment.marks_chkuser;
  settings_.has_checker = !checker_.empty();
  settings_.checks_for_relays = environment.checks_for_relays;
}

void RecipientSources::use_valid_lists(const RecipientFiles& files,
                                       const RecipientEnvironment& environment,
                                       std::vector<std::string>& faults) {
  std::string name = control::path("validrcptto");
  Result<std::optional<std::vector<std::string>>> lines = files.valid;
  if (environment.valid) {
    name = *environment.valid;
    lines = name.empty() ? Result<std::optional<std::vector<std::string>>>(std::nullopt)
                         : control::read_lines(name);
  }
  if (!lines) {
    valid_ = lines.error();
  } else if (*lines) {
    for (const base::BadLine& bad : proto::faults_of_valid_list(**lines)) {
      faults.push_back(base::bad_line_message(name, bad));
    }
    valid_ = base::ConstMap::of_keys(proto::keys_of_valid_list(**lines));
  }
  if (environment.more && !environment.more->empty()) {
    more_valid_ = open_if_any(*environment.more);
  } else if (!environment.more && files.may_have_more) {
    more_valid_ = open_if_any(control::path("morevalidrcptto.cdb"));
  }
  if (files.may_have_cdb) {
    valid_cdb_ = open_if_any(control::path("validrcptto.cdb"));
  }
}

// The list and the first database count as one. Recipients that are not in the other database
// are refused.
Result<Opinion> RecipientSources::by_valid_lists(const std::string& address) {
  auto opinion =
      proto::opinion_of_list(address, [this](const std::string& key) -> Result<bool> {
        if (valid_ && !*valid_) {
          return valid_->error();
        }
        if (valid_ && (**valid_).contains(key)) {
          return true;
        }
        return has_key(more_valid_, key);
      });
  if (!opinion || *opinion != Opinion::none || !valid_cdb_) {
    return opinion;
  }
  opinion = proto::opinion_of_list(
      address, [this](const std::string& key) { return has_key(valid_cdb_, key); });
  return opinion && *opinion == Opinion::none ? Result<Opinion>(Opinion::no) : opinion;
}

Result<Answer> RecipientSources::know(const proto::Question& question) {
  if (question.source == RecipientSource::validrcptto) {
    const auto opinion = by_valid_lists(question.mailbox);
    if (!opinion) {
      return smtpd_controls_unreadable();
    }
    return with_opinion(*opinion);
  }
  if (question.source == RecipientSource::recipients) {
    return by_file(question.mailbox);
  }
  auto found = real_.look_up(question.mailbox);
  if (!found) {
    return found.error();
  }
  Answer answer = with_opinion(found->opinion);
  answer.word = std::move(found->why);
  return answer;
}

Result<Answer> RecipientSources::by_file(const std::string& mailbox) {
  auto complete = real_.complete(mailbox);
  if (!complete) {
    return complete.error();
  }
  const std::string address = base::lower(*complete);
  // A way that could not tell decides only if no other one knows the address.
  Answer answer = with_opinion(Opinion::no);
  for (const auto* way : recipients_.ways(mail::split_address(address).domain)) {
    Answer found = by_way(*way, address);
    if (found.opinion == Opinion::yes) {
      return found;
    }
    if (answer.opinion == Opinion::no ||
        (answer.opinion == Opinion::none && found.opinion == Opinion::unsure)) {
      answer = std::move(found);
    }
  }
  return answer;
}

Answer RecipientSources::by_way(const proto::RecipientFile::Way& way,
                                const std::string& address) {
  using Kind = proto::RecipientFile::Way::Kind;
  if (way.kind == Kind::none || way.kind == Kind::all) {
    return with_opinion(way.kind == Kind::all ? Opinion::yes : Opinion::none);
  }
  if (way.kind == Kind::database) {
    const auto found = database_has(way.file, address);
    if (!found) {
      return unsure(base::concat({way.file, ": ", sys::error_text(found.error().error)}));
    }
    return with_opinion(*found ? Opinion::yes : Opinion::no);
  }
  constexpr std::string_view kEnd("\0\0\0", 3);
  const auto outcome =
      run_check({.command = way.command, .input = base::concat({address, kEnd})}, limit_);
  const auto valid =
      outcome && outcome->end ? mail::recipient_is_valid(*outcome->end) : std::optional<bool>();
  if (!valid) {
    return unsure(base::concat({way.command.front(), " fails"}));
  }
  return with_opinion(*valid ? Opinion::yes : Opinion::no);
}

// The key is the address, or a colon and the address, as fastforward writes it.
Result<bool> RecipientSources::database_has(const std::string& file,
                                            const std::string& address) {
  auto place = databases_.find(file);
  if (place == databases_.end()) {
    place = databases_.emplace(file, sys::CdbReader::open(file)).first;
  }
  const Result<sys::CdbReader>& cdb = place->second;
  if (!cdb) {
    return cdb.error();
  }
  auto found = cdb->find(address);
  if (found && !*found) {
    found = cdb->find(":" + address);
  }
  if (!found) {
    return found.error();
  }
  return found->has_value();
}

Result<Answer> RecipientSources::check(const proto::Question& question,
                                       sys::Environment environment) const {
  environment.set("SENDER", question.sender);
  environment.set("RECIPIENT", question.mailbox);
  environment.set("USE_FD4", "1");
  const auto set_if = [&environment](bool wanted, std::string_view name,
                                     std::string_view value) {
    if (wanted) {
      environment.set(name, value);
    } else {
      environment.unset(name);
    }
  };
  set_if(!question.helo.empty(), "HELO", question.helo);
  set_if(question.found, "RCPTFOUND", "1");
  set_if(question.listed, "RCPTHOSTS", "1");
  auto outcome = run_check({.command = {checker_},
                            .environment = environment.strings(),
                            .says_on = kReplyDescriptor},
                           limit_);
  if (!outcome) {
    return outcome.error();
  }
  Answer answer;
  answer.check = mail::RecipientCheck::unsure;
  if (outcome->end) {
    answer.check = mail::recipient_check(*outcome->end);
  }
  // The output of a program that did not end normally may be half a line.
  if (outcome->end && !outcome->end->crashed) {
    answer.said = std::move(outcome->said);
  }
  return answer;
}

}  // namespace reqmail::smtpd
