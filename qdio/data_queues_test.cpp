#include "qdio/data_queues.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/kit/queue_memory.h"

namespace vmlan::qdio {
namespace {

using kit::QueueMemory;

class Interrupts final : public QueueInterrupt {
 public:
  void post(unsigned device_index) override { posted.push_back(device_index); }
  std::vector<unsigned> posted;
};

class Queues : public ::testing::Test {
 protected:
  void start(unsigned outputs = 1, unsigned elements = 1, std::uint32_t element_size = 4096) {
    memory = std::make_unique<QueueMemory>(outputs, elements, element_size);
    queues = std::make_unique<DataQueues>(memory->storage(), AdapterKind::osd, 2, interrupts);
    ASSERT_EQ(queues->establish(memory->qdr()), EstablishResult::established);
    queues->activate();
  }
  Taken take(unsigned queue = 0) {
    return queues->take(queue, [this](const Frame& frame) {
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
    kit::put16(bytes.data() + (id == 2 ? 6 : 8), length);
    return bytes;
  }
  GiveResult give(const std::string& payload) {
    wire::Layer3Header head;
    const Segment segment{reinterpret_cast<const std::byte*>(payload.data()),
                          static_cast<std::uint32_t>(payload.size())};
    return queues->give({&head, 0x06, static_cast<std::uint16_t>(payload.size())}, &segment, 1,
                        segment.length);
  }
  std::string input_text(unsigned buffer, unsigned offset, std::size_t length) {
    return {reinterpret_cast<const char*>(memory->at(memory->data(0, buffer)) + offset), length};
  }

  Interrupts interrupts;
  std::unique_ptr<QueueMemory> memory;
  std::unique_ptr<DataQueues> queues;
  std::vector<std::string> packets;
  std::uint8_t answer = 0;
};

// --- ESTABLISH QUEUES

// The head of a QDR as Linux 6.1 qeth wrote it (observed): one input queue, four output queues.
TEST(Establish, CountsAndAddressesStandWhereLinuxPutsThem) {
  constexpr std::uint8_t observed[] = {0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
                                       0x00, 0x04, 0x00, 0x00, 0x00, 0x00};
  Qdr qdr;
  std::memcpy(reinterpret_cast<std::uint8_t*>(&qdr), observed, sizeof(observed));
  const std::uint8_t qib[] = {0, 0, 0, 0, 0x01, 0xbb, 0x70, 0x00};
  std::memcpy(reinterpret_cast<std::uint8_t*>(&qdr) + 0x30, qib, 8);
  const std::uint8_t descriptor[] = {0,    0,    0,    0,    0x01, 0xbb, 0xb0, 0x00, 0,    0,    0,    0,
                                     0x01, 0xbb, 0xb8, 0x00, 0,    0,    0,    0,    0x01, 0xbd, 0x2a, 0x00};
  std::memcpy(reinterpret_cast<std::uint8_t*>(&qdr) + 0x40, descriptor, sizeof(descriptor));
  EXPECT_EQ(qdr.input_queues, 1);
  EXPECT_EQ(qdr.output_queues, 4);
  EXPECT_EQ(qdr.qib, 0x01bb7000U);
  EXPECT_EQ(qdr.descriptors[0].slib, 0x01bbb000U);
  EXPECT_EQ(qdr.descriptors[0].sl, 0x01bbb800U);
  EXPECT_EQ(qdr.descriptors[0].slsb, 0x01bd2a00U);
}

TEST_F(Queues, EstablishTellsThePciOnOutputIsSupported) {
  start();
  EXPECT_EQ(*memory->at(QueueMemory::qib_at + 3), std::byte{0x40});
}

TEST_F(Queues, EstablishTouchesNoBufferState) {
  start();
  for (unsigned buffer = 0; buffer < 128; ++buffer) {
    EXPECT_EQ(memory->state(0, buffer), 0x80);
    EXPECT_EQ(memory->state(1, buffer), 0xa0);
  }
}

struct Refusal {
  const char* name;
  EstablishResult expected;
  void (*spoil)(QueueMemory&);
};

class EstablishRefuses : public ::testing::TestWithParam<Refusal> {};

TEST_P(EstablishRefuses, WithTheReason) {
  Interrupts interrupts;
  QueueMemory memory(4);
  GetParam().spoil(memory);
  DataQueues queues(memory.storage(), AdapterKind::osd, 2, interrupts);
  EXPECT_EQ(queues.establish(memory.qdr()), GetParam().expected);
  EXPECT_FALSE(queues.established());
  queues.activate();
  EXPECT_FALSE(queues.active());
}

const std::byte high[] = {std::byte{0x7f}, std::byte{0xff}};
INSTANTIATE_TEST_SUITE_P(
    All, EstablishRefuses,
    ::testing::Values(Refusal{"FormatOfTheOtherAdapter", EstablishResult::wrong_format,
                              [](QueueMemory& m) { m.qdr_bytes()[0] = std::byte{2}; }},
                      Refusal{"NoInputQueue", EstablishResult::wrong_count,
                              [](QueueMemory& m) { m.qdr_bytes()[5] = std::byte{0}; }},
                      Refusal{"FiveOutputQueues", EstablishResult::wrong_count,
                              [](QueueMemory& m) { m.qdr_bytes()[7] = std::byte{5}; }},
                      Refusal{"ShortDescriptor", EstablishResult::wrong_descriptor,
                              [](QueueMemory& m) { m.qdr_bytes()[9] = std::byte{7}; }},
                      Refusal{"QibOutsideStorage", EstablishResult::not_accessible,
                              [](QueueMemory& m) { std::memcpy(m.qdr_bytes() + 0x30, high, 2); }},
                      Refusal{"SlsbOutsideStorage", EstablishResult::not_accessible,
                              [](QueueMemory& m) { std::memcpy(m.qdr_bytes() + 0x50, high, 2); }},
                      Refusal{"SlOutsideStorage", EstablishResult::not_accessible,
                              [](QueueMemory& m) { std::memcpy(m.qdr_bytes() + 0x48, high, 2); }},
                      Refusal{"SbalOutsideStorage", EstablishResult::not_accessible,
                              [](QueueMemory& m) { std::memcpy(m.at(m.sl(4) + 127 * 8), high, 2); }},
                      Refusal{"SbalMisaligned", EstablishResult::misaligned,
                              [](QueueMemory& m) { *m.at(m.sl(1) + 7) = std::byte{0x10}; }},
                      Refusal{"SlsbMisaligned", EstablishResult::misaligned,
                              [](QueueMemory& m) { m.qdr_bytes()[0x57] = std::byte{0x80}; }},
                      Refusal{"SbalKeyRefuses", EstablishResult::not_accessible,
                              [](QueueMemory& m) { m.qdr_bytes()[0x40 + 0x1d] = std::byte{0x70}; }},
                      Refusal{"SlsbKeyRefuses", EstablishResult::not_accessible,
                              [](QueueMemory& m) { m.qdr_bytes()[0x40 + 0x1d] = std::byte{0x07}; }}),
    [](const auto& test) { return std::string(test.param.name); });

// --- Output

TEST_F(Queues, APrimedBufferIsTakenOnceAndComesBackEmpty) {
  start();
  auto packet = header(5);
  for (const char c : {'h', 'e', 'l', 'l', 'o'}) packet.push_back(std::byte(c));
  memory->prime_output(1, 0, packet);
  EXPECT_EQ(take().buffers, 1U);
  EXPECT_EQ(packets, std::vector<std::string>{"hello"});
  EXPECT_EQ(memory->state(1, 0), 0xa1);
  EXPECT_EQ(take().buffers, 0U);
  EXPECT_TRUE(interrupts.posted.empty());
}

TEST_F(Queues, APacketOfSeveralElementsIsOnePacket) {
  start(1, 3, 4096);
  auto head = header(6000);
  std::memcpy(memory->at(memory->data(1, 0)), head.data(), 32);
  std::memset(memory->at(memory->data(1, 0, 1)), 'a', 4096);
  std::memset(memory->at(memory->data(1, 0, 2)), 'b', 1904);
  memory->set_element(1, 0, 0, 0x04, 32, memory->data(1, 0, 0));
  memory->set_element(1, 0, 1, 0x08, 4096, memory->data(1, 0, 1));
  memory->set_element(1, 0, 2, 0x4c, 1904, memory->data(1, 0, 2));
  memory->set_state(1, 0, 0x62);
  take();
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(packets[0], std::string(4096, 'a') + std::string(1904, 'b'));
}

TEST_F(Queues, SeveralPacketsInOneBufferAreAllTaken) {
  start(1, 3, 64);
  for (unsigned index = 0; index < 3; ++index) {
    const auto head = header(1);
    std::memcpy(memory->at(memory->data(1, 0, index)), head.data(), 32);
    *memory->at(memory->data(1, 0, index) + 32) = std::byte('1' + static_cast<int>(index));
    memory->set_element(1, 0, index, index == 2 ? 0x40 : 0, 33, memory->data(1, 0, index));
  }
  memory->set_state(1, 0, 0x62);
  EXPECT_EQ(take().buffers, 1U);
  EXPECT_EQ(packets, (std::vector<std::string>{"1", "2", "3"}));
}

TEST_F(Queues, OneSigaTakesAtMostOneRing) {
  start();
  auto packet = header(1);
  packet.push_back(std::byte{'x'});
  for (unsigned buffer = 0; buffer < 128; ++buffer) memory->prime_output(1, buffer, packet);
  unsigned primed_again = 0;
  const Taken taken = queues->take(0, [&](const Frame&) {
    memory->set_state(1, primed_again++ % 128, 0x62);  // a guest that primes as we send
    return std::uint8_t{0};
  });
  EXPECT_EQ(taken.buffers, 128U);
}

TEST_F(Queues, ABufferThatAsksForItInterrupts) {
  start();
  auto packet = header(1);
  packet.push_back(std::byte{'x'});
  memory->prime_output(1, 0, packet);
  memory->element(1, 0, 0)[3] = std::byte{0x40};
  take();
  EXPECT_EQ(interrupts.posted, std::vector<unsigned>{2});
}

TEST_F(Queues, TheReceiversCodeBecomesTheBuffersResult) {
  start();
  auto packet = header(1);
  packet.push_back(std::byte{'x'});
  memory->prime_output(1, 0, packet);
  answer = 0x10;
  take();
  EXPECT_EQ(memory->state(1, 0), 0xaf);
  EXPECT_EQ(memory->element(1, 0, 15)[3], std::byte{0x10});
}

struct BadOutput {
  const char* name;
  void (*spoil)(QueueMemory&);
};
class BadOutputBuffer : public ::testing::TestWithParam<BadOutput> {};

TEST_P(BadOutputBuffer, GoesBackInErrorAndTheQueueGoesOn) {
  Interrupts interrupts;
  QueueMemory memory(1, 2, 4096);
  DataQueues queues(memory.storage(), AdapterKind::osd, 2, interrupts);
  ASSERT_EQ(queues.establish(memory.qdr()), EstablishResult::established);
  queues.activate();
  std::vector<std::byte> packet(33);
  packet[0] = std::byte{1};
  packet[9] = std::byte{1};
  memory.prime_output(1, 0, packet);
  memory.prime_output(1, 1, packet);
  GetParam().spoil(memory);
  unsigned received = 0;
  const Taken taken = queues.take(0, [&](const Frame&) {
    ++received;
    return std::uint8_t{0};
  });
  EXPECT_EQ(taken.buffers, 2U);
  EXPECT_EQ(taken.malformed, 1U);
  EXPECT_EQ(received, 1U);
  EXPECT_EQ(memory.state(1, 0), 0xaf);
  EXPECT_NE(memory.element(1, 0, 15)[3], std::byte{0});
  EXPECT_EQ(memory.state(1, 1), 0xa1);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadOutputBuffer,
    ::testing::Values(
        BadOutput{"AddressOutsideStorage",
                  [](QueueMemory& m) { kit::put64(m.element(1, 0, 0) + 8, 0x7fffffffffff0000); }},
        BadOutput{"LengthOutsideStorage",
                  [](QueueMemory& m) { kit::put32(m.element(1, 0, 0) + 4, 0xffffffff); }},
        BadOutput{"ShorterThanAHeader", [](QueueMemory& m) { kit::put32(m.element(1, 0, 0) + 4, 31); }},
        BadOutput{"HeaderPromisesMore", [](QueueMemory& m) { *m.at(m.data(1, 0) + 8) = std::byte{0xff}; }},
        BadOutput{"UnknownHeader", [](QueueMemory& m) { *m.at(m.data(1, 0)) = std::byte{0x55}; }},
        BadOutput{"EmptyPacket", [](QueueMemory& m) { *m.at(m.data(1, 0) + 9) = std::byte{0}; }},
        BadOutput{"FragmentWithoutBeginning",
                  [](QueueMemory& m) { m.element(1, 0, 0)[0] = std::byte{0x48}; }},
        BadOutput{"FragmentWithoutEnd", [](QueueMemory& m) { m.element(1, 0, 0)[0] = std::byte{0x44}; }},
        BadOutput{"BeginningInsideAPacket",
                  [](QueueMemory& m) {
                    m.element(1, 0, 0)[0] = std::byte{0x04};
                    m.set_element(1, 0, 1, 0x44, 33, m.data(1, 0));
                  }}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(Queues, AStateThatIsNotOursIsLeftAlone) {
  start();
  for (unsigned state = 0; state < 256; ++state) {
    if (state == 0x62) continue;
    memory->set_state(1, 0, state);
    EXPECT_EQ(take().buffers, 0U);
    EXPECT_EQ(memory->state(1, 0), state);
  }
}

// --- Input

TEST_F(Queues, ADatagramLiesInTheNextEmptyBufferWithExactLength) {
  start();
  memory->empty_input(128);
  EXPECT_EQ(give("datagram"), GiveResult::given);
  queues->publish();
  EXPECT_EQ(memory->state(0, 0), 0x82);
  EXPECT_EQ(input_text(0, 32, 8), "datagram");
  EXPECT_EQ(memory->element(0, 0, 0)[0], std::byte{0x40});
  EXPECT_EQ(kit::get32(memory->element(0, 0, 0) + 4), 40U);
  EXPECT_EQ(interrupts.posted, std::vector<unsigned>{2});
  EXPECT_EQ(memory->state(0, 1), 0x41);
}

TEST_F(Queues, EmptyBufferIsNotTakenTwice) {
  start();
  memory->empty_input(1);
  EXPECT_EQ(give("one"), GiveResult::given);
  EXPECT_EQ(give("two"), GiveResult::no_empty_buffer);
  EXPECT_EQ(input_text(0, 32, 3), "one");
}

TEST_F(Queues, PackedDatagramsFollowEachOther) {
  start();
  memory->empty_input(8);
  queues->set_packing(true);
  give("one");
  give("three");
  EXPECT_EQ(memory->state(0, 0), 0x41) << "primed before it was published";
  queues->publish();
  EXPECT_EQ(memory->state(0, 0), 0x82);
  EXPECT_EQ(memory->state(0, 1), 0x41);
  EXPECT_EQ(input_text(0, 32, 3), "one");
  EXPECT_EQ(input_text(0, 32 + 3 + 32, 5), "three");
  EXPECT_EQ(kit::get32(memory->element(0, 0, 0) + 4), 32U + 3 + 32 + 5);
}

TEST_F(Queues, APackedHeaderNeverCrossesAnElement) {
  start(1, 2, 100);
  memory->empty_input(8);
  queues->set_packing(true);
  give(std::string(50, 'a'));  // 18 bytes are left in element 0: no room for a header
  give("b");
  queues->publish();
  EXPECT_EQ(kit::get32(memory->element(0, 0, 0) + 4), 82U);
  EXPECT_EQ(memory->element(0, 0, 0)[0], std::byte{0});
  EXPECT_EQ(kit::get32(memory->element(0, 0, 1) + 4), 33U);
  EXPECT_EQ(memory->element(0, 0, 1)[0], std::byte{0x40});
}

TEST_F(Queues, ALongDatagramFillsSeveralElements) {
  start(1, 4, 4096);
  memory->empty_input(2);
  std::string payload(9000, 'p');
  payload[4063] = 'q';
  payload[4064] = 'r';
  ASSERT_EQ(give(payload), GiveResult::given);
  EXPECT_EQ(kit::get32(memory->element(0, 0, 0) + 4), 4096U);
  EXPECT_EQ(kit::get32(memory->element(0, 0, 2) + 4), 9000U + 32 - 8192);
  EXPECT_EQ(memory->element(0, 0, 2)[0], std::byte{0x40});
  EXPECT_EQ(*memory->at(memory->data(0, 0, 1) - 1), std::byte{'q'});
  EXPECT_EQ(*memory->at(memory->data(0, 0, 1)), std::byte{'r'});
}

TEST_F(Queues, ATooLongDatagramLeavesTheBufferEmpty) {
  start(1, 2, 4096);
  memory->empty_input(2);
  EXPECT_EQ(give(std::string(8192 - 31, 'x')), GiveResult::too_long);
  EXPECT_EQ(memory->state(0, 0), 0x41);
  EXPECT_EQ(give(std::string(8192 - 32, 'x')), GiveResult::given);
}

TEST_F(Queues, AnUnusableSbalGoesBackInErrorWithoutLosingPackedDatagrams) {
  start(1, 2, 100);
  memory->empty_input(3);
  kit::put64(memory->element(0, 0, 1) + 8, 0x7fffffffffff0000);
  queues->set_packing(true);
  EXPECT_EQ(give("kept"), GiveResult::given);
  EXPECT_EQ(give(std::string(90, 'x')), GiveResult::given) << "goes to the next buffer";
  queues->publish();
  EXPECT_EQ(memory->state(0, 0), 0x82);
  EXPECT_EQ(input_text(0, 32, 4), "kept");
  EXPECT_EQ(memory->state(0, 1), 0x82);
  kit::put64(memory->element(0, 2, 0) + 8, 0x7fffffffffff0000);
  EXPECT_EQ(give("lost"), GiveResult::buffer_error);
  EXPECT_EQ(memory->state(0, 2), 0x8f);
  EXPECT_NE(memory->element(0, 2, 15)[3], std::byte{0});
}

TEST_F(Queues, StorageKeysAreHonouredAndChangesRecorded) {
  start();
  memory->empty_input(2);
  const auto page = memory->data(0, 0);
  memory->storage().set_storage_key(page, 0);
  give("x");
  EXPECT_EQ(memory->storage().storage_key(page), arch::storage_key_referenced | arch::storage_key_changed);
}

TEST_F(Queues, NothingIsTouchedAfterStop) {
  start();
  memory->empty_input(2);
  queues->stop();
  EXPECT_EQ(give("x"), GiveResult::no_empty_buffer);
  EXPECT_EQ(memory->state(0, 0), 0x41);
  EXPECT_FALSE(queues->next_input_buffer());
}

TEST_F(Queues, TheNextInputBufferIsTheOneThatIsFilledNext) {
  start();
  memory->empty_input(128);
  for (unsigned round = 0; round < 300; ++round) {
    const auto next = queues->next_input_buffer();
    ASSERT_TRUE(next);
    EXPECT_EQ(next->buffer, round % 128);
    EXPECT_EQ(next->sbal, memory->sbal(0, round % 128));
    EXPECT_EQ(next->storage, memory->data(0, round % 128));
    ASSERT_EQ(give("r"), GiveResult::given);
    EXPECT_EQ(*memory->at(next->storage + 32), std::byte{'r'});
    memory->reset_input(round % 128);
  }
}

// --- State machine

TEST(BufferStates, TheAdapterChangesOnlyWhatItOwns) {
  unsigned allowed = 0;
  for (unsigned from = 0; from < 256; ++from) {
    for (unsigned to = 0; to < 256; ++to) {
      const auto a = static_cast<BufferState>(from);
      const auto b = static_cast<BufferState>(to);
      if (!may_follow(a, b)) continue;
      ++allowed;
      EXPECT_EQ(owner(a), Owner::adapter);
      EXPECT_EQ(owner(b), Owner::program);
    }
  }
  EXPECT_EQ(allowed, 7U);
}

}  // namespace
}  // namespace vmlan::qdio
