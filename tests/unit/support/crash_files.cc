#include "tests/unit/support/crash_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

#include "sys/error.h"

namespace reqmail::testing {

namespace {

Failure failure(int error) {
  return sys::system_failure("crash files", error);
}

void apply(std::string& text, std::uint64_t offset, std::string_view bytes) {
  const auto begin = static_cast<std::size_t>(offset);
  if (text.size() < begin + bytes.size()) {
    text.resize(begin + bytes.size());
  }
  std::copy(bytes.begin(), bytes.end(), text.begin() + static_cast<std::ptrdiff_t>(begin));
}

}  // namespace

class CrashFiles::Handle final : public queue::File {
 public:
  Handle(CrashFiles& files, InodeRef inode, std::uint64_t offset)
      : files_(files), inode_(std::move(inode)), offset_(offset) {}

  Result<void> write(std::string_view bytes) override {
    auto written = write_at(offset_, bytes);
    if (written) {
      offset_ += bytes.size();
    }
    return written;
  }

  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    if (const int error = files_.call(); error != 0) {
      return failure(error);
    }
    inode_->writes.push_back({offset, std::string(bytes)});
    files_.log_.push_back({Record::Kind::write, {}, inode_, inode_->writes.size()});
    return {};
  }

  Result<std::size_t> read(char* buffer, std::size_t size) override {
    const std::string text = content(*inode_, inode_->writes.size(), false);
    const auto begin = std::min<std::size_t>(static_cast<std::size_t>(offset_), text.size());
    const std::size_t count = std::min(size, text.size() - begin);
    std::memcpy(buffer, text.data() + begin, count);
    offset_ += count;
    return count;
  }

  Result<void> sync() override {
    if (const int error = files_.call(); error != 0) {
      return failure(error);
    }
    files_.record_sync({Record::Kind::sync_file, {}, inode_, inode_->writes.size()});
    return {};
  }

  void begin_writeback() override {}

  Result<queue::FileStatus> status() override {
    queue::FileStatus status;
    status.inode = inode_->number;
    status.size = content(*inode_, inode_->writes.size(), false).size();
    status.accessed = status.modified = files_.accessed_;
    return status;
  }

 private:
  CrashFiles& files_;
  InodeRef inode_;
  std::uint64_t offset_;
};

class CrashFiles::OpenDirectory final : public queue::Directory {
 public:
  OpenDirectory(CrashFiles& files, std::string path) : files_(files), path_(std::move(path)) {}

  Result<queue::FileStatus> status(const std::string& name) override {
    return files_.status(path_ + "/" + name);
  }

 private:
  CrashFiles& files_;
  std::string path_;
};

CrashFiles::CrashFiles(const DiskState& state) {
  for (const auto& [path, text] : state) {
    auto inode = std::make_shared<Inode>(Inode{next_inode_++, {{0, text}}});
    names_[path] = inode;
  }
  initial_ = names_;
}

std::string CrashFiles::content(const Inode& inode, std::size_t writes, bool half) {
  std::string text;
  for (std::size_t i = 0; i < writes; ++i) {
    std::string_view bytes = inode.writes[i].bytes;
    if (half && i + 1 == writes) {
      bytes = bytes.substr(0, bytes.size() / 2);
    }
    apply(text, inode.writes[i].offset, bytes);
  }
  return text;
}

std::string CrashFiles::directory_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

int CrashFiles::call() {
  return calls_++ == failing_ ? error_ : 0;
}

void CrashFiles::record_sync(Record record) {
  if (syncs_++ != dropped_sync_) {
    log_.push_back(std::move(record));
  }
}

Result<CrashFiles::InodeRef> CrashFiles::find(const std::string& path) const {
  const auto found = names_.find(path);
  if (found == names_.end()) {
    return failure(ENOENT);
  }
  return found->second;
}

Result<std::unique_ptr<queue::File>> CrashFiles::create(const std::string& path, mode_t) {
  if (const int error = call(); error != 0) {
    return failure(error);
  }
  if (names_.count(path) != 0) {
    return failure(EEXIST);
  }
  auto inode = std::make_shared<Inode>(Inode{next_inode_++, {}});
  names_[path] = inode;
  log_.push_back({Record::Kind::add, path, inode});
  return std::unique_ptr<queue::File>(std::make_unique<Handle>(*this, inode, 0));
}

Result<std::unique_ptr<queue::File>> CrashFiles::open_append(const std::string& path) {
  auto inode = find(path);
  if (!inode) {
    return inode.error();
  }
  const std::size_t end = content(**inode, (*inode)->writes.size(), false).size();
  return std::unique_ptr<queue::File>(std::make_unique<Handle>(*this, *inode, end));
}

Result<std::unique_ptr<queue::File>> CrashFiles::open_write(const std::string& path) {
  return open_read(path);
}

Result<std::unique_ptr<queue::File>> CrashFiles::open_read(const std::string& path) {
  auto inode = find(path);
  if (!inode) {
    return inode.error();
  }
  return std::unique_ptr<queue::File>(std::make_unique<Handle>(*this, *inode, 0));
}

Result<void> CrashFiles::link(const std::string& from, const std::string& to) {
  if (const int error = call(); error != 0) {
    return failure(error);
  }
  auto inode = find(from);
  if (!inode) {
    return inode.error();
  }
  if (names_.count(to) != 0) {
    return failure(EEXIST);
  }
  names_[to] = *inode;
  log_.push_back({Record::Kind::add, to, *inode});
  return {};
}

// Where names survive by themselves, the file may have both or none after a power failure.
Result<void> CrashFiles::rename(const std::string& from, const std::string& to) {
  if (auto linked = link(from, to); !linked) {
    return linked;
  }
  log_.push_back({Record::Kind::remove, from, names_.extract(from).mapped()});
  return {};
}

Result<void> CrashFiles::unlink(const std::string& path) {
  if (const int error = call(); error != 0) {
    return failure(error);
  }
  auto inode = find(path);
  if (!inode) {
    return inode.error();
  }
  names_.erase(path);
  log_.push_back({Record::Kind::remove, path, *inode});
  return {};
}

Result<void> CrashFiles::sync_directory(const std::string& path) {
  if (const int error = call(); error != 0) {
    return failure(error);
  }
  record_sync({Record::Kind::sync_directory, path, nullptr});
  return {};
}

Result<queue::FileStatus> CrashFiles::status(const std::string& path) {
  ++looks_;
  auto file = open_read(path);
  if (file) {
    return (*file)->status();
  }
  // A directory exists as soon as it has an entry.
  for (const auto& [name, inode] : names_) {
    if (name.rfind(path + "/", 0) == 0) {
      queue::FileStatus status;
      status.directory = true;
      status.regular = false;
      return status;
    }
  }
  return file.error();
}

Result<std::vector<std::string>> CrashFiles::list(const std::string& path) {
  std::set<std::string> found;
  for (const auto& [name, inode] : names_) {
    if (name.rfind(path + "/", 0) == 0) {
      const std::string rest = name.substr(path.size() + 1);
      found.insert(rest.substr(0, rest.find('/')));
    }
  }
  return std::vector<std::string>(found.begin(), found.end());
}

Result<std::unique_ptr<queue::Directory>> CrashFiles::open_directory(const std::string& path) {
  return std::unique_ptr<queue::Directory>(std::make_unique<OpenDirectory>(*this, path));
}

Result<void> CrashFiles::set_times(const std::string&, base::Time) {
  return {};
}

DiskState CrashFiles::now() const {
  DiskState state;
  for (const auto& [path, inode] : names_) {
    state[path] = content(*inode, inode->writes.size(), false);
  }
  return state;
}

// The durable state after a prefix of the log, and the changes that are not durable.
struct CrashFiles::Replay {
  std::map<std::string, InodeRef> durable;
  std::vector<Record> pending;
  std::map<InodeRef, std::size_t> written;
  std::map<InodeRef, std::size_t> synced;

  void commit_all() {
    for (const Record& record : pending) {
      change(durable, record);
    }
    pending.clear();
  }

  void commit_directory(const std::string& directory) {
    std::vector<Record> kept;
    for (const Record& record : pending) {
      if (directory_of(record.path) == directory) {
        change(durable, record);
      } else {
        kept.push_back(record);
      }
    }
    pending = std::move(kept);
  }

  void take(const Record& record, NameModel model) {
    switch (record.kind) {
    case Record::Kind::add:
    case Record::Kind::remove:
      pending.push_back(record);
      return;
    case Record::Kind::write:
      written[record.inode] = record.writes;
      return;
    case Record::Kind::sync_file:
      synced[record.inode] = record.writes;
      break;
    case Record::Kind::sync_directory:
      if (model == NameModel::strict) {
        commit_directory(record.path);
      }
      break;
    }
    if (model == NameModel::ordered) {
      commit_all();
    }
  }

  static void change(std::map<std::string, InodeRef>& names, const Record& record) {
    if (record.kind == Record::Kind::add) {
      names[record.path] = record.inode;
    } else if (const auto found = names.find(record.path);
               found != names.end() && found->second == record.inode) {
      names.erase(found);
    }
  }

  enum class Data { gone, half, there };

  // How many of the unsynced writes of each changed file survive the power failure.
  using Fates = std::map<InodeRef, Data>;

  // All files in the same way, and each file differently from the others.
  [[nodiscard]] std::vector<Fates> fates() const {
    std::vector<InodeRef> dirty;
    for (const auto& [inode, count] : written) {
      const auto found = synced.find(inode);
      if (found == synced.end() || found->second < count) {
        dirty.push_back(inode);
      }
    }
    std::vector<Fates> all;
    const auto add = [&](Data one, const InodeRef& alone, Data rest) {
      Fates fates;
      for (const InodeRef& inode : dirty) {
        fates[inode] = inode == alone ? one : rest;
      }
      all.push_back(std::move(fates));
    };
    for (const Data data : {Data::gone, Data::half, Data::there}) {
      add(data, nullptr, data);
    }
    if (dirty.size() > 1) {
      for (const InodeRef& inode : dirty) {
        add(Data::gone, inode, Data::there);
        add(Data::there, inode, Data::gone);
      }
    }
    return all;
  }

  [[nodiscard]] DiskState state(const std::map<std::string, InodeRef>& names,
                                const Fates& fates) const {
    DiskState result;
    for (const auto& [path, inode] : names) {
      const auto fate = fates.find(inode);
      const auto done = synced.find(inode);
      const auto all = written.find(inode);
      std::size_t shown = done == synced.end() ? 0 : done->second;
      bool half = false;
      if (fate != fates.end() && fate->second != Data::gone) {
        shown = all->second;
        half = fate->second == Data::half;
      }
      result[path] = content(*inode, shown, half);
    }
    return result;
  }
};

void CrashFiles::for_each_crash(std::size_t prefix, NameModel model,
                                const std::function<void(const DiskState&)>& visit) const {
  Replay replay;
  replay.durable = initial_;
  for (const auto& [path, inode] : initial_) {
    replay.synced[inode] = 1;
    replay.written[inode] = 1;
  }
  for (std::size_t i = 0; i < prefix; ++i) {
    replay.take(log_[i], model);
  }
  const auto fates = replay.fates();
  const auto show = [&](const std::map<std::string, InodeRef>& names) {
    for (const Replay::Fates& each : fates) {
      visit(replay.state(names, each));
    }
  };
  const std::size_t pending = replay.pending.size();
  if (model == NameModel::ordered) {
    auto names = replay.durable;
    show(names);
    for (const Record& record : replay.pending) {
      Replay::change(names, record);
      show(names);
    }
    return;
  }
  for (std::uint64_t set = 0; set < (std::uint64_t{1} << pending); ++set) {
    auto names = replay.durable;
    for (std::size_t i = 0; i < pending; ++i) {
      if ((set >> i) % 2 == 1) {
        Replay::change(names, replay.pending[i]);
      }
    }
    show(names);
  }
}

}  // namespace reqmail::testing
