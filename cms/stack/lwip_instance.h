// A TCP/IP stack of one user's own: a private copy of lwIP with private time, chance and memory.
//
// lwIP asks its platform for the time, for random numbers and for memory by calling functions without
// any argument that names the stack. The program exports these functions (cms/stack/lwip_platform.cpp), every
// copy binds to them, and they answer for the instance whose function is being called. Therefore a
// function of lwIP is called through operator-> only:
//
//   lwip->tcp_output(pcb);
//
// Owns: the copy and all memory it allocated. Threads: one at a time; lwIP's own threads are never started.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "arch/clock.h"
#include "cms/stack/lwip_functions.h"
#include "cms/stack/lwip_heap.h"
#include "cms/stack/lwip_library.h"

namespace vmlan::cms {

// Which interface an IPv4 packet leaves by; nullptr: none leads there.
class RouteFinder {
 public:
  virtual ~RouteFinder() = default;
  virtual struct netif* route(const ip4_addr_t& destination) = 0;
};

class LwipInstance {
 public:
  // nullptr: `error` says why. `clock` must outlive the instance.
  static std::unique_ptr<LwipInstance> create(const arch::Clock& clock, std::uint64_t seed,
                                              std::string& error);
  LwipInstance(const LwipInstance&) = delete;
  LwipInstance& operator=(const LwipInstance&) = delete;

  // For the length of one call this instance is the one that asks its platform.
  class Call {
   public:
    explicit Call(LwipInstance& instance) noexcept;
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    const LwipFunctions* operator->() const noexcept { return functions_; }

   private:
    const LwipFunctions* functions_;
    LwipInstance* previous_;
  };
  Call operator->() noexcept { return Call(*this); }

  // lwIP's lists and tables, to look at.
  const LwipFunctions& data() const noexcept { return functions_; }

  std::uint32_t now_ms() const noexcept;
  std::uint32_t random() noexcept {
    return static_cast<std::uint32_t>(prng_.next() >> 33U);
  }  // as rand(): 31 bits
  LwipHeap& heap() noexcept { return heap_; }
  // Until there is one, no packet leaves.
  void set_route_finder(RouteFinder* finder) noexcept { route_finder_ = finder; }
  struct netif* route(const ip4_addr_t& destination) const {
    return route_finder_ == nullptr ? nullptr : route_finder_->route(destination);
  }

 private:
  LwipInstance(const arch::Clock& clock, std::uint64_t seed) : clock_(clock), prng_(seed) {}

  const arch::Clock& clock_;
  arch::Prng prng_;
  RouteFinder* route_finder_ = nullptr;
  LwipHeap heap_;
  std::unique_ptr<LwipLibrary> library_;
  LwipFunctions functions_{};
};

}  // namespace vmlan::cms
