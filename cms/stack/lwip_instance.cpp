#include "cms/stack/lwip_instance.h"

#include <chrono>

namespace vmlan::cms {

std::unique_ptr<LwipInstance> LwipInstance::create(const arch::Clock& clock, std::uint64_t seed,
                                                   std::string& error) {
  std::unique_ptr<LwipInstance> instance(new LwipInstance(clock, seed));
  instance->library_ = LwipLibrary::load(error);
  if (instance->library_ == nullptr) return nullptr;
  if (!resolve(*instance->library_, instance->functions_, error)) return nullptr;
  (*instance)->lwip_init();
  return instance;
}

std::uint32_t LwipInstance::now_ms() const noexcept {
  // Wraps after 49 days; lwIP compares modulo 2**32.
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now()).count());
}

}  // namespace vmlan::cms
