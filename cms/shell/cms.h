// CMS: what a user runs in its virtual machine. A small shell over the machine's console and minidisks, with
// a TCP/IP stack of its own; everything it does not know goes to CP.
//
// A deviation from the real thing, made on purpose: the real CMS is one user's file system and command
// processor, and TCP/IP a server virtual machine of its own. Here each user is its own TCP/IP server.
#pragma once

#include <memory>

#include "arch/machine.h"

namespace vmlan::cms {

// The program "IPL CMS" starts; `machine` must outlive it.
std::unique_ptr<arch::Program> make_cms(arch::Machine& machine);

}  // namespace vmlan::cms
