#include "tests/unit/scheduler/world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "mail/envelope.h"

namespace reqmail::scheduler::testing {

namespace {

std::string name_of(Channel channel) {
  return std::string(channel_name(channel));
}

std::string name_of(Channel channel, MessageId id) {
  return file_name(name_of(channel), id.number());
}

}  // namespace

std::string file_name(const std::string& kind, std::uint64_t id) {
  return kind + "/" + std::to_string(id);
}

SchedulerConfig World::default_config() {
  SchedulerConfig config;
  config.concurrency = {{10, 20}};
  config.lifetime = kLifetime;
  config.split = 23;
  config.routing.envnoathost = "me";
  config.routing.locals = {"me"};
  return config;
}

World::World(const SchedulerConfig& config) {
  scheduler = std::make_unique<Scheduler>(config);
}

void World::start(unsigned local, unsigned remote) {
  list(true);
  for (const auto& [name, text] : std::map<std::string, std::string>(files)) {
    if (name.starts_with("info/")) {
      perform(ExamineMessage{MessageId(std::stoull(name.substr(5)))});
    }
  }
  give(Started{{{local, remote}}});
  settle(false);
}

void World::add_todo(std::uint64_t id, const std::string& sender,
                     const std::vector<std::string>& recipients) {
  std::string text;
  mail::append_record(text, 'u', "7");
  mail::append_record(text, 'p', "42");
  mail::append_record(text, 'F', sender);
  for (const std::string& recipient : recipients) {
    mail::append_record(text, 'T', recipient);
  }
  files[file_name("todo", id)] = text;
  files[file_name("intd", id)] = text;
  files[file_name("mess", id)] = "text\n";
  times[file_name("todo", id)] = now;
}

void World::add_queued(std::uint64_t id, const std::string& sender, const std::string& local,
                       const std::string& remote, Seconds age) {
  files[file_name("mess", id)] = "text\n";
  files[file_name("info", id)] = "F" + sender + std::string(1, '\0');
  times[file_name("info", id)] = now - age;
  if (!local.empty()) {
    files[file_name("local", id)] = local;
    times[file_name("local", id)] = now - age;
  }
  if (!remote.empty()) {
    files[file_name("remote", id)] = remote;
    times[file_name("remote", id)] = now - age;
  }
}

void World::give(const Event& event) {
  take(event);
}

bool World::take(const Event& event) {
  ++depth_;
  Actions actions = scheduler->handle(event, {now, steady});
  for (Action& action : actions) {
    act(action);
  }
  if (--depth_ == 0) {
    EXPECT_EQ(scheduler->trouble(), "");
  }
  return !actions.empty();
}

void World::act(Action& action) {
  std::visit([this](const auto& what) { perform(what); }, action);
}

void World::settle(bool list_todo) {
  if (list_todo && !exited) {
    list(false);
  }
  for (bool busy = true; busy && !exited;) {
    busy = take(Turn{});
    if (!pending_.empty()) {
      const Event event = pending_.front();
      pending_.pop_front();
      give(event);
      busy = true;
    }
  }
}

void World::settle_synced() {
  settle();
  steady += Durability::kGrace;
  settle(false);
}

void World::answer(const Order& order, const std::string& report) {
  give(Reported{order.channel,
                std::string(1, static_cast<char>(order.slot)) + report + std::string(1, '\0')});
  settle(false);
}

std::vector<World::Order> World::take_orders() {
  return std::exchange(orders_, {});
}

std::string World::take_log() {
  return std::exchange(log_, {});
}

void World::restart(const SchedulerConfig& config) {
  scheduler = std::make_unique<Scheduler>(config);
  pending_.clear();
  orders_.clear();
  by_hand.clear();
  log_.clear();
  exited = false;
}

void World::later(bool keep, const Event& event) {
  if (keep) {
    by_hand.push_back(event);
  } else {
    pending_.push_back(event);
  }
}

void World::remove(const std::string& name) {
  files.erase(name);
  times.erase(name);
}

void World::list(bool restart) {
  if (fails("list todo")) {
    give(TodoUnlistable{});
    return;
  }
  TodoListed listed;
  listed.restart = restart;
  for (const auto& [name, text] : files) {
    if (name.starts_with("todo/")) {
      listed.ids.emplace_back(std::stoull(name.substr(5)));
    }
  }
  give(listed);
}

void World::perform(const Log& action) {
  log_.append(action.line);
}

void World::perform(const ListTodo& /*action*/) {
  list(false);
}

void World::perform(const ExamineMessage& action) {
  MessageFound found{action.id, {}};
  for (const Channel channel : kChannels) {
    if (fails("stat " + name_of(channel, action.id))) {
      give(MessageUnknown{action.id, channel});
      return;
    }
    if (times.contains(name_of(channel, action.id))) {
      found.next_try[channel] = times[name_of(channel, action.id)];
      if (*found.next_try[channel] > now + kFarAhead) {
        found.birth = times[file_name("info", action.id.number())];
      }
    }
  }
  give(found);
}

void World::perform(const ReadTodo& action) {
  const std::uint64_t id = action.id.number();
  if (fails("open todo")) {
    give(TodoUnreadable{action.id, TodoFault::open});
    return;
  }
  if (!files.contains(file_name("mess", id))) {
    give(TodoUnreadable{action.id, TodoFault::stat});
    return;
  }
  TodoFound found{action.id, files[file_name("mess", id)].size(),
                  todo_part(files.at(file_name("todo", id)), 0), std::nullopt};
  found.wants_reports = wishes.contains(id);
  if (action.restart) {
    Leftovers leftovers;
    const auto examine = [&](const std::string& name, Time& time) {
      if (files.contains(name)) {
        time = times[name];
        leftovers.younger_than_todo =
            leftovers.younger_than_todo && time >= times[file_name("todo", id)];
      }
    };
    examine(file_name("info", id), leftovers.birth);
    if (files.contains(file_name("info", id))) {
      leftovers.info = files[file_name("info", id)];
    }
    for (const Channel channel : kChannels) {
      examine(name_of(channel, action.id), leftovers.next_try[channel]);
    }
    found.leftovers = leftovers;
  }
  give(found);
}

RecordChunk World::todo_part(const std::string& text, std::size_t offset) const {
  std::size_t end = offset;
  for (std::size_t record = 0; record < todo_records && end < text.size(); ++record) {
    end = std::min(text.find('\0', end), text.size() - 1) + 1;
  }
  return RecordChunk{offset, text.substr(offset, end - offset), end == text.size()};
}

void World::perform(const ReadTodoPart& action) {
  const std::string name = file_name("todo", action.id.number());
  if (fails("read todo") || !files.contains(name)) {
    give(TodoUnreadable{action.id, TodoFault::read});
    return;
  }
  if (action.first) {
    todo_offset_ = 0;
  }
  const RecordChunk chunk = todo_part(files[name], todo_offset_);
  todo_offset_ += chunk.records.size();
  give(TodoRead{action.id, chunk});
}

// The parts must add up to the whole list; they are compared with it at the last part.
void World::perform(const CompareTodo& action) {
  PerChannel<std::string>& parts = compared_[action.id.number()];
  if (action.first) {
    parts = {};
  }
  TodoCompared compared{action.id};
  for (const Channel channel : kChannels) {
    parts[channel] += action.recipients[channel];
    const std::string name = name_of(channel, action.id);
    const std::string text = files.contains(name) ? files[name] : std::string();
    std::string plain = text;
    for (std::size_t at = 0; at < plain.size() && plain.back() == '\0';
         at = plain.find('\0', at) + 1) {
      compared.done[channel] = compared.done[channel] && plain[at] == 'D';
      plain[at] = plain[at] == 'D' ? 'T' : plain[at];
    }
    compared.same = compared.same && plain.starts_with(parts[channel]) &&
                    (!action.last || plain == parts[channel]);
  }
  give(compared);
}

void World::perform(const WriteTodoResult& action) {
  const std::string info = file_name("info", action.id.number());
  if (action.remove_bounce) {
    remove(file_name("bounce", action.id.number()));
  }
  if (fails("create info")) {
    give(TodoWritten{action.id, WriteOutcome::info_not_created, "unable to create info"});
    return;
  }
  if (action.first) {
    files[info] = action.info;
    times[info] = now;
    for (const Channel channel : kChannels) {
      remove(name_of(channel, action.id));
    }
  }
  for (const Channel channel : kChannels) {
    const std::string name = name_of(channel, action.id);
    if (!action.recipients[channel].empty()) {
      if (fails("create " + name_of(channel))) {
        give(TodoWritten{action.id, WriteOutcome::failed, "unable to create " + name});
        return;
      }
      files[name] += action.recipients[channel];
      times[name] = now;
    }
  }
  give(TodoWritten{action.id, WriteOutcome::written, {}});
}

void World::perform(const SyncMessage& action) {
  ++syncs;
  later(sync_by_hand, Synced{action.id, !fails("sync")});
}

void World::perform(const AskClean& action) {
  const std::uint64_t id = action.id.number();
  const std::string kind = action.kind == mail::CleanKind::todo ? "todo" : "foop";
  cleans.push_back(file_name(kind, id));
  const bool success = !fails("clean " + kind);
  if (success) {
    remove(file_name("intd", id));
    remove(file_name(action.kind == mail::CleanKind::todo ? "todo" : "mess", id));
  }
  later(clean_by_hand, CleanAnswered{action.kind, action.id, success});
}

void World::perform(const OpenPass& action) {
  const std::string info = file_name("info", action.id.number());
  const std::string name = name_of(action.channel, action.id);
  if (!files.contains(info) || fails("open info")) {
    give(PassFailed{action.channel, action.id, PassFault::info});
  } else if (!files.contains(name) || fails("open " + name_of(action.channel))) {
    give(PassFailed{action.channel, action.id, PassFault::open});
  } else {
    std::string sender = files[info].substr(1);
    sender.pop_back();
    // Each chunk has only one record, so that every list has several chunks.
    RecordChunk chunk{0, files[name].substr(0, files[name].find('\0') + 1), false};
    chunk.last = chunk.records.empty();
    PassOpened opened{action.channel, action.id, sender, times[info], times[name], chunk};
    if (const auto wish = wishes.find(action.id.number()); wish != wishes.end()) {
      opened.dsn = wish->second;
    }
    give(opened);
  }
}

void World::perform(const ReadPass& action) {
  const std::string& text = files[name_of(action.channel, action.id)];
  if (fails("read " + name_of(action.channel))) {
    give(PassFailed{action.channel, action.id, PassFault::read});
    return;
  }
  if (action.offset >= text.size()) {
    give(PassRead{action.channel, RecordChunk{action.offset, {}, true}});
    return;
  }
  const std::size_t end = std::min(text.find('\0', action.offset), text.size() - 1);
  give(PassRead{
      action.channel,
      RecordChunk{action.offset, text.substr(action.offset, end + 1 - action.offset), false}});
}

void World::perform(const StartDelivery& action) {
  orders_.push_back(
      Order{action.channel, action.slot, action.id.number(), action.sender, action.recipient});
}

void World::perform(const MarkDone& action) {
  if (fails("mark")) {
    give(MarkFailed{action.channel, action.id, action.offset});
    return;
  }
  files.at(name_of(action.channel, action.id)).at(action.offset) = 'D';
}

void World::perform(const MarkAgain& action) {
  const bool success = !fails("mark");
  if (success) {
    files.at(name_of(action.channel, action.id)).at(action.offset) = 'D';
  }
  give(MarkedAgain{action.channel, action.id, action.offset, success});
}

void World::perform(const AppendBounce& action) {
  const bool success = !fails("append");
  if (success) {
    files[file_name("bounce", action.id.number())] += action.paragraph;
  }
  later(note_by_hand, BounceNoted{action.id, success});
}

void World::perform(const SendNotice& action) {
  if (!fails("notice")) {
    notices.push_back(action.request);
  }
  later(bounce_by_hand, NoticeSent{action.id, !fails("notice"), 98});
}

void World::perform(const InjectBounce& action) {
  const std::string name = file_name("bounce", action.id.number());
  if (action.sent) {
    const bool removed = !fails("unlink bounce");
    if (removed) {
      remove(name);
    }
    give(BounceInjected{action.id,
                        removed ? BounceOutcome::removed : BounceOutcome::not_removed, 0});
  } else if (!files.contains(name)) {
    give(BounceInjected{action.id, BounceOutcome::none, 0});
  } else if (fails("bounce")) {
    later(bounce_by_hand, BounceInjected{action.id, BounceOutcome::trouble, 0});
  } else {
    bounces.emplace_back(action.id.number(), files[name]);
    if (fails("unlink bounce")) {
      later(bounce_by_hand, BounceInjected{action.id, BounceOutcome::not_removed_sent, 77});
    } else {
      remove(name);
      later(bounce_by_hand, BounceInjected{action.id, BounceOutcome::sent, 77});
    }
  }
}

void World::perform(const HurryBounces& /*action*/) {
  hurried = true;
}

void World::perform(const RemoveRecipients& action) {
  const bool success = !fails("unlink " + name_of(action.channel));
  if (success) {
    remove(name_of(action.channel, action.id));
  }
  give(RecipientsRemoved{action.channel, action.id, success});
}

void World::perform(const RemoveInfo& action) {
  const bool success = !fails("unlink info");
  if (success) {
    remove(file_name("info", action.id.number()));
  }
  give(InfoRemoved{action.id, success});
}

void World::perform(const RemoveStrays& action) {
  remove(file_name("local", action.id.number()));
  remove(file_name("remote", action.id.number()));
}

void World::perform(const Retime& action) {
  if (fails("utime")) {
    give(RetimeFailed{action.channel, action.id});
    return;
  }
  times[name_of(action.channel, action.id)] = action.time;
}

void World::perform(const SetBirth& action) {
  times[file_name("info", action.id.number())] = action.birth;
}

void World::perform(const SweepLeftovers& /*action*/) {}

void World::perform(const RetryScan& /*action*/) {}

void World::perform(const Exit& /*action*/) {
  exited = true;
}

}  // namespace reqmail::scheduler::testing
