// What every copy of lwIP asks of its platform, answered here for the instance being called. The linker
// exports these C functions from the program (cms/layer.cmake), so the loader binds each copy to them
// instead of to the copy's own: "lwip/sys.h", "lwip/mem.h", "lwip/tcpip.h" and rand() of the C library,
// which is lwIP's source of chance (LWIP_RAND in "arch/cc.h").
#include <dlfcn.h>
#include <lwip/mem.h>
#include <lwip/sys.h>
#include <lwip/tcpip.h>

#include <cstdlib>
#include <cstring>

#include "cms/stack/lwip_instance.h"

namespace {

// Which instance is being called on this thread; nullptr outside of lwIP.
thread_local vmlan::cms::LwipInstance* current = nullptr;

}  // namespace

namespace vmlan::cms {

LwipInstance::Call::Call(LwipInstance& instance) noexcept
    : functions_(&instance.functions_), previous_(current) {
  current = &instance;
}

LwipInstance::Call::~Call() { current = previous_; }

}  // namespace vmlan::cms

extern "C" {

u32_t sys_now(void) { return current == nullptr ? 0 : current->now_ms(); }

// Everybody else in the program gets the C library's.
int rand(void) noexcept {
  if (current != nullptr) return static_cast<int>(current->random());
  static const auto library_rand = reinterpret_cast<int (*)()>(dlsym(RTLD_NEXT, "rand"));
  return library_rand == nullptr ? 0 : library_rand();
}

// lwIP would hand a packet to its own address over to its thread; there is none. Refused, it leaves the
// packet in the interface's list, and Stack::poll() fetches it there.
err_t tcpip_try_callback(tcpip_callback_fn, void*) { return ERR_MEM; }

// One thread per stack: nothing to protect, and a mutex per packet buffer saved.
sys_prot_t sys_arch_protect(void) { return 0; }
void sys_arch_unprotect(sys_prot_t) {}

// lwIP's own routing knows the interfaces' subnets and one default; ours has GATEWAY routes too.
struct netif* ip4_route(const ip4_addr_t* destination) {
  return current == nullptr ? nullptr : current->route(*destination);
}

void* mem_malloc(mem_size_t size) { return current == nullptr ? nullptr : current->heap().allocate(size); }

void* mem_calloc(mem_size_t count, mem_size_t size) {
  void* memory =
      size != 0 && count > vmlan::cms::LwipHeap::limit_bytes / size ? nullptr : mem_malloc(count * size);
  return memory == nullptr ? nullptr : std::memset(memory, 0, count * size);
}

void mem_free(void* memory) {
  if (current != nullptr) current->heap().release(memory);
}

}  // extern "C"
