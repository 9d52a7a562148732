#include "cms/stack/lwip_heap.h"

#include <cstdlib>

namespace vmlan::cms {

LwipHeap::~LwipHeap() {
  while (blocks_ != nullptr) {
    Block* next = blocks_->next;
    std::free(blocks_);
    blocks_ = next;
  }
}

void* LwipHeap::allocate(std::size_t size) noexcept {
  if (size > always_granted && (size > limit_bytes || in_use_ > limit_bytes - size)) return nullptr;
  auto* block = static_cast<Block*>(std::malloc(sizeof(Block) + size));
  if (block == nullptr) return nullptr;
  *block = {blocks_, &blocks_, size, 0};
  if (blocks_ != nullptr) blocks_->link = &block->next;
  blocks_ = block;
  in_use_ += size;
  return block + 1;
}

void LwipHeap::release(void* memory) noexcept {
  if (memory == nullptr) return;
  Block* block = static_cast<Block*>(memory) - 1;
  *block->link = block->next;
  if (block->next != nullptr) block->next->link = block->link;
  in_use_ -= block->size;
  std::free(block);
}

}  // namespace vmlan::cms
