#include "survey/place_check.h"

#include <sys/statvfs.h>

#include <array>
#include <optional>
#include <string_view>

#include "base/number.h"
#include "base/text.h"
#include "config.h"
#include "survey/about.h"
#include "survey/child_output.h"
#include "survey/old_files.h"
#include "survey/paths.h"
#include "sys/file.h"

namespace reqmail::survey {

namespace {

// A tree without these programs is not usable.
constexpr std::array<std::string_view, 9> kNeeded = {
    "qmail-clean",  "qmail-inject", "qmail-local", "qmail-lspawn", "qmail-queue",
    "qmail-remote", "qmail-rspawn", "qmail-send",  "qmail-start"};
constexpr std::array<std::string_view, 2> kNeededByMini = {"qmail-inject", "qmail-qmqpc"};
// The space for everything except the copies: journal, control files, a test message.
constexpr std::uint64_t kSpareBytes = std::uint64_t{4} << 20;
constexpr std::uint64_t kInodesNeeded = 500;
constexpr base::Seconds kCertificateTime(10);

std::uint64_t size_of_files(const std::string& directory) {
  std::uint64_t size = 0;
  const auto entries = list_entries(directory);
  if (entries) {
    for (const Entry& entry : *entries) {
      if (S_ISREG(entry.status.st_mode)) {
        size += static_cast<std::uint64_t>(entry.status.st_size);
      }
    }
  }
  return size;
}

std::string mebibytes(std::uint64_t bytes) {
  return base::concat({base::decimal(bytes >> 20), " MiB"});
}

// Returns names of programs with commas between them.
template <typename Names>
std::string missing_in(const std::string& tree, const Names& names) {
  std::string missing;
  for (const std::string_view name : names) {
    const auto status = look(base::concat({tree, "/bin/", name}));
    if (!status || !*status || !S_ISREG((*status)->st_mode)) {
      missing += base::concat({missing.empty() ? "" : ", ", name});
    }
  }
  return missing;
}

// Returns the output of `qmail-cert show --terse`; nullopt if it cannot be executed or takes
// too long.
std::optional<std::string> certificate_text(const std::string& tree) {
  const std::string program = base::concat({tree, "/bin/qmail-cert"});
  const auto status = look(program);
  if (!status || !*status) {
    return std::nullopt;
  }
  return child_output(program, {"qmail-cert", "show", "--terse"}, kCertificateTime);
}

// Returns the value of KEY=VALUE in the first block of lines on control/servercert.pem.
std::string value_of(std::string_view text, std::string_view key) {
  bool inside = false;
  for (const std::string_view line : base::lines(text)) {
    const std::size_t sign = line.find('=');
    if (sign == std::string_view::npos) {
      inside = false;
      continue;
    }
    const std::string_view value = line.substr(sign + 1);
    if (line.substr(0, sign) == "file") {
      const std::string_view own = "servercert.pem";
      inside = value == own ||
               (value.size() > own.size() &&
                value.substr(value.size() - own.size() - 1) == base::concat({"/", own}) &&
                value.find("servercerts/") == std::string_view::npos);
    } else if (inside && line.substr(0, sign) == key) {
      return visible(value);
    }
  }
  return {};
}

}  // namespace

std::vector<Finding> check_tree(const Request& request, bool mini) {
  std::vector<Finding> findings;
  const std::string missing =
      mini ? missing_in(request.tree, kNeededByMini) : missing_in(request.tree, kNeeded);
  if (!missing.empty()) {
    findings.push_back(about(base::concat({request.tree, "/bin"}), "tree", Severity::stop,
                             base::concat({"is no tree of new programs: without ", missing}),
                             "name it with --from, or run the qmail-upgrade that lies in it"));
  } else if (same_place(request.tree, request.home)) {
    findings.push_back(about(request.tree, "tree", Severity::note,
                             "is the home itself: there is nothing new to put in",
                             "name the new programs with --from"));
  }
  const std::string built_for(config::kHome);
  if (request.home != built_for && !same_place(request.home, built_for)) {
    findings.push_back(
        about(request.home, "home", Severity::stop,
              base::concat({"is another home than ", built_for,
                            ", the only one that these programs work in"}),
              base::concat({"build reqmail with ./configure --home=", request.home})));
  }
  return findings;
}

SpaceFacts look_at_space(const Request& request) {
  SpaceFacts facts;

  struct ::statvfs status {};

  if (::statvfs(request.home.c_str(), &status) == 0) {
    facts.known = true;
    const std::uint64_t free_blocks = status.f_bavail;
    facts.free_bytes = free_blocks * status.f_frsize;
    facts.free_inodes = status.f_favail;
    facts.inodes_limited = status.f_files > 0;
    facts.read_only = (status.f_flag & ST_RDONLY) != 0;
    facts.no_setuid = (status.f_flag & ST_NOSUID) != 0;
  }
  facts.needed_bytes = size_of_files(base::concat({request.home, "/bin"})) +
                       size_of_files(base::concat({request.tree, "/bin"})) + kSpareBytes;
  return facts;
}

std::vector<Finding> check_space(const std::string& home, const SpaceFacts& facts) {
  std::vector<Finding> findings;
  if (!facts.known) {
    return findings;
  }
  if (facts.read_only) {
    findings.push_back(about(home, "space", Severity::stop,
                             "lies on a file system that is mounted read-only", ""));
  }
  if (facts.no_setuid) {
    findings.push_back(about(home, "setuid", Severity::note,
                             "lies on a file system without setuid programs: only root could "
                             "send mail",
                             "mount it without nosuid"));
  }
  if (facts.free_bytes < facts.needed_bytes) {
    findings.push_back(about(home, "space", Severity::stop,
                             base::concat({"has ", mebibytes(facts.free_bytes), " left, and ",
                                           mebibytes(facts.needed_bytes),
                                           " are needed for the old and the new programs"}),
                             ""));
  }
  if (facts.inodes_limited && facts.free_inodes < kInodesNeeded) {
    findings.push_back(
        about(home, "space", Severity::stop,
              base::concat({"has room for ", base::decimal(facts.free_inodes),
                            " more files, and ", base::decimal(kInodesNeeded), " are needed"}),
              ""));
  }
  return findings;
}

std::vector<Finding> check_certificate(const Request& request, const OldPrograms& programs) {
  const std::string path = base::concat({request.home, "/control/servercert.pem"});
  const auto status = look(path);
  if (!status || !*status || !S_ISREG((*status)->st_mode)) {
    return {};
  }
  std::string is;
  std::string fault;
  const bool our_home = same_place(request.home, std::string(config::kHome));
  if (const auto text = our_home ? certificate_text(request.tree) : std::nullopt) {
    fault = value_of(*text, "error");
    const std::string name = value_of(*text, "name");
    if (!name.empty()) {
      is += base::concat({" is for ", name, ", ends ", value_of(*text, "expiry"), " (",
                          value_of(*text, "state"), ");"});
    }
  }
  if (!fault.empty()) {
    Finding finding = about(
        path, "certificate", programs.has(Trait::server_tls) ? Severity::loss : Severity::note,
        base::concat({is.empty() ? "cannot be used ("
                                 : base::concat({is.substr(1), " it cannot be used ("}),
                      fault, "): STARTTLS will be offered and answered 454"}),
        "replace it, or move it away; qmail-cert check says what is wrong with it");
    finding.origin = "TLS";
    return {finding};
  }
  Finding finding = about(
      path, "certificate", Severity::note,
      base::concat({is.empty() ? "is there;" : is.substr(1),
                    programs.has(Trait::server_tls)
                        ? " STARTTLS goes on, and STLS is offered by qmail-popup"
                        : " it switches on STARTTLS in qmail-smtpd and STLS in qmail-popup"}),
      "move it away where that is not wanted");
  finding.origin = "TLS";
  return {finding};
}

}  // namespace reqmail::survey
