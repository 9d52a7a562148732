// The queue engine over queues laid out by hand, and the verbs its tests use.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "qdio/queues/data_queues.h"
#include "tests/kit/queue_memory.h"

namespace vmlan::kit {

class PostedInterrupts final : public qdio::QueueInterrupt {
 public:
  void post(unsigned device_index) override { posted.push_back(device_index); }
  std::vector<unsigned> posted;
};

class QueuesFixture : public ::testing::Test {
 protected:
  void start(unsigned outputs = 1, unsigned elements = 1, std::uint32_t element_size = 4096) {
    memory = std::make_unique<QueueMemory>(outputs, elements, element_size);
    queues = std::make_unique<qdio::DataQueues>(memory->storage(), qdio::AdapterKind::osd, 2, interrupts);
    ASSERT_EQ(queues->establish(memory->qdr()), qdio::EstablishResult::established);
    queues->activate();
  }
  qdio::Taken take(unsigned queue = 0) {
    return queues->take(queue, [this](const qdio::Frame& frame) {
      std::string payload;
      for (unsigned index = 0; index < frame.segments; ++index) {
        payload.append(reinterpret_cast<const char*>(frame.segment[index].data), frame.segment[index].length);
      }
      packets.push_back(payload);
      return answer;
    });
  }
  // header of `length` payload bytes
  static std::vector<std::byte> header(std::uint16_t length, std::uint8_t id = 1) {
    std::vector<std::byte> bytes(32);
    bytes[0] = std::byte{id};
    put16(bytes.data() + (id == 2 ? 6 : 8), length);
    return bytes;
  }
  qdio::GiveResult give(const std::string& payload) {
    wire::Layer3Header head;
    const qdio::Segment segment{reinterpret_cast<const std::byte*>(payload.data()),
                                static_cast<std::uint32_t>(payload.size())};
    return queues->give({&head, 0x06, static_cast<std::uint16_t>(payload.size())}, &segment, 1,
                        segment.length);
  }
  std::string input_text(unsigned buffer, unsigned offset, std::size_t length) {
    return {reinterpret_cast<const char*>(memory->at(memory->data(0, buffer)) + offset), length};
  }

  PostedInterrupts interrupts;
  std::unique_ptr<QueueMemory> memory;
  std::unique_ptr<qdio::DataQueues> queues;
  std::vector<std::string> packets;
  std::uint8_t answer = 0;
};

}  // namespace vmlan::kit
