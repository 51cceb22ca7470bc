#include "sign/key_choice.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "auth822/dns_facts.h"
#include "base/ascii.h"
#include "base/text.h"
#include "control/file_name.h"
#include "sys/error.h"
#include "sys/file.h"

namespace reqmail::sign {

namespace {

using Keys = std::vector<SigningKey>;

// Whether there is something at the path; a Failure if that is not known.
Result<bool> is_there(const std::string& path) {
  const auto found = sys::status(path);
  if (found) {
    return true;
  }
  const int error = found.error().error;
  if (error == ENOENT || error == ENOTDIR) {
    return false;
  }
  return temporary(base::concat({path, ": ", sys::error_text(error)}));
}

std::string with_domain(std::string_view path, std::string_view domain) {
  std::string text;
  for (const char c : path) {
    if (c == '%') {
      text.append(domain);
    } else {
      text.push_back(c);
    }
  }
  return text;
}

const SigningEntry* entry_of(const std::vector<SigningEntry>& entries,
                             std::string_view domain) {
  const auto found =
      std::find_if(entries.begin(), entries.end(),
                   [domain](const SigningEntry& entry) { return entry.domain == domain; });
  return found == entries.end() ? nullptr : &*found;
}

// The keys of an entry for `domain`.
Keys keys_of(const SigningEntry& entry, std::string_view domain) {
  if (entry.excluded) {
    return {};
  }
  Keys keys = entry.keys;
  for (SigningKey& key : keys) {
    key.path = with_domain(key.path, domain);
    if (key.domain.empty()) {
      key.domain = domain;
    }
  }
  return keys;
}

const SigningEntry* listed(const SigningLists& lists, std::string_view domain) {
  const SigningEntry* const entry = entry_of(lists.dkimkeys, domain);
  return entry != nullptr ? entry : entry_of(lists.dkimdomains, domain);
}

Result<Keys> keys_in_directory(std::string_view domain) {
  Keys keys;
  for (const std::string_view selector : {"default", "ed25519"}) {
    std::string path = base::concat({control::path("domainkeys"), "/", domain, "/", selector});
    const auto found = is_there(path);
    if (!found) {
      return found.error();
    }
    if (*found) {
      keys.push_back({std::move(path), std::string(domain), std::string(selector), {}});
    }
  }
  return keys;
}

// Lines for all other domains name files by domain of which most do not exist.
Result<Keys> keys_of_others(const SigningEntry& entry, std::string_view domain) {
  Keys keys;
  const Keys candidates = keys_of(entry, domain);
  for (std::size_t at = 0; at < candidates.size(); ++at) {
    if (entry.keys[at].path.find('%') != std::string::npos) {
      const auto found = is_there(candidates[at].path);
      if (!found) {
        return found.error();
      }
      if (!*found) {
        continue;
      }
    }
    keys.push_back(candidates[at]);
  }
  return keys;
}

// The domain above; empty if it has fewer than two labels.
std::string_view parent_of(std::string_view domain) {
  domain.remove_prefix(std::min(domain.find('.'), domain.size() - 1) + 1);
  return domain.find('.') == std::string_view::npos ? std::string_view() : domain;
}

}  // namespace

Result<std::vector<SigningKey>> choose_keys(const SigningLists& lists,
                                            std::string_view domain) {
  const std::string author = base::lower(domain);
  if (!base::is_safe_name(author) || !auth822::is_domain(author)) {
    return Keys();
  }
  for (std::string_view name = author; !name.empty(); name = parent_of(name)) {
    if (const SigningEntry* const entry = listed(lists, name)) {
      return keys_of(*entry, name);
    }
    auto keys = keys_in_directory(name);
    if (!keys || !keys->empty()) {
      return keys;
    }
  }
  const SigningEntry* const others = listed(lists, kOtherDomains);
  return others == nullptr ? Result<Keys>(Keys()) : keys_of_others(*others, author);
}

Result<std::vector<SigningKey>> choose_named_key(const SigningKey& named,
                                                 std::string_view domain) {
  const std::string author = base::lower(domain);
  if (!base::is_safe_name(author) || !auth822::is_domain(author)) {
    return Keys();
  }
  const bool by_domain = named.path.find('%') != std::string::npos;
  for (std::string_view name = author; !name.empty(); name = parent_of(name)) {
    SigningKey key = named;
    key.path = with_domain(named.path, name);
    key.domain = name;
    const auto found = by_domain ? is_there(key.path) : Result<bool>(true);
    if (!found) {
      return found.error();
    }
    if (*found) {
      return Keys{std::move(key)};
    }
  }
  return Keys();
}

}  // namespace reqmail::sign
