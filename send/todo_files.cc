#include "send/todo_files.h"

#include <utility>

#include "queue/bounce_log.h"
#include "send/files.h"

namespace reqmail::send {

using mail::QueueKind;
using scheduler::Channel;

scheduler::Event TodoFiles::read(const scheduler::ReadTodo& action) {
  auto file = files_.open_read(layout_.path(QueueKind::todo, action.id));
  if (!file) {
    return scheduler::TodoUnreadable{action.id, scheduler::TodoFault::open};
  }
  const auto mess = files_.status(layout_.path(QueueKind::mess, action.id));
  if (!mess) {
    return scheduler::TodoUnreadable{action.id, scheduler::TodoFault::stat};
  }
  auto chunk = RecordReader(std::move(*file), chunk_).next();
  if (!chunk) {
    return scheduler::TodoUnreadable{action.id, scheduler::TodoFault::read};
  }
  scheduler::TodoFound found{action.id, mess->size, std::move(*chunk), std::nullopt};
  if (action.restart) {
    found.leftovers = read_leftovers(files_, layout_, action.id);
  }
  return found;
}

scheduler::Event TodoFiles::read(const scheduler::ReadTodoPart& action) {
  if (action.first) {
    auto file = files_.open_read(layout_.path(QueueKind::todo, action.id));
    if (!file) {
      return scheduler::TodoUnreadable{action.id, scheduler::TodoFault::open};
    }
    reader_ = RecordReader(std::move(*file), chunk_);
  }
  auto chunk = reader_.next();
  if (!chunk || chunk->last) {
    reader_ = RecordReader();
  }
  if (!chunk) {
    return scheduler::TodoUnreadable{action.id, scheduler::TodoFault::read};
  }
  return scheduler::TodoRead{action.id, std::move(*chunk)};
}

scheduler::Event TodoFiles::compare(const scheduler::CompareTodo& action) {
  auto comparer = action.first ? std::make_unique<RecipientComparer>(files_, layout_, action.id)
                               : std::exchange(comparer_, nullptr);
  const scheduler::TodoCompared compared = comparer->compare(action);
  if (!action.last && compared.same) {
    comparer_ = std::move(comparer);
  }
  return compared;
}

scheduler::Event TodoFiles::write(const scheduler::WriteTodoResult& action, bool no_leftovers) {
  lists_.close(action.id);
  if (action.remove_bounce) {
    (void)queue::remove_bounce(files_, layout_, action.id);
  }
  auto writer = action.first ? std::make_unique<queue::TodoResultWriter>(
                                   files_, layout_, action.id, no_leftovers)
                             : std::exchange(writer_, nullptr);
  const auto trouble = writer->write(queue::TodoResult{
      action.info, action.recipients[Channel::local], action.recipients[Channel::remote]});
  scheduler::TodoWritten written{action.id, scheduler::WriteOutcome::written, {}};
  if (trouble) {
    written.trouble = trouble->text;
    written.outcome = scheduler::WriteOutcome::failed;
    if (trouble->step == queue::TodoStep::unlink) {
      written.outcome = scheduler::WriteOutcome::not_removed;
    } else if (trouble->step == queue::TodoStep::create && trouble->kind == QueueKind::info) {
      written.outcome = scheduler::WriteOutcome::info_not_created;
    }
    if (!action.first || !action.last) {
      writer->remove();
    }
  } else if (!action.last) {
    writer_ = std::move(writer);
  } else {
    for (const Channel channel : scheduler::kChannels) {
      if (auto list = writer->take(scheduler::kind_of(channel))) {
        lists_.keep(channel, action.id, std::move(list));
      }
    }
  }
  return written;
}

}  // namespace reqmail::send
