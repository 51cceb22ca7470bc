#include "local/batch.h"

#include <unistd.h>

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "local/maildir_writer.h"
#include "local/new_message.h"
#include "local/plan.h"
#include "mail/verdict_codec.h"
#include "sys/deadline.h"
#include "sys/exits.h"
#include "sys/file.h"

namespace reqmail::local {

namespace {

// A delivery that has not failed so far.
struct Going {
  std::size_t index;
  std::string maildir;
  std::unique_ptr<NewMessage> file;
};

class Batch {
 public:
  Batch(const std::vector<BatchItem>& items, unsigned& sequence, sys::Together& together)
      : items_(items), sequence_(sequence), together_(together), results_(items.size()) {}

  std::vector<BatchResult> run() {
    const sys::Deadline deadline(
        base::Seconds(kMaildirSeconds),
        {sys::kExitTemporary, STDERR_FILENO, "Timeout on maildir delivery. (#4.3.0)\n"});
    going_.reserve(items_.size());
    for (std::size_t index = 0; index < items_.size(); ++index) {
      begin(index);
    }
    sync_files();
    open_directories();
    for_each_going([](const Going& one) { return one.file->move(); });
    sync_directories();
    for (const Going& one : going_) {
      one.file->keep();
      results_[one.index].output = "did 1+0+0\n";
    }
    return std::move(results_);
  }

 private:
  void fail(std::size_t index, const Failure& failure) {
    results_[index].code = mail::exit_code(failure.permanence);
    results_[index].output = failure.text.empty() ? "" : failure.text + "\n";
  }

  // Everything up to the written file.
  void begin(std::size_t index) {
    const BatchItem& item = items_[index];
    MessageFile message(item.message.get());
    const auto plan = prepare(item.request, message);
    if (!plan) {
      fail(index, plan.error());
      return;
    }
    const auto* maildir =
        plan->instructions.size() == 1 ? std::get_if<Maildir>(&plan->instructions[0]) : nullptr;
    if (maildir == nullptr || plan->forward_only) {
      results_[index].declined = true;
      return;
    }
    going_.push_back({index, maildir->path, nullptr});
    if (const auto written = write(going_.back(), plan->trace, message); !written) {
      fail(index, written.error());
      going_.pop_back();
    }
  }

  Result<void> write(Going& one, const TraceLines& trace, MessageFile& message) {
    if (auto rewound = message.rewind(); !rewound) {
      return rewound;
    }
    if (auto there = check_maildir(one.maildir); !there) {
      return there;
    }
    one.file = std::make_unique<NewMessage>(one.maildir, ++sequence_);
    if (auto created = one.file->create(); !created) {
      return created;
    }
    auto written = one.file->write(trace, message);
    if (written) {
      sys::start_writing(one.file->fd());
    }
    return written;
  }

  // What fails goes, and its file with it.
  template <typename Step>
  void for_each_going(Step step) {
    std::erase_if(going_, [this, step](const Going& one) {
      const Result<void> done = step(one);
      if (!done) {
        fail(one.index, done.error());
      }
      return !done;
    });
  }

  void sync_files() {
    std::vector<sys::Together::Call> calls;
    calls.reserve(going_.size());
    for (const Going& one : going_) {
      calls.emplace_back([&file = *one.file] { return file.sync(); });
    }
    const auto synced = together_.run(calls);
    std::size_t next = 0;
    for_each_going([&](const Going&) { return synced[next++]; });
  }

  void open_directories() {
    for_each_going([this](const Going& one) -> Result<void> {
      if (!directories_.contains(one.maildir)) {
        auto opened = open_new(one.maildir);
        if (!opened) {
          return opened.error();
        }
        directories_.emplace(one.maildir, *std::move(opened));
      }
      return {};
    });
  }

  void sync_directories() {
    std::map<std::string, std::size_t> places;
    std::vector<sys::Together::Call> calls;
    for (const Going& one : going_) {
      if (places.emplace(one.maildir, calls.size()).second) {
        calls.emplace_back([&directory = directories_.at(one.maildir), fd = one.file->fd()] {
          return sync_new(directory, fd);
        });
      }
    }
    const auto synced = together_.run(calls);
    for_each_going([&](const Going& one) { return synced[places.at(one.maildir)]; });
  }

  const std::vector<BatchItem>& items_;
  unsigned& sequence_;
  sys::Together& together_;
  std::vector<BatchResult> results_;
  std::vector<Going> going_;
  // The directories new/, by maildir.
  std::map<std::string, sys::Fd> directories_;
};

}  // namespace

std::vector<BatchResult> deliver_batch(const std::vector<BatchItem>& items, unsigned& sequence,
                                       sys::Together& together) {
  return Batch(items, sequence, together).run();
}

}  // namespace reqmail::local
