// A host without a queue of its own (mini-qmail): its qmail-queue is qmail-qmqpc, which hands
// each message to another host by QMQP. There are no daemons, and there need not be accounts.
#pragma once

#include <string>
#include <vector>

#include "survey/findings.h"
#include "survey/inspection.h"
#include "survey/request.h"

namespace reqmail::survey {

// Whether HOME/bin/qmail-queue is qmail-qmqpc: a link to one, or a copy of the one beside it.
bool queues_elsewhere(const std::string& home);

// The same where no qmail-send serves a queue here: programs alone are replaced.
bool is_mini_host(const std::string& home);

// Whether some program there lets other hosts' mail in: then what is to be said of control
// files, scripts and accounts is what is to be said of every host.
bool takes_mail_in(const std::string& home);

// Where mail goes, and what would keep it from going there. Nothing is sent.
std::vector<Finding> check_mini_host(const std::string& home, const QueueFacts& queue);

// Makes the findings on control files harmless that no program of such a host reads: those on
// most files.
std::vector<Finding> check_mini_control(const std::string& home, std::vector<Finding> findings);

// The finding for a qmail-queue that is qmail-qmqpc although a qmail-send serves a queue.
Finding odd_queue_program(const std::string& home);

}  // namespace reqmail::survey
