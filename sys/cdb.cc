#include "sys/cdb.h"

#include <cdb.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include "base/narrow.h"
#include "sys/error.h"
#include "sys/file.h"

namespace reqmail::sys {

namespace {

constexpr std::uint64_t kTables = 256;
constexpr std::size_t kPairSize = 8;

bool fits(std::string_view text) {
  return text.size() <= std::numeric_limits<unsigned>::max();
}

unsigned size_of(std::string_view text) {
  return static_cast<unsigned>(text.size());
}

}  // namespace

// The file is read, not mapped: if somebody truncates it meanwhile, that must be an error and
// not the end of a daemon. The offset of the descriptor is never used, so that processes which
// share it after a fork do not disturb each other.
struct CdbReader::State {
  // Two adjacent numbers in the file.
  struct Pair {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
  };

  [[nodiscard]] Result<std::string> read(std::uint64_t position, std::uint64_t length) const;
  [[nodiscard]] Result<Pair> read_pair(std::uint64_t position) const;
  // Returns the value of the record at a position; nullopt if the record has another key.
  [[nodiscard]] Result<std::optional<std::string>> value_of(std::uint64_t record,
                                                            std::string_view key) const;

  Fd file;
  std::uint64_t size = 0;
};

Result<std::string> CdbReader::State::read(std::uint64_t position, std::uint64_t length) const {
  if (position > size || length > size - position) {
    return temporary("unable to read cdb", EPROTO);
  }
  std::string bytes(base::narrow<std::size_t>(length), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::pread(file.get(), bytes.data() + done, bytes.size() - done,
                                static_cast<off_t>(position + done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return temporary("unable to read cdb", got < 0 ? errno : EPROTO);
    }
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

Result<CdbReader::State::Pair> CdbReader::State::read_pair(std::uint64_t position) const {
  const auto bytes = read(position, kPairSize);
  if (!bytes) {
    return bytes.error();
  }
  std::array<unsigned char, kPairSize> raw = {};
  std::copy(bytes->begin(), bytes->end(), raw.begin());
  return Pair{::cdb_unpack(raw.data()), ::cdb_unpack(raw.data() + kPairSize / 2)};
}

Result<std::optional<std::string>> CdbReader::State::value_of(std::uint64_t record,
                                                              std::string_view key) const {
  const auto lengths = read_pair(record);
  if (!lengths) {
    return lengths.error();
  }
  if (lengths->first != key.size()) {
    return std::optional<std::string>();
  }
  const auto found = read(record + kPairSize, key.size());
  if (!found) {
    return found.error();
  }
  if (*found != key) {
    return std::optional<std::string>();
  }
  auto value = read(record + kPairSize + key.size(), lengths->second);
  if (!value) {
    return value.error();
  }
  return std::optional<std::string>(std::move(*value));
}

CdbReader::CdbReader(std::unique_ptr<State> state) : state_(std::move(state)) {}

CdbReader::CdbReader(CdbReader&&) noexcept = default;
CdbReader& CdbReader::operator=(CdbReader&&) noexcept = default;
CdbReader::~CdbReader() = default;

Result<CdbReader> CdbReader::open(const std::string& path) {
  auto file = open_regular_read(path);
  if (!file) {
    return file.error();
  }
  auto info = status(file->get());
  if (!info) {
    return info.error();
  }
  constexpr off_t kPointers = kTables * kPairSize;
  if (!S_ISREG(info->st_mode) || info->st_size < kPointers) {
    return temporary("unable to read cdb", EPROTO);
  }
  auto state = std::make_unique<State>();
  state->file = std::move(*file);
  state->size = static_cast<std::uint64_t>(info->st_size);
  return CdbReader(std::move(state));
}

// The file begins with a table of pointers to hash tables, one for each value of the hash's
// last byte. A hash table has pairs of a hash and the position of its record, and a search in
// it ends at a position of 0.
Result<std::optional<std::string>> CdbReader::find(std::string_view key) const {
  if (!fits(key)) {
    return std::optional<std::string>();
  }
  const std::uint64_t hash = ::cdb_hash(key.data(), size_of(key));
  const auto table = state_->read_pair(hash % kTables * kPairSize);
  if (!table) {
    return table.error();
  }
  const std::uint64_t slots = table->second;
  for (std::uint64_t step = 0; step < slots; ++step) {
    const std::uint64_t slot = (hash / kTables + step) % slots;
    const auto entry = state_->read_pair(table->first + slot * kPairSize);
    if (!entry) {
      return entry.error();
    }
    if (entry->second == 0) {
      break;
    }
    if (entry->first != hash) {
      continue;
    }
    auto value = state_->value_of(entry->second, key);
    if (!value || *value) {
      return value;
    }
  }
  return std::optional<std::string>();
}

struct CdbWriter::State {
  ::cdb_make maker = {};
  bool open = false;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  State(State&&) = delete;
  State& operator=(State&&) = delete;

  // libcdb frees its memory only in cdb_make_finish(). The descriptor is removed first, so that
  // this writes nothing: its number may belong to another file by now.
  ~State() {
    if (open) {
      maker.cdb_fd = -1;
      (void)::cdb_make_finish(&maker);
    }
  }
};

CdbWriter::CdbWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}

CdbWriter::CdbWriter(CdbWriter&&) noexcept = default;
CdbWriter& CdbWriter::operator=(CdbWriter&&) noexcept = default;
CdbWriter::~CdbWriter() = default;

Result<CdbWriter> CdbWriter::start(int fd) {
  auto state = std::make_unique<State>();
  if (::cdb_make_start(&state->maker, fd) != 0) {
    return system_failure("unable to start cdb");
  }
  state->open = true;
  return CdbWriter(std::move(state));
}

Result<void> CdbWriter::add(std::string_view key, std::string_view value) {
  if (!fits(key) || !fits(value)) {
    return permanent("cdb record too long", EFBIG);
  }
  if (::cdb_make_add(&state_->maker, key.data(), size_of(key), value.data(), size_of(value)) !=
      0) {
    return system_failure("unable to write cdb");
  }
  return {};
}

Result<void> CdbWriter::finish() {
  state_->open = false;
  if (::cdb_make_finish(&state_->maker) != 0) {
    return system_failure("unable to write cdb");
  }
  return {};
}

}  // namespace reqmail::sys
